"""Prices as people read them are never rounded."""

from decimal import Decimal
from fractions import Fraction

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from providers import wording
from providers.models import Meter
from providers.rules import units


def test_every_meter_is_sold_in_a_named_unit() -> None:
    assert set(units.SOLD_UNITS) == set(Meter.values)
    assert {unit.name for unit in units.SOLD_UNITS.values()} == set(wording.UNIT_LABELS)


@given(
    price=st.decimals(min_value=0, max_value=10_000, places=10),
    per_units=st.sampled_from([1, 60, 1000, 3600, 10**6, 7]),
    meter=st.sampled_from(Meter.values),
)
def test_price_per_sold_unit_exact_or_none(price: Decimal, per_units: int, meter: str) -> None:
    shown = wording.price_per_sold_unit(price, per_units, meter)

    exact = Fraction(price) * units.sold_unit(meter).base_units / per_units
    if shown is None:
        assert (exact.denominator % 2 and exact.denominator % 5) or exact.denominator > 1
    else:
        assert Fraction(shown) == exact


@pytest.mark.parametrize(
    ("price", "per_units", "meter", "text"),
    [
        ("1.988", 1_000_000, "input_tokens", "¥1.988 / million tokens"),
        ("18.5", 3_600, "card_seconds", "¥18.50 / card-hour"),
        ("0.3", 60, "core_seconds", "¥18.00 / core-hour"),
        ("0.12", 2_592_000_000, "storage_mb_seconds", "¥0.12 / GB-month"),
        ("1234.5", 1, "images", "¥1,234.50 / image"),
        ("1", 7_000, "card_seconds", "¥1.00 for 1.94 card-hours"),
    ],
)
def test_price_text(price: str, per_units: int, meter: str, text: str) -> None:
    with translation.override("en"):
        assert wording.price_text(Decimal(price), per_units, meter) == text


def test_quantity_text_in_the_fields_units() -> None:
    with translation.override("en"):
        assert wording.quantity_text(5_437_800, "card_seconds") == "1,510.5 card-hours"
        assert wording.quantity_text(2_592_000_000, "storage_mb_seconds") == "1 GB-months"
