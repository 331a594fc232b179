"""What quantities cost, and that deltas never drift."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.rules import pricing

PRICES = st.decimals(min_value=0, max_value=10_000, places=10, allow_nan=False)
UNITS = st.integers(min_value=1, max_value=10**12)
QUANTITIES = st.lists(st.integers(min_value=0, max_value=10**12), max_size=20)


@given(added=QUANTITIES, price=PRICES, per_units=UNITS)
def test_deltas_any_split_sum_to_cumulative(
    added: list[int], price: Decimal, per_units: int
) -> None:
    booked, seen = 0, 0
    for quantity in added:
        booked += pricing.delta_fen(seen, quantity, price, per_units)
        seen += quantity

    assert booked == pricing.amount_fen(sum(added), price, per_units)


@given(quantity=st.integers(min_value=0, max_value=10**15), price=PRICES, per_units=UNITS)
def test_amount_within_half_a_fen(quantity: int, price: Decimal, per_units: int) -> None:
    exact = pricing.exact_fen(quantity, price, per_units)

    amount = pricing.amount_fen(quantity, price, per_units)

    assert abs(amount - exact) <= Fraction(1, 2)
    assert amount - exact != Fraction(-1, 2), "halves go up"


@given(quantity=st.integers(min_value=0, max_value=10**12), price=PRICES, per_units=UNITS)
def test_correction_mirrors_charge(quantity: int, price: Decimal, per_units: int) -> None:
    assert pricing.exact_fen(-quantity, price, per_units) == -pricing.exact_fen(
        quantity, price, per_units
    )


def test_single_tokens_cost_what_all_cost_at_once() -> None:
    price = Decimal("1.988")

    booked = sum(pricing.delta_fen(seen, 1, price, 1_000_000) for seen in range(100_000))

    assert booked == pricing.amount_fen(100_000, price, 1_000_000) == 20


@pytest.mark.parametrize(
    ("quantity", "price", "per_units", "fen"),
    [
        (1_000_000, "2", 1_000_000, 200),
        (2_500, "2", 1_000_000, 1),  # 0.5 fen
        (2_499, "2", 1_000_000, 0),
        (5_400, "18.5", 3_600, 2_775),  # 1.5 card-hours
        (0, "99", 1, 0),
        (1, "0.0000000001", 1, 0),
    ],
)
def test_amount_rounds_half_up_once(quantity: int, price: str, per_units: int, fen: int) -> None:
    assert pricing.amount_fen(quantity, Decimal(price), per_units) == fen


@pytest.mark.parametrize("price", ["NaN", "Infinity", "-Infinity", "-0.01", "sNaN"])
def test_price_impossible_refused(price: str) -> None:
    with pytest.raises(pricing.BadPrice):
        pricing.exact_fen(1, Decimal(price), 1)


@pytest.mark.parametrize("per_units", [0, -1])
def test_price_without_unit_refused(per_units: int) -> None:
    with pytest.raises(pricing.BadPrice):
        pricing.exact_fen(1, Decimal(1), per_units)
