"""Pricing of a month without the database: 5,000 bills in a moment, a million of them to the fen."""

import time
from datetime import date
from decimal import Decimal
from random import Random

from bench.figures import Figure, Limits, at_most
from vouchers.billing.rules.rating import DayUsage, PriceList, RateInForce, rate_usage

BILLS = 5_000
ROUNDS = 5
EXACT_BILLS = 1_000_000
PRICE_LISTS = 500
METERS = ("cached_tokens", "input_tokens", "output_tokens")
SCALE = 10**10
"""Prices have ten decimals."""
FIRST = date(2026, 10, 1)


def measure(_limits: Limits) -> list[Figure]:
    """Three meters a bill, flat and in tiers, the best of some rounds; then exactness."""
    chance = Random(20_261_123)
    figures = []
    for name, tiers in (("flat", 1), ("in tiers", 3)):
        prices = PriceList(_rates(chance, tiers))
        months = [_usage(chance) for _ in range(BILLS)]
        figures.append(
            at_most(
                name=f"rating {BILLS:,} bills, {name}",
                value=min(_seconds(months, prices) for _ in range(ROUNDS)),
                unit="CPU s",
                goal=0.1 * tiers,
            )
        )
    start = time.process_time()
    _prove(chance)
    spent = time.process_time() - start
    figures.append(at_most(name="a million bills proved", value=spent, unit="CPU s", goal=300))
    return figures


def _seconds(months: list[list[DayUsage]], prices: PriceList) -> float:
    start = time.process_time()
    for usage in months:
        rate_usage(usage, prices)
    return time.process_time() - start


def _rates(chance: Random, tiers: int) -> list[RateInForce]:
    """Random prices of every meter; tiers begin at random volumes."""
    rates: list[RateInForce] = []
    for meter in METERS:
        bounds = [0, *sorted(chance.sample(range(1, 10**9), tiers - 1))]
        for bound in bounds:
            price = Decimal(chance.randrange(10**12)) / SCALE
            key = len(rates) + 1
            rates.append(RateInForce(key, meter, price, 10**6, 0, bound, 0, FIRST, None))
    return rates


def _usage(chance: Random) -> list[DayUsage]:
    return [DayUsage(meter, FIRST, 0, chance.randrange(10**9)) for meter in METERS]


def _prove(chance: Random) -> None:
    """Each line is the share of its tier at its price, rounded half up; nothing is lost."""
    lists = [_rates(chance, chance.randrange(1, 5)) for _ in range(PRICE_LISTS)]
    ready = [PriceList(rates) for rates in lists]
    for number in range(EXACT_BILLS):
        rates = lists[number % PRICE_LISTS]
        usage = _usage(chance)
        lines = rate_usage(usage, ready[number % PRICE_LISTS])
        expected = _expected(usage, rates)
        if [line[4] for line in lines] != expected:
            raise AssertionError(f"bill {number}: {lines} should cost {expected}")
        if sum(line.quantity for line in lines) != sum(entry.quantity for entry in usage):
            raise AssertionError(f"bill {number} lost units: {lines}")


def _expected(usage: list[DayUsage], rates: list[RateInForce]) -> list[int]:
    """Fen of each line by the definition: floor(price x units + 1/2), in whole ten-billionths."""
    found = []
    for meter, _day, _context, quantity in usage:
        tiers = [rate for rate in rates if rate.meter == meter]
        for place, rate in enumerate(tiers):
            upto = tiers[place + 1].volume_from if place + 1 < len(tiers) else quantity
            units = max(0, min(quantity, upto) - rate.volume_from)
            if units:
                scaled = int(rate.price_yuan * SCALE) * 100 * units
                divisor = SCALE * rate.per_units
                found.append((scaled + divisor // 2) // divisor)
    return found
