"""Rating of cumulative quantities."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.rounding import round_half_up
from vouchers.billing.rules.rating import DayUsage, RatedLine, RateInForce, Unpriced, rate_usage

MAY = date(2026, 5, 1)


def rate(key: int, starts: date = MAY, ends: date | None = None, price: str = "2") -> RateInForce:
    return RateInForce(key, "input_tokens", Decimal(price), 1_000_000, starts, ends)


def test_rate_usage_rounds_the_sum_once() -> None:
    usage = [DayUsage("input_tokens", MAY + timedelta(day), 2_000) for day in range(10)]

    found = rate_usage(usage, [rate(1)])

    assert found == [RatedLine(1, "input_tokens", 20_000, 4)]  # ten times 0.4 fen


def test_rate_usage_new_price_makes_its_own_line() -> None:
    cut = date(2026, 5, 16)
    rates = [rate(2, cut, None, "4"), rate(1, MAY, cut)]
    usage = [
        DayUsage("input_tokens", date(2026, 5, 15), 1_000_000),
        DayUsage("input_tokens", cut, 1_000_000),
    ]

    found = rate_usage(usage, rates)

    assert [(line.rate_key, line.amount_fen) for line in found] == [(1, 200), (2, 400)]


def test_rate_usage_without_a_price_is_refused() -> None:
    with pytest.raises(Unpriced, match="output_tokens"):
        rate_usage([DayUsage("output_tokens", MAY, 1)], [rate(1)])


@given(
    parts=st.lists(st.tuples(st.integers(0, 30), st.integers(0, 10**9)), min_size=1, max_size=30),
    price=st.decimals(0, 10_000, places=10),
    order=st.randoms(use_true_random=False),
)
def test_rate_usage_does_not_depend_on_order_or_batches(
    parts: list[tuple[int, int]], price: Decimal, order: object
) -> None:
    rates = [rate(1, price=str(price))]
    usage = [DayUsage("input_tokens", MAY + timedelta(day), quantity) for day, quantity in parts]
    shuffled = list(usage)
    order.shuffle(shuffled)  # type: ignore[attr-defined]
    whole = DayUsage("input_tokens", MAY, sum(quantity for _, quantity in parts))

    assert rate_usage(shuffled, rates) == rate_usage(usage, rates) == rate_usage([whole], rates)
    exact = Fraction(whole.quantity) * Fraction(price) * 100 / 1_000_000
    assert rate_usage(usage, rates)[0].amount_fen == round_half_up(exact)
