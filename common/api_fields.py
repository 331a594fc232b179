"""Fields of the API: money, quantities and public ids; strict about what they take.

Refused: numbers where a text is due, booleans, NaN, infinities, exponents, signs where none may be,
more than two decimals. Full-width digits are accepted, as people type them.
"""

import re
import unicodedata
from typing import Any, NoReturn

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.fields import empty

from common.codes import is_code, normalize_code
from common.money import InvalidAmount, parse_yuan, yuan_text

CURRENCY = "CNY"
MAX_QUANTITY = 2**63 - 1
"""Largest integer of the database."""


def _refuse(field: serializers.Field[Any, Any, Any, Any], key: str) -> NoReturn:
    """Raise the message as it is: `Field.fail` would read its braces as a format."""
    raise serializers.ValidationError(field.error_messages[key], code=key)


@extend_schema_field(
    {"type": "string", "pattern": r"^[0-9]{4}-(0[1-9]|1[0-2])$", "example": "2026-05"}
)
class MonthField(serializers.DateField):
    """A billing month such as "2026-05"; inside it is the month's first day."""

    def __init__(self, **options: Any) -> None:
        super().__init__(format="%Y-%m", input_formats=["%Y-%m"], **options)


_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]{0,18})")
_AMOUNT_PATTERN = r"^-?(0|[1-9][0-9]{0,13})\.[0-9]{2}$"


@extend_schema_field(
    {
        "type": "object",
        "required": ["amount", "currency"],
        "additionalProperties": False,
        "properties": {
            "amount": {"type": "string", "pattern": _AMOUNT_PATTERN, "example": "1234.56"},
            "currency": {"type": "string", "enum": [CURRENCY]},
        },
    }
)
class MoneyField(serializers.Field[int, Any, dict[str, str], Any]):
    """Integer fen inside, `{"amount": "12.34", "currency": "CNY"}` outside.

    `minimum_fen` is the smallest accepted input; input never carries a sign.
    """

    default_error_messages = {
        "shape": _("Send an object with the members amount (text) and currency."),
        "text": _("Send the amount as text, for example 1234.56 in quotation marks."),
        "amount": _("Enter an amount in yuan with at most two decimals, for example 1234.56."),
        "currency": _("Only CNY is accepted."),
        "minimum": _("The amount must be at least %(minimum)s yuan."),
    }

    def __init__(self, *, minimum_fen: int = 0, **options: Any) -> None:
        super().__init__(**options)
        self.minimum_fen = minimum_fen

    def to_representation(self, value: int) -> dict[str, str]:
        """Spell fen as yuan with two decimals."""
        return {"amount": yuan_text(value), "currency": CURRENCY}

    def to_internal_value(self, data: Any) -> int:
        """Read an amount object as fen."""
        if not isinstance(data, dict) or set(data) != {"amount", "currency"}:
            _refuse(self, "shape")
        if data["currency"] != CURRENCY:
            self.fail("currency")
        text = data["amount"]
        if not isinstance(text, str):
            self.fail("text")
        fen = self._fen(unicodedata.normalize("NFKC", text).strip())
        if fen < self.minimum_fen:
            raise serializers.ValidationError(
                self.error_messages["minimum"] % {"minimum": yuan_text(self.minimum_fen)},
                code="minimum",
            )
        return fen

    def _fen(self, normal: str) -> int:
        if any(symbol in normal for symbol in ",¥ "):
            self.fail("amount")  # fine on paper, ambiguous between machines
        try:
            return parse_yuan(normal)
        except InvalidAmount as error:
            raise serializers.ValidationError(str(error.message), code="amount") from error


@extend_schema_field(
    {
        "type": "object",
        "required": ["value", "unit"],
        "additionalProperties": False,
        "properties": {
            "value": {"type": "integer", "format": "int64", "example": 1200},
            "unit": {"type": "string", "example": "input_tokens"},
        },
    }
)
class QuantityField(serializers.Field[Any, Any, dict[str, Any], Any]):
    """An integer in base units, `{"value": 1200, "unit": "input_tokens"}` outside.

    `unit` fixes the unit; else `unit_source` names the sibling attribute that holds it (`"meter"`,
    dots allowed) and input answers the pair (value, unit). Input is not negative unless `signed`.
    """

    default_error_messages = {
        "shape": _("Send an object with the members value (whole number) and unit (text)."),
        "whole": _("Enter a whole number without decimals or exponent."),
        "negative": _("The quantity must not be negative."),
        "large": _("The quantity is too large. Check the number of digits."),
        "unit": _("The unit must be %(unit)s."),
    }

    def __init__(
        self, *, unit: str = "", unit_source: str = "", signed: bool = False, **options: Any
    ) -> None:
        super().__init__(**options)
        self.unit = unit
        self.unit_source = unit_source
        self.signed = signed

    def get_attribute(self, instance: Any) -> Any:
        """The value, with its unit when the unit varies from row to row."""
        value = super().get_attribute(instance)
        if self.unit or value is None or value is empty:
            return value
        unit = instance
        for name in self.unit_source.split("."):
            unit = unit[name] if isinstance(unit, dict) else getattr(unit, name)
        return value, str(unit)

    def to_representation(self, value: Any) -> dict[str, Any]:
        """Spell the integer with its unit."""
        number, unit = value if isinstance(value, tuple) else (value, self.unit)
        return {"value": number, "unit": unit}

    def to_internal_value(self, data: Any) -> Any:
        """Read the integer; with a fixed unit any other unit is refused."""
        if not isinstance(data, dict) or set(data) != {"value", "unit"}:
            _refuse(self, "shape")
        number, unit = self._whole(data["value"]), data["unit"]
        if self.unit and unit != self.unit:
            raise serializers.ValidationError(
                self.error_messages["unit"] % {"unit": self.unit}, code="unit"
            )
        if not isinstance(unit, str):
            _refuse(self, "shape")
        return number if self.unit else (number, unit)

    def _whole(self, value: Any) -> int:
        text = unicodedata.normalize("NFKC", value).strip() if isinstance(value, str) else value
        if isinstance(text, bool) or not isinstance(text, int | str):
            self.fail("whole")
        if isinstance(text, str) and not _WHOLE.fullmatch(text):
            self.fail("whole")
        number = int(text)
        if number < 0 and not self.signed:
            self.fail("negative")
        if abs(number) > MAX_QUANTITY:
            self.fail("large")
        return number


class CodeField(serializers.CharField):
    """A public id such as VC-7KQ4-M2XD; typed loosely, answered in its one spelling."""

    default_error_messages = {
        "code": _("This is not a valid number. Copy it again, for example %(prefix)s-7KQ4-M2XD."),
    }

    def __init__(self, *, prefix: str, **options: Any) -> None:
        super().__init__(**{"max_length": 40, **options})
        self.prefix = prefix

    def to_internal_value(self, data: Any) -> str:
        """Read and check the id."""
        code = normalize_code(super().to_internal_value(data))
        if not is_code(code, self.prefix):
            raise serializers.ValidationError(
                self.error_messages["code"] % {"prefix": self.prefix}, code="code"
            )
        return code


class StrictBooleanField(serializers.BooleanField):
    """Only true and false; not "yes", 1 or "on"."""

    def to_internal_value(self, data: Any) -> bool:
        """Read a real boolean."""
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data
