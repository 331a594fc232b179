"""A bundle as its page shows it: the chain by layer, and the numbers that make it light."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.components import Tile
from common.display import money_text
from marketplace.catalog.models import Bundle, BundleItem, OperatedBy, Scenario
from marketplace.catalog.rules import chains
from providers.models import Meter


@dataclass(frozen=True, slots=True)
class Floor:
    """One layer of the drawn chain with its offerings; the application is on top."""

    label: str
    items: list[BundleItem]


def floors_of(bundle: Bundle) -> list[Floor]:
    """The chain from what the firm sees down to what stands below it; reads `bundle.items`."""
    items = list(bundle.items.all())
    return [
        Floor(rows[0].offering.get_layer_display(), rows)
        for layer in reversed(chains.ORDER)
        if (rows := [row for row in items if row.offering.layer == layer])
    ]


def light_tiles(bundle: Bundle) -> list[Tile]:
    """Cost to start, notice, days to first use, who operates."""
    operator = {
        OperatedBy.PROVIDER: _("You need no operations staff"),
        OperatedBy.ENTERPRISE: _("Your own staff keeps it running"),
    }
    return [
        Tile(_("Cost to start"), money_text(bundle.start_cost_fen), _("Once, before first use")),
        Tile(_("Notice period"), _days(bundle.notice_days), _("To end without reason")),
        Tile(_("Days to first use"), _days(bundle.days_to_first_use), _("After the order")),
        Tile(
            _("Operated by"),
            bundle.get_operated_by_display(),
            operator[OperatedBy(bundle.operated_by)],
        ),
    ]


def _days(count: int) -> str:
    return ngettext("%(count)d day", "%(count)d days", count) % {"count": count}


@dataclass(frozen=True, slots=True)
class CoefficientRow:
    """A meter's coefficient with its reason, in the reader's language."""

    meter: str
    units: str
    reason: str


def coefficients_of(scenario: Scenario) -> list[CoefficientRow]:
    """What one unit of volume is taken to consume, in base units."""
    return [
        CoefficientRow(str(Meter(meter).label), str(units), _reason(scenario, meter))
        for meter, units in scenario.coefficients.items()
    ]


def _reason(scenario: Scenario, meter: str) -> str:
    words = scenario.assumptions.get(meter, {"zh": "", "en": ""})
    return Scenario.in_language(words["zh"], words["en"])
