"""Usage by day as tables that the charts are drawn from."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.core.paginator import Page
from django.db.models import QuerySet, Sum
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from providers import wording
from providers.models import Meter
from providers.rules import units
from vouchers.billing.models import UsageRollup

TOKENS = (
    Meter.INPUT_TOKENS,
    Meter.CACHED_TOKENS,
    Meter.OUTPUT_TOKENS,
    Meter.REASONING_TOKENS,
)


@dataclass(frozen=True, slots=True)
class Cell:
    """Base units of a meter on a day."""

    meter: Meter
    quantity: int

    @property
    def plotted(self) -> str:
        """The height of the bar, in the unit of price lists."""
        size = units.sold_unit(self.meter).base_units
        return f"{Decimal(self.quantity) / size:.6f}"


@dataclass(frozen=True, slots=True)
class Chart:
    """Meters that share a unit, by day."""

    caption: str | Promise
    meters: list[Meter]
    days: list[tuple[date, list[Cell]]]

    @property
    def unit(self) -> str | Promise:
        """The unit of the axis."""
        return wording.unit_label(self.meters[0])

    @property
    def is_stacked(self) -> bool:
        """Several meters stand on each other."""
        return len(self.meters) > 1


def by_day(rows: QuerySet[UsageRollup]) -> list[Chart]:
    """One chart for all kinds of tokens together, one for each other meter. One query."""
    sums: dict[tuple[date, str], int] = {}
    for day, meter, quantity in (
        rows.values_list("day", "meter").annotate(total=Sum("quantity")).order_by("day", "meter")
    ):
        sums[day, meter] = quantity
    used = [meter for meter in Meter if any(name == meter for _day, name in sums)]
    tokens = [meter for meter in used if meter in TOKENS]
    charts = [_chart(_("Tokens by day"), tokens, sums)] if tokens else []
    return charts + [_chart(each.label, [each], sums) for each in used if each not in TOKENS]


def labeled(page: Page[dict[str, Any]]) -> Page[dict[str, Any]]:
    """Rows of sums with the meter's name beside its value."""
    page.object_list = [{**row, "meter_label": Meter(row["meter"]).label} for row in page]
    return page


def _chart(caption: str | Promise, meters: list[Meter], sums: dict[tuple[date, str], int]) -> Chart:
    used = sorted(day for day, meter in sums if meter in meters)
    span = (used[-1] - used[0]).days + 1
    days = [used[0] + timedelta(number) for number in range(span)]
    return Chart(
        caption,
        meters,
        [(day, [Cell(meter, sums.get((day, meter), 0)) for meter in meters]) for day in days],
    )
