"""What a month's usage costs: the cumulative quantity at each rate, rounded once."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Literal, NamedTuple

from providers.rules import pricing

LineKind = Literal["usage", "minimum"]


class Unpriced(ValueError):
    """Usage on a day, or in a tier, for which the offering has no price."""


class RateInForce(NamedTuple):
    """`price_yuan` for each `per_units` units of a meter, from `starts` until before `ends`.

    It prices requests longer than `context_from` input tokens, up to the next such tier, and the
    month's units beyond `volume_from`, up to the next such tier. `minimum_fen` is the least that a
    month with any usage of the meter costs; only the first tier (0, 0) carries it.
    """

    key: int
    meter: str
    price_yuan: Decimal
    per_units: int
    context_from: int
    volume_from: int
    minimum_fen: int
    starts: date
    ends: date | None

    def holds_on(self, day: date) -> bool:
        """Tell whether the price is in force on that day."""
        return self.starts <= day and (self.ends is None or day < self.ends)


class DayUsage(NamedTuple):
    """Base units of a meter on a civil day, by requests of one context tier."""

    meter: str
    day: date
    context_from: int
    quantity: int


class RatedLine(NamedTuple):
    """A meter's cumulative quantity at one rate and its price in fen, rounded half up once.

    A `minimum` line has no quantity: it is what the month's usage of the meter lacks to the least
    charge.
    """

    rate_key: int
    kind: LineKind
    meter: str
    quantity: int
    amount_fen: int


class _Rung(NamedTuple):
    """Units of the month beyond `above` and up to `upto` are priced by the rate."""

    rate_key: int
    above: int
    upto: int | None


class _Ladder(NamedTuple):
    """The volume tiers of one meter and context tier that hold on a day."""

    context_from: int
    rungs: tuple[_Rung, ...]


class PriceList:
    """The rates of an offering in a month, made ready once to price any number of bills."""

    def __init__(self, rates: Iterable[RateInForce]) -> None:
        """Read the rates; raises pricing.BadPrice for one that cannot be a price."""
        known = sorted(
            rates,
            key=lambda rate: (
                rate.meter,
                rate.context_from,
                rate.starts,
                rate.volume_from,
                rate.key,
            ),
        )
        self.rank = {rate.key: place for place, rate in enumerate(known)}
        self.rates = {rate.key: rate for rate in known}
        self.ratios = {
            rate.key: pricing.fen_ratio(rate.price_yuan, rate.per_units) for rate in known
        }
        self.with_minimum = {rate.meter for rate in known if rate.minimum_fen}
        self._of_meter: dict[str, list[RateInForce]] = {}
        for rate in known:
            self._of_meter.setdefault(rate.meter, []).append(rate)
        self.flat = {
            meter: rates[0]
            for meter, rates in self._of_meter.items()
            if len(rates) == 1 and not (rates[0].context_from or rates[0].volume_from)
        }
        self._ladders: dict[tuple[str, date, int], _Ladder] = {}

    def ladder(self, meter: str, day: date, context_from: int) -> _Ladder:
        """The volume tiers for a context tier: its own, or those of the longest one below it.

        Raises Unpriced when no rate holds on the day, or none for the month's first unit.
        """
        asked = meter, day, context_from
        found = self._ladders.get(asked)
        if found is None:
            found = self._ladders[asked] = self._build(meter, day, context_from)
        return found

    def minimum(self, meter: str, day: date) -> RateInForce | None:
        """The first tier of the meter on the day, if it states a least charge."""
        for rate in self._of_meter.get(meter, ()):
            if rate.minimum_fen and rate.holds_on(day):
                return rate
        return None

    def _build(self, meter: str, day: date, context_from: int) -> _Ladder:
        holding = [rate for rate in self._of_meter.get(meter, ()) if rate.holds_on(day)]
        tier = max(
            (rate.context_from for rate in holding if rate.context_from <= context_from),
            default=-1,
        )
        chosen = [rate for rate in holding if rate.context_from == tier]
        chosen.sort(key=lambda rate: rate.volume_from)
        if not chosen or chosen[0].volume_from:
            raise Unpriced(f"no price of {meter} on {day} for requests longer than {context_from}")
        ends = [*(rate.volume_from for rate in chosen[1:]), None]
        rungs = (
            _Rung(rate.key, rate.volume_from, upto) for rate, upto in zip(chosen, ends, strict=True)
        )
        return _Ladder(tier, tuple(rungs))


def rate_usage(
    usage: Iterable[DayUsage], rates: PriceList | Iterable[RateInForce]
) -> list[RatedLine]:
    """Price a month's usage: all units under one rate are added up before rounding.

    Volume tiers are graduated: the month's units of a meter and context tier fill them in the order
    of days, so a price that changes within the month costs the sum of its slices. The order of the
    entries does not matter. Lines come by meter, context tier, the rate's first day and volume
    tier; a rate under which nothing is left has none. A meter's `minimum` line comes after its
    others; the least charge is that of the first day on which the meter was used, so a price
    announced within a month never raises what the month costs at least. Raises Unpriced for usage
    that no rate covers.
    """
    prices = rates if isinstance(rates, PriceList) else PriceList(rates)
    quantities, first_days = _distribute(usage, prices)
    lines = [
        _usage_line(key, quantities[key], prices)
        for key in sorted(quantities, key=prices.rank.__getitem__)
        if quantities[key]
    ]
    for meter, day in first_days.items():
        if meter in prices.with_minimum:
            lines.extend(_minimum_lines(meter, day, lines, prices))
    if prices.with_minimum:
        lines.sort(key=lambda line: line.meter)  # stable: a minimum stays behind its meter's lines
    return lines


def _distribute(
    usage: Iterable[DayUsage], prices: PriceList
) -> tuple[dict[int, int], dict[str, date]]:
    """Units by rate and the first day used of each meter.

    A meter with one flat price needs no order of days; the ladders of the others are climbed in it.
    """
    quantities: dict[int, int] = {}
    first_days: dict[str, date] = {}
    sums: dict[tuple[str, date, int], int] = {}
    for meter, day, context_from, quantity in usage:
        flat = prices.flat.get(meter)
        if flat and flat.starts <= day and (flat.ends is None or day < flat.ends):
            quantities[flat.key] = quantities.get(flat.key, 0) + quantity
            first_days[meter] = day
        else:
            slot = meter, day, context_from
            sums[slot] = sums.get(slot, 0) + quantity
    climbed: dict[tuple[str, int], int] = {}
    for (meter, day, context_from), quantity in sorted(sums.items()):
        if not quantity:
            continue
        first_days.setdefault(meter, day)
        tier, rungs = prices.ladder(meter, day, context_from)
        before = climbed.get((meter, tier), 0)
        after = climbed[meter, tier] = before + quantity
        for key, above, upto in rungs:
            part = _within(after, above, upto) - _within(before, above, upto)
            if part:
                quantities[key] = quantities.get(key, 0) + part
    return quantities, first_days


def _within(position: int, above: int, upto: int | None) -> int:
    """How many of the first `position` units lie on a rung; below zero counts on the first one."""
    if position <= above and above:
        return 0
    return (position if upto is None or position < upto else upto) - above


def _usage_line(key: int, quantity: int, prices: PriceList) -> RatedLine:
    numerator, denominator = prices.ratios[key]
    amount_fen = pricing.rounded(quantity * numerator, denominator)
    return RatedLine(key, "usage", prices.rates[key].meter, quantity, amount_fen)


def _minimum_lines(
    meter: str, day: date, lines: list[RatedLine], prices: PriceList
) -> list[RatedLine]:
    """What the meter's month lacks to its least charge: one line or none."""
    rate = prices.minimum(meter, day)
    used = [line for line in lines if line.meter == meter]
    if rate is None or sum(line.quantity for line in used) <= 0:
        return []
    lacking_fen = rate.minimum_fen - sum(line.amount_fen for line in used)
    return [RatedLine(rate.key, "minimum", meter, 0, lacking_fen)] if lacking_fen > 0 else []
