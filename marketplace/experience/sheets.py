"""Ratings and real costs as pages and the API show them."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from django.utils.translation import gettext as _

from common.components import Fact
from common.display import grouped, money_text
from marketplace.catalog.models import Bundle
from marketplace.experience.actions.measuring import Measured
from marketplace.experience.models import Rating
from marketplace.experience.rules import unit_costs
from marketplace.experience.rules.masking import LEAST_FIRMS, masked
from marketplace.experience.rules.unit_costs import UnitCost
from marketplace.matching import wording
from marketplace.orders.models import Order

VOLUME = 1_000
"""Costs are shown for so much of the scenario's volume."""


@dataclass(frozen=True, slots=True)
class CostRow:
    """A meter's use with its real cost and what it would have cost as promised."""

    meter: str
    units: str
    real: str
    promised: str
    part: str


@dataclass(frozen=True, slots=True)
class Voice:
    """A rating as strangers read it."""

    stars: int
    is_outcome_reached: bool
    words: str
    answer: str


@dataclass(frozen=True, slots=True)
class Echo:
    """What firms say of a bundle; nothing but their number while they are too few."""

    firms: int
    mean: str
    reached: int
    voices: list[Voice]

    @property
    def is_shown(self) -> bool:
        """Whether the figures may be shown."""
        return self.firms >= LEAST_FIRMS


def cost_rows(costs: Sequence[UnitCost]) -> list[CostRow]:
    """Real against promised, meter by meter."""
    return [
        CostRow(
            wording.meter_name(row.meter),
            wording.units_text(row.meter, row.used.units),
            money_text(row.used.amount_fen),
            money_text(_rounded(row.promised_fen)),
            percent_text(row.used.amount_fen, row.promised_fen),
        )
        for row in costs
    ]


def cost_facts(order: Order, measured: Measured) -> list[Fact]:
    """The whole use, and what a thousand of the scenario's volume cost."""
    costs = measured.all_costs
    if not costs:
        return []
    billed, promised = unit_costs.totals(costs)
    scenario = order.need.scenario
    real, stated = unit_costs.per_volume(costs, scenario.coefficients, VOLUME)
    unit = {"number": grouped(VOLUME), "unit": wording.volume_unit(scenario)}
    return [
        Fact(_("Billed so far, before vouchers"), money_text(billed)),
        Fact(_("The same use as promised"), money_text(promised)),
        Fact(_("Real against promised"), percent_text(billed, Fraction(promised))),
        Fact(_("Real cost of %(number)s %(unit)s") % unit, money_text(_rounded(real))),
        Fact(_("Promised cost of %(number)s %(unit)s") % unit, money_text(_rounded(stated))),
    ]


def use_facts(measured: Measured) -> list[Fact]:
    """From when to when something was metered."""
    span = measured.span
    if span is None:
        return [Fact(_("Metered use"), _("None yet"))]
    return [
        Fact(_("First metered use"), str(span.first)),
        Fact(_("Latest metered use"), str(span.last)),
        Fact(_("Days between the two"), str(span.days)),
    ]


def echo_of(bundle: Bundle) -> Echo:
    """What firms say of a bundle, each with its latest rating; words masked. One query."""
    rows = (
        Rating.objects.standing()
        .filter(order__bundle=bundle)
        .select_related("order__enterprise", "order__rating_answer")
        .order_by("stated_at", "pk")
    )
    latest = {row.order.enterprise_id: row for row in rows}
    found = list(reversed(latest.values()))
    stars = sum(row.stars for row in found)
    return Echo(
        len(found),
        mean_text(stars, len(found)),
        sum(row.is_outcome_reached for row in found),
        [_voice(row) for row in found] if len(found) >= LEAST_FIRMS else [],
    )


def mean_text(stars: int, firms: int) -> str:
    """A mean of stars with one decimal, rounded down."""
    tenths = 10 * stars // firms if firms else 0
    return f"{tenths // 10}.{tenths % 10}"


def percent_text(real_fen: int, promised_fen: Fraction) -> str:
    """Real against promised in whole percent, rounded half up; a dash where nothing was promised."""
    if not promised_fen:
        return "—"
    return f"{_rounded(100 * Fraction(real_fen) / promised_fen)}%"


def _voice(rating: Rating) -> Voice:
    names = [
        rating.order.enterprise.name,
        rating.order.enterprise.legal_person,
        rating.order.enterprise.uscc,
        rating.order.code,
    ]
    answer = getattr(rating.order, "rating_answer", None)
    return Voice(
        rating.stars,
        rating.is_outcome_reached,
        masked(rating.words, names),
        masked(answer.words, names) if answer else "",
    )


def _rounded(fen: Fraction) -> int:
    return int(fen + Fraction(1, 2))
