"""Form fields of amounts."""

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from common.form_fields import WanYuanField, YuanField
from common.money import MAX_FEN

NONSENSE = (
    "NaN",
    "inf",
    "1e3",
    "-1",
    "+1",
    "0x1",
    "1.",
    ".5",
    "01",
    "abc",
    "1e400",
    "٣",
    "--",
    "1-2",
)


@given(st.integers(0, MAX_FEN))
def test_amount_comes_back_as_it_was_shown(fen: int) -> None:
    for field in (YuanField(), WanYuanField()):
        assert field.clean(field.prepare_value(fen)) == fen


@pytest.mark.parametrize(
    ("typed", "fen"), [("1,234.56", 123456), ("１２．３４", 1234), ("¥5", 500), ("0", 0)]
)
def test_yuan_is_read(typed: str, fen: int) -> None:
    assert YuanField().clean(typed) == fen


@pytest.mark.parametrize(
    ("typed", "fen"),
    [("1250", 1_250_000_000), ("83.5", 83_500_000), ("0.000001", 1), ("１，２５０", 1_250_000_000)],
)
def test_units_of_ten_thousand_are_read(typed: str, fen: int) -> None:
    assert WanYuanField().clean(typed) == fen


@pytest.mark.parametrize("typed", [*NONSENSE, "1.234", "99999999999999999"])
def test_nonsense_is_not_yuan(typed: str) -> None:
    with pytest.raises(ValidationError):
        YuanField().clean(typed)


@pytest.mark.parametrize("typed", [*NONSENSE, "1.2345678", "99999999999"])
def test_nonsense_is_not_ten_thousand_yuan(typed: str) -> None:
    with pytest.raises(ValidationError):
        WanYuanField().clean(typed)


def test_empty_is_none_when_not_required() -> None:
    assert YuanField(required=False).clean("") is None
    assert WanYuanField(required=False).clean(" ") is None
    with pytest.raises(ValidationError):
        YuanField().clean("")


def test_minimum_is_named() -> None:
    with pytest.raises(ValidationError, match=r"0\.01"):
        YuanField(minimum_fen=1).clean("0")


def test_what_was_typed_is_shown_again() -> None:
    assert WanYuanField().prepare_value("12o") == "12o"
    assert WanYuanField().prepare_value(83_500_000) == "83.5"
    assert WanYuanField().prepare_value(1_000_000_000) == "1000"
