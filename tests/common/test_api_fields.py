"""Fields of the API: exact, and strict about what they take."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rest_framework import serializers

from common.api_fields import CodeField, MoneyField, QuantityField, StrictBooleanField
from common.codes import new_code
from common.money import MAX_FEN


def money(amount: Any, currency: Any = "CNY") -> dict[str, Any]:
    return {"amount": amount, "currency": currency}


@given(st.integers(0, MAX_FEN))
def test_money_comes_back_as_it_went(fen: int) -> None:
    field = MoneyField()

    assert field.run_validation(field.to_representation(fen)) == fen


def test_negative_money_is_written_but_not_read() -> None:
    field = MoneyField()

    assert field.to_representation(-1234) == money("-12.34")
    with pytest.raises(serializers.ValidationError):
        field.run_validation(money("-12.34"))


@pytest.mark.parametrize(
    ("text", "fen"),
    [("0", 0), ("1", 100), ("1.5", 150), ("1234.56", 123456), (" １２．３４ ", 1234), ("0.01", 1)],
)
def test_money_is_read_exactly(text: str, fen: int) -> None:
    assert MoneyField().run_validation(money(text)) == fen


@pytest.mark.parametrize(
    "value",
    [
        money("NaN"), money("nan"), money("Infinity"), money("1e3"), money("1E+3"), money("-0"),
        money("-1"), money("+1"), money("1.234"), money("1."), money(".5"), money("01"), money(""),
        money("1,000"), money("¥5"), money("1 000"), money("1e400"), money("9" * 20), money("0x1"),
        money("٣"), money(1), money(1.5), money(True), money(None), money("1", "USD"),
        money("1", None), {"amount": "1"}, {"amount": "1", "currency": "CNY", "more": 1},
        "1.00", 1, True, [], [money("1")],
    ],
)  # fmt: skip
def test_anything_else_is_not_money(value: Any) -> None:
    with pytest.raises(serializers.ValidationError):
        MoneyField().run_validation(value)


def test_money_has_a_minimum() -> None:
    field = MoneyField(minimum_fen=1)

    assert field.run_validation(money("0.01")) == 1
    with pytest.raises(serializers.ValidationError, match=r"0\.01"):
        field.run_validation(money("0.00"))


@pytest.mark.parametrize("value", [0, 5, 2**63 - 1, "5", "５", "0"])
def test_quantity_is_read(value: Any) -> None:
    field = QuantityField(unit="input_tokens")

    assert field.run_validation({"value": value, "unit": "input_tokens"}) == int(value)


@pytest.mark.parametrize(
    "value",
    [
        {"value": 1.0, "unit": "input_tokens"}, {"value": True, "unit": "input_tokens"},
        {"value": "1e3", "unit": "input_tokens"}, {"value": "1.0", "unit": "input_tokens"},
        {"value": -1, "unit": "input_tokens"}, {"value": 2**63, "unit": "input_tokens"},
        {"value": "-1", "unit": "input_tokens"}, {"value": "", "unit": "input_tokens"},
        {"value": None, "unit": "input_tokens"}, {"value": float("nan"), "unit": "input_tokens"},
        {"value": 1, "unit": "calls"}, {"value": 1}, 1, "1", True, [],
    ],
)  # fmt: skip
def test_anything_else_is_not_a_quantity(value: Any) -> None:
    with pytest.raises(serializers.ValidationError):
        QuantityField(unit="input_tokens").run_validation(value)


def test_quantity_takes_its_unit_from_the_row() -> None:
    class Line(serializers.Serializer[Any]):
        quantity = QuantityField(unit_source="rate.meter")

    row = {"quantity": 7, "rate": {"meter": "calls"}}

    assert Line(row).data == {"quantity": {"value": 7, "unit": "calls"}}
    read = Line(data={"quantity": {"value": 7, "unit": "calls"}})
    assert read.is_valid()
    assert read.validated_data == {"quantity": (7, "calls")}


def test_signed_quantity_may_be_negative() -> None:
    field = QuantityField(unit="calls", signed=True)

    assert field.run_validation({"value": -3, "unit": "calls"}) == -3


def test_code_is_normalized_and_checked() -> None:
    code, field = new_code("VC"), CodeField(prefix="VC")

    assert field.run_validation(f" {code.lower()} ") == code
    for wrong in (new_code("AP"), code[:-1], "", 5.5, True, None, "VC-0000-0000"):
        with pytest.raises(serializers.ValidationError):
            field.run_validation(wrong)


@pytest.mark.parametrize("value", ["true", 1, 0, "on", None, "yes"])
def test_only_booleans_are_booleans(value: Any) -> None:
    assert StrictBooleanField().run_validation(True) is True
    with pytest.raises(serializers.ValidationError):
        StrictBooleanField().run_validation(value)
