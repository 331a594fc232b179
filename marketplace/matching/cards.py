"""Matches as pages show them: cards with reasons, and several side by side."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.components import Comparison, ComparisonRow, Fact, Reason, Tile, Verdict
from common.display import grouped, money_text
from common.money import yuan_text
from marketplace.matching import after_use, preparing, wording
from marketplace.matching.after_use import Moved
from marketplace.matching.explaining import exclusions_of
from marketplace.matching.models import Match, Need
from marketplace.matching.rules.scoring import FULL
from providers import marks
from providers.models import Figure, FigureName, Layer
from providers.rules.marks import weakest

SHOWN_POINTS = 1000
"""Scores are shown from 0 to 100: a hundred thousandths become one hundredth."""


@dataclass(frozen=True, slots=True)
class Points:
    """One component of a score, as shown."""

    label: str
    points: str
    weight: int


@dataclass(frozen=True, slots=True)
class Card:
    """A match ready to show; `reasons` say which limits it breaks, `lacks` what it misses."""

    match: Match
    tiles: list[Tile]
    chain: list[Fact]
    points: list[Points]
    reasons: list[Reason]
    lacks: list[str]
    warning: str = ""
    moved: Moved | None = None

    @property
    def score(self) -> str:
        """The score from 0 to 100."""
        return score_text(self.match)


def cards_of(matches: Sequence[Match]) -> list[Card]:
    """Cards in the order given."""
    return [card_of(match) for match in matches]


def card_of(match: Match) -> Card:
    """One match with its figures and reasons in words."""
    reasons = [Reason(row.title, Verdict.FAIL, row.detail) for row in exclusions_of(match)]
    return Card(
        match,
        _tiles(match),
        _chain(match),
        _points(match),
        reasons,
        wording.lacks_of(match),
        preparing.warning_of(match.need, match),
        after_use.moved(match),
    )


def score_text(match: Match) -> str:
    """A score from 0 to 100 with one decimal, rounded down."""
    tenths = match.score * 10 // SHOWN_POINTS
    return f"{tenths // 10}.{tenths % 10}"


def days_text(days: int) -> str:
    """A number of days in words."""
    if days == 0:
        return _("The same day")
    return ngettext("%(days)d day", "%(days)d days", days) % {"days": days}


def facts_of(need: Need) -> list[Fact]:
    """What was asked for."""
    chips = _("Domestic only") if need.needs_domestic_chip else _("Any")
    return [
        Fact(_("Monthly volume"), wording.volume_text(need)),
        Fact(_("Monthly budget"), money_text(need.monthly_budget_fen)),
        Fact(_("Data may live in"), wording.place_name(need.region)),
        Fact(_("Latency"), wording.latency_text(need.latency_us)),
        Fact(_("Chips"), chips),
    ]


def public_facts_of(need: Need) -> list[Fact]:
    """What was asked for, as far as it may be passed on: without the budget."""
    return [fact for fact in facts_of(need) if fact.key != _("Monthly budget")]


@dataclass(frozen=True, slots=True)
class PublicRow:
    """A bundle that fits, at its list price; what vouchers pay is its firm's own affair."""

    match: Match
    chain: list[Fact]


def public_rows(matches: Iterable[Match]) -> list[PublicRow]:
    """Bundles that fit, best first."""
    return [PublicRow(match, _chain(match)) for match in matches]


def form_values(need: Need) -> dict[str, str]:
    """A need as values of the form, to start another one from it."""
    return {
        "monthly_volume": str(need.monthly_volume),
        "monthly_budget": yuan_text(need.monthly_budget_fen),
        "region": need.region,
        "latency": str(need.latency_us or ""),
        "needs_domestic_chip": "on" if need.needs_domestic_chip else "",
        **{f"{subject}_ready": answer for subject, answer in need.readiness.items()},
    }


def query_of(values: dict[str, str]) -> str:
    """Form values as a query; empty ones are left out."""
    return urlencode({name: value for name, value in values.items() if value})


def comparison_of(
    matches: Sequence[Match], *, figures: Iterable[Figure] = (), is_short: bool = False
) -> Comparison:
    """Up to four matches side by side; the best of each row is marked where smaller is better.

    `figures`: what their offerings declare. A short one has only the rows in which they differ.
    """
    rows = [
        _money_row(_("Price before vouchers, a month"), [row.price_fen for row in matches]),
        _plain_row(_("Paid by vouchers"), [money_text(row.voucher_fen) for row in matches]),
        _money_row(_("Your share, a month"), [row.own_fen for row in matches]),
        _money_row(_("Cost to start"), [row.bundle.start_cost_fen for row in matches]),
        _days_row(_("Days to first use"), [row.bundle.days_to_first_use for row in matches]),
        _days_row(_("Notice period"), [row.bundle.notice_days for row in matches]),
        _latency_row(matches),
        _plain_row(_("Operated by"), [row.bundle.get_operated_by_display() for row in matches]),
        *_figure_rows(matches, figures),
        *_layer_rows(matches),
        _plain_row(_("Does not include"), [_lacks_text(row) for row in matches]),
        _plain_row(_("Limits broken"), [_broken_text(row) for row in matches]),
        _plain_row(_("Rank"), [str(row.rank or "—") for row in matches]),
        _plain_row(_("Rank without long use"), [_unused_text(row) for row in matches]),
    ]
    shown = [row for row in rows if row.differs or not is_short]
    return Comparison(_("Bundles side by side"), [row.bundle.name for row in matches], shown)


def _tiles(match: Match) -> list[Tile]:
    bundle, latency = match.bundle, match.reasons["latency_us"]
    return [
        Tile(
            _("Your share, a month"),
            money_text(match.own_fen),
            _("%(price)s before vouchers, of which vouchers pay %(voucher)s")
            % {"price": money_text(match.price_fen), "voucher": money_text(match.voucher_fen)},
        ),
        Tile(_("Cost to start"), money_text(bundle.start_cost_fen)),
        Tile(
            _("Days to first use"),
            days_text(bundle.days_to_first_use),
            _("Operated by: %(operator)s") % {"operator": bundle.get_operated_by_display()},
        ),
        Tile(_("Latency"), _("Not stated") if latency is None else wording.milliseconds(latency)),
    ]


def _chain(match: Match) -> list[Fact]:
    """Each offering with its provider and what it costs."""
    return [
        Fact(
            Layer(part["layer"]).label,
            _("%(offering)s, by %(provider)s. %(cost)s")
            % {
                "offering": part["name"],
                "provider": part["provider"],
                "cost": _cost_text(match, part["offering"]),
            },
        )
        for part in match.reasons["parts"]
    ]


def _cost_text(match: Match, offering: str) -> str:
    lines = [line for line in match.reasons["lines"] if line["offering"] == offering]
    if not lines:
        return _("Not used in this scenario.")
    return " + ".join(
        _("%(meter)s: %(units)s, %(amount)s")
        % {
            "units": wording.units_text(line["meter"], line["units"]),
            "meter": wording.meter_name(line["meter"]),
            "amount": money_text(line["amount_fen"]),
        }
        for line in lines
    )


def _points(match: Match) -> list[Points]:
    return [
        Points(
            str(wording.COMPONENTS[part["name"]]),
            f"{grouped(part['points'])} / {grouped(FULL)}",
            part["weight"],
        )
        for part in match.reasons["components"]
    ]


def _money_row(label: str, amounts: list[int]) -> ComparisonRow:
    return ComparisonRow(label, [money_text(fen) for fen in amounts], _smallest(amounts))


def _days_row(label: str, days: list[int]) -> ComparisonRow:
    return ComparisonRow(label, [days_text(number) for number in days], _smallest(days))


def _latency_row(matches: Sequence[Match]) -> ComparisonRow:
    values = [row.reasons["latency_us"] for row in matches]
    cells = [_("Not stated") if value is None else wording.milliseconds(value) for value in values]
    best = None if None in values else _smallest(values)
    return ComparisonRow(_("Latency"), cells, best)


def _plain_row(label: str, cells: list[Any]) -> ComparisonRow:
    return ComparisonRow(label, cells)


def _figure_rows(matches: Sequence[Match], figures: Iterable[Figure]) -> list[ComparisonRow]:
    """Each figure of the part a whole chain stands by, with what it rests on."""
    shown: dict[str, dict[str, marks.Shown]] = defaultdict(dict)
    for figure in figures:
        shown[figure.name][figure.offering.code] = marks.shown_of([figure])[0]
    return [
        _plain_row(
            _("%(figure)s, of the weakest part") % {"figure": name.label},
            [_weakest_text(row, shown[name]) for row in matches],
        )
        for name in FigureName
        if name in shown
    ]


def _weakest_text(match: Match, shown: Mapping[str, marks.Shown]) -> str:
    found = [
        shown[part["offering"]] for part in match.reasons["parts"] if part["offering"] in shown
    ]
    if not found:
        return _("Not stated")
    worst = found[weakest(found[0].name, [each.value for each in found])]
    return f"{worst.text} · {worst.mark.label}"


def _layer_rows(matches: Sequence[Match]) -> list[ComparisonRow]:
    found = [(layer, [_names_on(row, layer.value) for row in matches]) for layer in Layer]
    return [_plain_row(str(layer.label), cells) for layer, cells in found if any(cells)]


def _names_on(match: Match, layer: str) -> str:
    return "、".join(part["name"] for part in match.reasons["parts"] if part["layer"] == layer)


def _lacks_text(match: Match) -> str:
    return "、".join(wording.lacks_of(match)) or _("Nothing is missing")


def _unused_text(match: Match) -> str:
    return str((match.reasons.get("use") or {}).get("rank_unused") or "—")


def _broken_text(match: Match) -> str:
    return "、".join(dict.fromkeys(row.title for row in exclusions_of(match))) or _("None")


def _smallest(values: list[int]) -> int | None:
    """The index of the one smallest value; none when several share it."""
    least = min(values)
    return values.index(least) if values.count(least) == 1 else None
