"""Protocols and plans as pages show them: plain figures with their words."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from accounts.rules import industries
from accounts.wording import language
from common.components import Fact
from common.display import grouped, money_text
from marketplace.catalog.models import Bundle
from marketplace.clearing import wording
from marketplace.clearing.models import ClearingRound, Outcome, RoundOutcome
from marketplace.clearing.rules import masking
from marketplace.matching.wording import purpose_of
from vouchers.grants.models import Scheme

HUNDREDTHS = 100


@dataclass(frozen=True, slots=True)
class Line:
    """A name with its count; None is hidden."""

    name: str
    count: int | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a protocol tells. `counts` are masked where the page is public."""

    facts: list[Fact]
    yardsticks: list[tuple[str, int, str]]
    money: list[tuple[str, int, int]]
    floors: list[tuple[str, str, str]]
    sections: list[Line]
    outcomes: list[Line]
    is_masked: bool = False


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One need with what it got and why not more."""

    outcome: RoundOutcome
    purpose: str
    reasons: list[str] = field(default_factory=list)


def sheet_of(clearing: ClearingRound, *, is_public: bool) -> Sheet:
    """The protocol of a round that has a plan. One query."""
    figures = clearing.figures
    sections = dict.fromkeys(sorted(industries.COVERED), 0) | figures["served_by_section"]
    served = list(sections.values())
    outcomes = [figures["outcomes"].get(value, 0) for value in Outcome.values]
    shown: list[int | None] = list(served)
    told: list[int | None] = list(outcomes)
    if is_public:
        shown, _total = masking.masked_counts(served)
        told, _needs = masking.masked_counts(outcomes)
    return Sheet(
        facts=_facts(clearing),
        yardsticks=_yardsticks(figures),
        money=_money(figures),
        floors=_floors(clearing),
        sections=[
            Line(section_name(letter), count) for letter, count in zip(sections, shown, strict=True)
        ],
        outcomes=[
            Line(str(Outcome(value).label), count)
            for value, count in zip(Outcome.values, told, strict=True)
        ],
        is_masked=is_public,
    )


def section_name(letter: str) -> str:
    """A section's letter and name."""
    section = industries.SECTIONS[letter]
    return f"{letter} {section.name_en if language().startswith('en') else section.name}"


def plan_rows(rows: list[RoundOutcome]) -> list[PlanRow]:
    """Outcomes of one page with their reasons. Two queries."""
    missed = [each for row in rows for each in row.missed]
    names = _names({each["bundle"] for each in missed}, {each["scheme"] for each in missed})
    return [
        PlanRow(row, purpose_of(row.need), wording.missed_lines(row.missed, names)) for row in rows
    ]


def _names(bundles: set[str], schemes: set[str]) -> dict[str, str]:
    found = dict(Bundle.objects.filter(code__in=bundles).values_list("code", "name"))
    return found | {row.code: row.title for row in Scheme.objects.filter(code__in=schemes)}


def _facts(clearing: ClearingRound) -> list[Fact]:
    figures = clearing.figures
    gap = grouped(Decimal(figures["gap_millionths"]) / 10_000, 4)
    return [
        Fact(_("Needs in the round"), grouped(figures["needs"])),
        Fact(_("Needs served"), grouped(figures["served"])),
        Fact(
            _("Value of the plan"), _("%(points)s points") % {"points": grouped(figures["value"])}
        ),
        Fact(
            _("No plan can be worth more than"),
            _("%(points)s points, proven; the plan stays %(gap)s %% below it")
            % {"points": grouped(figures["bound"]), "gap": gap},
        ),
        Fact(_("Bundles without a free place"), grouped(figures["full_offerings"])),
        Fact(_("Seed"), str(figures["seed"])),
    ]


def _yardsticks(figures: dict[str, Any]) -> list[tuple[str, int, str]]:
    """Name, points, and how the plan compares, in percent."""
    rows = [
        (_("This plan"), figures["value"]),
        (_("Most points first (greedy), without floors"), figures["greedy"]),
        (_("First come, first served, without floors"), figures["first_come"]),
    ]
    return [(name, points, _percent(points, figures["value"])) for name, points in rows]


def _percent(points: int, value: int) -> str:
    return f"{grouped(Decimal(100 * points) / value, 1)}%" if value else "—"


def _money(figures: dict[str, Any]) -> list[tuple[str, int, int]]:
    """Scheme, fen promised, fen that could be promised."""
    titles = {row.code: row.title for row in Scheme.objects.filter(code__in=figures["budgets_fen"])}
    return [
        (titles.get(code, code), figures["spent_fen"][code], budget)
        for code, budget in figures["budgets_fen"].items()
    ]


def _floors(clearing: ClearingRound) -> list[tuple[str, str, str]]:
    """Floor, least, reached."""
    figures = clearing.figures
    reached = sum(1 for count in figures["served_by_section"].values() if count)
    rows = [(str(wording.GROUPS["sections"]), str(clearing.section_floor), str(reached))]
    least = {"micro": clearing.micro_percent, "manufacturing": clearing.manufacturing_percent}
    for group, share in figures["shares"].items():
        text = f"{grouped(Decimal(share) / HUNDREDTHS, 2)}%"
        rows.append((str(wording.GROUPS[group]), f"{least[group]}%", text))
    return rows


def offer_facts(outcome: RoundOutcome) -> list[Fact]:
    """What an offer says to its firm."""
    clearing = outcome.round
    rows = [
        Fact(_("Round"), f"{clearing.name} ({clearing.bureau.name})"),
        Fact(_("Need"), purpose_of(outcome.need)),
        Fact(_("Bundle"), outcome.bundle.name if outcome.bundle else "—"),
    ]
    if outcome.scheme:
        rows.append(
            Fact(
                _("Planned subsidy"),
                _("%(amount)s over %(months)s months of “%(scheme)s”; apply for the voucher there")
                % {
                    "amount": money_text(outcome.subsidy_fen),
                    "months": clearing.term_months,
                    "scheme": outcome.scheme.title,
                },
            )
        )
    return rows
