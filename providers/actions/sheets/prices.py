"""Prices by file: the tiers of one list are rows with the same offering, meter and first day."""

from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from common.money import yuan
from providers import wording
from providers.actions import rates
from providers.actions.sheets import base
from providers.actions.sheets.offerings import own_offering
from providers.models import OfferingStatus, Rate
from providers.rules.prices import PriceTier
from providers.rules.tables import Row
from providers.rules.units import sold_unit


class Prices(base.Subject):
    """A row is a tier; `volume_from` and `price_yuan` are in units of the price list."""

    name: ClassVar = "prices"
    title: ClassVar = _("Prices")
    columns: ClassVar = (
        base.Column("offering", _("Number of the offering"), is_required=True),
        base.Column("meter", _("Charged by"), is_required=True),
        base.Column("unit", _("Unit of the price"), is_required=True),
        base.Column("price_yuan", _("Price (yuan)"), is_required=True),
        base.Column("from_day", _("In force from"), is_required=True),
        base.Column("context_from", _("Requests longer than (tokens)")),
        base.Column("volume_from", _("Beyond, in the month (units of the price)")),
        base.Column("minimum_yuan", _("Least charge a month (yuan)")),
        base.Column("source", _("Source")),
    )

    def __init__(self, by: Actor, at: datetime) -> None:
        super().__init__(by, at)
        self.own = list(self.provider.offerings.order_by("pk"))

    def group_of(self, row: Row) -> Hashable:
        """All tiers of one price list."""
        return tuple(row.cells.get(name, "") for name in ("offering", "meter", "from_day"))

    def take(self, rows: Sequence[Row]) -> tuple[str, bool]:
        """Set the prices of a list, unless they are there."""
        first = rows[0]
        code = base.text(first, "offering", is_required=True).upper()
        offering = own_offering(self.own, code, "offering")
        meter, from_day = base.meter(first), base.day(first, "from_day")
        tiers = [self._tier(row) for row in rows]
        least = [base.scaled(row, "minimum_yuan", 100) for row in rows if self._has_least(row)]
        minimum_fen = max(least, default=0)
        per_units = sold_unit(meter).base_units
        known = list(
            Rate.objects.filter(offering=offering, meter=meter, effective__startswith=from_day)
        )
        stated = Counter(
            (Fraction(rate.price_yuan) / rate.per_units, rate.context_from, rate.volume_from)
            for rate in known
        )
        wanted = Counter(
            (Fraction(tier.price_yuan) / per_units, tier.context_from, tier.volume_from)
            for tier in tiers
        )
        floor = max((rate.minimum_fen for rate in known), default=0)
        if stated == wanted and floor == minimum_fen:
            return code, False
        rates.set_prices(
            by=self.by,
            offering=offering,
            meter=meter,
            tiers=tiers,
            per_units=per_units,
            minimum_fen=minimum_fen,
            from_day=from_day,
            source=base.text(first, "source"),
            at=self.at,
        )
        return code, True

    def _tier(self, row: Row) -> PriceTier:
        unit = sold_unit(base.meter(row)).base_units
        has_volume = bool(row.cells.get("volume_from"))
        volume = base.scaled(row, "volume_from", unit) if has_volume else 0
        return PriceTier(base.exact(row, "price_yuan"), base.whole(row, "context_from"), volume)

    def _has_least(self, row: Row) -> bool:
        return bool(row.cells.get("minimum_yuan"))

    def export(self) -> Iterator[Sequence[object]]:
        """Every price that can be stated in the unit of price lists, past ones too."""
        rows = Rate.objects.filter(offering__provider=self.provider).exclude(
            offering__status=OfferingStatus.RETIRED
        )
        order = "offering__code", "meter", "effective", "context_from", "volume_from", "pk"
        for rate in rows.select_related("offering").order_by(*order):
            unit = sold_unit(rate.meter)
            price = wording.price_per_sold_unit(rate.price_yuan, rate.per_units, rate.meter)
            if price is None:
                continue
            volume = Decimal(rate.volume_from) / unit.base_units
            yield (
                rate.offering.code,
                rate.meter,
                unit.name,
                f"{price.normalize():f}",
                rate.effective.lower,
                rate.context_from or "",
                f"{volume.normalize():f}" if rate.volume_from else "",
                yuan(rate.minimum_fen) if rate.minimum_fen else "",
                rate.source,
            )
