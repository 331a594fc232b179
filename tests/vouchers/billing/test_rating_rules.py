"""Rating of cumulative quantities."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.rounding import round_half_up
from vouchers.billing.rules.rating import (
    DayUsage,
    PriceList,
    RatedLine,
    RateInForce,
    Unpriced,
    rate_usage,
)

MAY = date(2026, 5, 1)
CUT = date(2026, 5, 16)
MILLION = 1_000_000
K256 = 256_000


def rate(
    key: int,
    price: str = "2",
    starts: date = MAY,
    ends: date | None = None,
    *,
    per_units: int = MILLION,
    context: int = 0,
    volume: int = 0,
    minimum_fen: int = 0,
) -> RateInForce:
    return RateInForce(
        key,
        "input_tokens",
        Decimal(price),
        per_units,
        context,
        volume,
        minimum_fen,
        starts,
        ends,
    )


def used(quantity: int, day: date = MAY, context: int = 0) -> DayUsage:
    return DayUsage("input_tokens", day, context, quantity)


def amounts(usage: list[DayUsage], rates: list[RateInForce]) -> list[tuple[int, int, int]]:
    """Rate, quantity and fen of each line."""
    return [(line.rate_key, line.quantity, line.amount_fen) for line in rate_usage(usage, rates)]


def test_rate_usage_rounds_the_sum_once() -> None:
    usage = [used(2_000, MAY + timedelta(day)) for day in range(10)]

    found = rate_usage(usage, [rate(1)])

    assert found == [RatedLine(1, "usage", "input_tokens", 20_000, 4)]  # ten times 0.4 fen


def test_rate_usage_new_price_makes_its_own_line() -> None:
    rates = [rate(2, "4", CUT), rate(1, "2", MAY, CUT)]
    usage = [used(MILLION, CUT - timedelta(1)), used(MILLION, CUT)]

    assert amounts(usage, rates) == [(1, MILLION, 200), (2, MILLION, 400)]


@pytest.mark.parametrize(
    ("usage", "rates"),
    [
        ([DayUsage("output_tokens", MAY, 0, 1)], [rate(1)]),
        ([used(1, MAY - timedelta(1))], [rate(1)]),
        ([used(1, CUT)], [rate(1, ends=CUT)]),
        ([used(1)], [rate(1, volume=10)]),
        ([used(1)], [rate(1, context=K256)]),
    ],
    ids=["meter", "before", "after", "first-unit", "short-request"],
)
def test_rate_usage_without_a_price_is_refused(
    usage: list[DayUsage], rates: list[RateInForce]
) -> None:
    with pytest.raises(Unpriced, match="no price of"):
        rate_usage(usage, rates)


def test_rate_usage_long_requests_have_their_own_price() -> None:
    rates = [rate(1, "0.36"), rate(2, "1.8", context=K256)]
    usage = [used(3 * MILLION), used(5 * MILLION, context=K256), used(MILLION, CUT)]

    assert amounts(usage, rates) == [(1, 4 * MILLION, 144), (2, 5 * MILLION, 900)]


def test_rate_usage_context_without_a_price_falls_to_the_longest_below() -> None:
    rates = [rate(1), rate(2, "3", context=32_000), rate(3, "9", MAY, CUT, context=K256)]
    usage = [used(MILLION, CUT, K256), used(MILLION, MAY, K256), used(MILLION, CUT, 32_000)]

    assert amounts(usage, rates) == [(2, 2 * MILLION, 600), (3, MILLION, 900)]


def test_rate_usage_volume_fills_tiers_in_order_of_days() -> None:
    """A free million, then 2.00 up to ten million, then 1.50."""
    rates = [rate(1, "0"), rate(2, "2", volume=MILLION), rate(3, "1.5", volume=10 * MILLION)]
    usage = [used(8 * MILLION, CUT), used(4 * MILLION)]

    assert amounts(usage, rates) == [
        (1, MILLION, 0),
        (2, 9 * MILLION, 1_800),
        (3, 2 * MILLION, 300),
    ]


def test_rate_usage_price_change_goes_on_where_the_volume_stands() -> None:
    """Before the change 3 million at 2.00; after it 7 more at 2.40 and the last 2 at 1.00."""
    rates = [
        rate(1, "2", MAY, CUT),
        rate(2, "1.5", MAY, CUT, volume=10 * MILLION),
        rate(3, "2.4", CUT),
        rate(4, "1", CUT, volume=10 * MILLION),
    ]
    usage = [used(9 * MILLION, CUT), used(3 * MILLION, CUT - timedelta(1))]

    assert amounts(usage, rates) == [
        (1, 3 * MILLION, 600),
        (3, 7 * MILLION, 1_680),
        (4, 2 * MILLION, 200),
    ]


def test_rate_usage_context_tiers_fill_their_own_volumes() -> None:
    rates = [
        rate(1, "2"),
        rate(2, "1", volume=MILLION),
        rate(3, "6", context=K256),
        rate(4, "3", context=K256, volume=MILLION),
    ]
    usage = [used(MILLION), used(3 * MILLION, MAY, K256)]

    assert amounts(usage, rates) == [(1, MILLION, 200), (3, MILLION, 600), (4, 2 * MILLION, 600)]


@pytest.mark.parametrize(
    ("units", "expected"),
    [
        (0, []),
        (1, [("usage", 1, 0), ("minimum", 0, 500)]),
        (2 * MILLION, [("usage", 2 * MILLION, 400), ("minimum", 0, 100)]),
        (5 * MILLION, [("usage", 5 * MILLION, 1_000)]),
    ],
)
def test_rate_usage_least_charge_is_filled_up(
    units: int, expected: list[tuple[str, int, int]]
) -> None:
    found = rate_usage([used(units)], [rate(7, minimum_fen=500)])

    assert [(line.kind, line.quantity, line.amount_fen) for line in found] == expected
    assert all(line.rate_key == 7 for line in found)


def test_rate_usage_least_charge_counts_all_tiers_of_the_meter() -> None:
    rates = [rate(1, minimum_fen=1_000), rate(2, "6", context=K256)]

    assert rate_usage([used(MILLION, MAY, K256)], rates) == [
        RatedLine(2, "usage", "input_tokens", MILLION, 600),
        RatedLine(1, "minimum", "input_tokens", 0, 400),
    ]


@pytest.mark.parametrize(("first", "expected_fen"), [(MAY, 300), (CUT, 900)])
def test_rate_usage_least_charge_is_that_of_the_first_day_used(
    first: date, expected_fen: int
) -> None:
    rates = [rate(1, "0", MAY, CUT, minimum_fen=300), rate(2, "0", CUT, minimum_fen=900)]

    found = rate_usage([used(1, CUT), used(1, first)], rates)

    assert sum(line.amount_fen for line in found) == expected_fen


def test_rate_usage_what_was_taken_back_leaves_no_line() -> None:
    rates = [rate(1), rate(2, "1", volume=MILLION, minimum_fen=0)]

    assert amounts([used(3 * MILLION), used(-2_500_000)], rates) == [(1, 500_000, 100)]
    assert amounts([used(5), used(-5)], [rate(1, minimum_fen=500)]) == []


@given(
    parts=st.lists(st.tuples(st.integers(0, 30), st.integers(0, 10**9)), min_size=1, max_size=30),
    price=st.decimals(0, 10_000, places=10),
    order=st.randoms(use_true_random=False),
)
def test_rate_usage_does_not_depend_on_order_or_batches(
    parts: list[tuple[int, int]], price: Decimal, order: Random
) -> None:
    rates = [rate(1, str(price))]
    usage = [used(quantity, MAY + timedelta(day)) for day, quantity in parts]
    shuffled = list(usage)
    order.shuffle(shuffled)
    whole = used(sum(quantity for _, quantity in parts))

    assert rate_usage(shuffled, rates) == rate_usage(usage, rates) == rate_usage([whole], rates)
    exact = Fraction(whole.quantity) * Fraction(price) * 100 / MILLION
    assert sum(line.amount_fen for line in rate_usage(usage, rates)) == round_half_up(exact)


PRICES = st.decimals(0, 1_000, places=10)
TIERS = st.lists(st.integers(1, 40), unique=True, max_size=3).map(lambda found: [0, *sorted(found)])


@st.composite
def ladders(draw: st.DrawFn) -> list[RateInForce]:
    """Up to three periods, two context tiers and four volume tiers each, at any prices."""
    cuts = sorted(draw(st.lists(st.integers(2, 30), unique=True, max_size=2)))
    days = [MAY, *(MAY + timedelta(cut) for cut in cuts), None]
    rates: list[RateInForce] = []
    for starts, ends in pairwise(days):
        least = draw(st.integers(0, 5_000))
        for context in draw(st.sampled_from([[0], [0, K256]])):
            for volume in draw(TIERS):
                rates.append(
                    rate(
                        len(rates) + 1,
                        str(draw(PRICES)),
                        starts or MAY,
                        ends,
                        per_units=draw(st.integers(1, 1_000)),
                        context=context,
                        volume=volume,
                        minimum_fen=0 if context or volume else least,
                    )
                )
    return rates


def unit_by_unit(usage: list[DayUsage], rates: list[RateInForce]) -> int:
    """The plain reading of a price list: look up each single unit's rate, add up fractions."""
    counts: dict[int, int] = {}
    climbed: dict[int, int] = {}
    for day, context, quantity in sorted(
        (one.day, one.context_from, one.quantity) for one in usage
    ):
        for _ in range(quantity):
            holding = [each for each in rates if each.holds_on(day)]
            tier = max(each.context_from for each in holding if each.context_from <= context)
            place = climbed[tier] = climbed.get(tier, 0) + 1
            fitting = [
                each for each in holding if each.context_from == tier and each.volume_from < place
            ]
            chosen = max(fitting, key=lambda each: each.volume_from)
            counts[chosen.key] = counts.get(chosen.key, 0) + 1
    total = sum(
        round_half_up(Fraction(counts[each.key]) * Fraction(each.price_yuan) * 100 / each.per_units)
        for each in rates
        if each.key in counts
    )
    days = [one.day for one in usage if one.quantity]
    if not days:
        return 0
    first = next(
        each
        for each in rates
        if each.holds_on(min(days)) and (each.context_from, each.volume_from) == (0, 0)
    )
    return max(total, first.minimum_fen)


@given(
    rates=ladders(),
    parts=st.lists(
        st.tuples(st.integers(0, 30), st.sampled_from([0, K256]), st.integers(0, 40)), max_size=8
    ),
    order=st.randoms(use_true_random=False),
)
def test_rate_usage_equals_the_price_of_each_single_unit(
    rates: list[RateInForce], parts: list[tuple[int, int, int]], order: Random
) -> None:
    usage = [used(quantity, MAY + timedelta(day), context) for day, context, quantity in parts]
    shuffled = list(usage)
    order.shuffle(shuffled)

    lines = rate_usage(usage, PriceList(rates))

    assert sum(line.amount_fen for line in lines) == unit_by_unit(usage, rates)
    assert sum(line.quantity for line in lines) == sum(quantity for _, _, quantity in parts)
    assert rate_usage(shuffled, rates) == lines
