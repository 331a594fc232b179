"""What a month's usage costs: the cumulative quantity at each rate, rounded once."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from providers.rules import pricing


class Unpriced(ValueError):
    """Usage on a day for which the offering has no price."""


@dataclass(frozen=True, slots=True)
class RateInForce:
    """`price_yuan` for each `per_units` units of a meter, from `starts` until before `ends`."""

    key: int
    meter: str
    price_yuan: Decimal
    per_units: int
    starts: date
    ends: date | None

    def covers(self, meter: str, day: date) -> bool:
        """Tell whether the price holds for that meter on that day."""
        return self.meter == meter and self.starts <= day and (self.ends is None or day < self.ends)


@dataclass(frozen=True, slots=True)
class DayUsage:
    """Base units of a meter on a civil day."""

    meter: str
    day: date
    quantity: int


@dataclass(frozen=True, slots=True)
class RatedLine:
    """A meter's cumulative quantity at one rate and its price in fen, rounded half up once."""

    rate_key: int
    meter: str
    quantity: int
    amount_fen: int


def rate_usage(usage: Iterable[DayUsage], rates: Iterable[RateInForce]) -> list[RatedLine]:
    """Price a month's usage: days under one rate are added up before rounding.

    Lines come by meter, then by the rate's first day. Raises Unpriced for usage that no rate
    covers.
    """
    known = sorted(rates, key=lambda rate: (rate.meter, rate.starts, rate.key))
    quantities: dict[int, int] = {}
    for entry in usage:
        rate = next((each for each in known if each.covers(entry.meter, entry.day)), None)
        if rate is None:
            raise Unpriced(f"no price of {entry.meter} on {entry.day}")
        quantities[rate.key] = quantities.get(rate.key, 0) + entry.quantity
    return [
        RatedLine(
            rate.key,
            rate.meter,
            quantities[rate.key],
            pricing.amount_fen(quantities[rate.key], rate.price_yuan, rate.per_units),
        )
        for rate in known
        if rate.key in quantities
    ]
