"""Volume into base units."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.matching.rules.translating import (
    BadCoefficient,
    exact,
    units_of,
)

METERS = st.sampled_from(["input_tokens", "output_tokens", "calls", "card_seconds"])
DECIMALS = st.decimals(min_value=0, max_value=10**6, places=3, allow_nan=False).map(str)


@pytest.mark.parametrize(
    ("stated", "value"),
    [
        (1000, Fraction(1000)),
        ("0.25", Fraction(1, 4)),
        (0.1, Fraction(1, 10)),
        ("1/3", Fraction(1, 3)),
    ],
)
def test_exact_reads_as_stated(stated: object, value: Fraction) -> None:
    assert exact(stated) == value


@pytest.mark.parametrize(
    "stated", [-1, "-0.5", "NaN", float("nan"), float("inf"), True, None, "", "1/0", [1]]
)
def test_exact_refuses_what_is_no_quantity(stated: object) -> None:
    with pytest.raises(BadCoefficient):
        exact(stated)


def test_units_of_rounds_a_part_of_a_unit_up() -> None:
    assert units_of({"card_seconds": "0.25"}, 5) == {"card_seconds": 2}


def test_units_of_leaves_out_what_is_not_needed() -> None:
    assert units_of({"calls": 0, "images": 1}, 7) == {"images": 7}


@given(st.dictionaries(METERS, DECIMALS), st.integers(1, 10**9))
def test_units_of_never_falls_short_by_a_unit(coefficients: dict[str, str], volume: int) -> None:
    units = units_of(coefficients, volume)

    for meter, stated in coefficients.items():
        needed = Fraction(stated) * volume
        assert 0 <= units.get(meter, 0) - needed < 1


@given(st.dictionaries(METERS, DECIMALS), st.integers(1, 10**6), st.integers(0, 10**6))
def test_units_of_grows_with_volume(coefficients: dict[str, str], volume: int, more: int) -> None:
    small, large = units_of(coefficients, volume), units_of(coefficients, volume + more)

    assert all(large[meter] >= quantity for meter, quantity in small.items())
