"""Capacity by file: what an offering can deliver in a month."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from common.periods import month_start
from providers.actions import capacities
from providers.actions.sheets import base
from providers.actions.sheets.offerings import own_offering
from providers.models import Capacity, OfferingStatus
from providers.rules.tables import Row
from providers.rules.units import sold_unit


class Capacities(base.Subject):
    """A row is an offering's meter and month."""

    name: ClassVar = "capacities"
    title: ClassVar = _("Capacity")
    columns: ClassVar = (
        base.Column("offering", _("Number of the offering"), is_required=True),
        base.Column("meter", _("Measured in"), is_required=True),
        base.Column("unit", _("Unit of the amount"), is_required=True),
        base.Column("month", _("Month, for example 2026-10"), is_required=True),
        base.Column("amount", _("Can be delivered"), is_required=True),
    )

    def __init__(self, by: Actor, at: datetime) -> None:
        super().__init__(by, at)
        self.own = list(self.provider.offerings.order_by("pk"))

    def take(self, rows: Sequence[Row]) -> tuple[str, bool]:
        """Declare the month of a row, unless it says the same."""
        [row] = rows
        code = base.text(row, "offering", is_required=True).upper()
        offering = own_offering(self.own, code, "offering")
        meter, month = base.meter(row), month_start(base.day(row, "month"))
        total_units = base.scaled(row, "amount", sold_unit(meter).base_units)
        same = Capacity.objects.filter(
            offering=offering, meter=meter, month=month, total_units=total_units
        )
        if same.exists():
            return code, False
        capacities.declare(
            by=self.by,
            offering=offering,
            meter=meter,
            month=month,
            total_units=total_units,
            at=self.at,
        )
        return code, True

    def export(self) -> Iterator[Sequence[object]]:
        """Every declared month that has a finite number in the unit of price lists."""
        rows = Capacity.objects.filter(offering__provider=self.provider).exclude(
            offering__status=OfferingStatus.RETIRED
        )
        order = "offering__code", "meter", "month"
        for each in rows.select_related("offering").order_by(*order):
            unit = sold_unit(each.meter)
            amount = Decimal(each.total_units) / unit.base_units
            if amount * unit.base_units == each.total_units:
                month = f"{each.month:%Y-%m}"
                yield (
                    each.offering.code,
                    each.meter,
                    unit.name,
                    month,
                    f"{amount.normalize():f}",
                )
