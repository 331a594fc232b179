"""Prices in the API: exact decimals as text, with currency and unit."""

import re
import unicodedata
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from common.api_fields import CURRENCY, QuantityField
from providers.models import Meter, Rate

_PRICE = re.compile(r"(?:0|[1-9][0-9]{0,9})(?:\.[0-9]{1,10})?", re.ASCII)


@extend_schema_field(
    {
        "type": "object",
        "required": ["amount", "currency"],
        "additionalProperties": False,
        "properties": {
            "amount": {"type": "string", "pattern": f"^{_PRICE.pattern}$", "example": "1.988"},
            "currency": {"type": "string", "enum": [CURRENCY]},
        },
    }
)
class PriceField(serializers.Field[Decimal, Any, dict[str, str], Any]):
    """Exact yuan with up to ten decimals: `{"amount": "1.988", "currency": "CNY"}`."""

    default_error_messages = {
        "shape": _("Send an object with the members amount (text) and currency."),
        "amount": _("Send the price as text in yuan with at most ten decimals, not below zero."),
        "currency": _("Only CNY is accepted."),
    }

    def to_representation(self, value: Decimal) -> dict[str, str]:
        """Spell a price without exponent and needless zeros."""
        text = format(value, "f")
        plain = text.rstrip("0").rstrip(".") if "." in text else text
        return {"amount": plain, "currency": CURRENCY}

    def to_internal_value(self, data: Any) -> Decimal:
        """Read a price; NaN, signs and exponents are refused."""
        if not isinstance(data, dict) or set(data) != {"amount", "currency"}:
            self.fail("shape")
        if data["currency"] != CURRENCY:
            self.fail("currency")
        text = data["amount"]
        if not isinstance(text, str):
            self.fail("amount")
        normal = unicodedata.normalize("NFKC", text).strip()
        if not _PRICE.fullmatch(normal):
            self.fail("amount")
        return Decimal(normal)


class RateSerializer(serializers.ModelSerializer[Rate]):
    """A price with the days it is in force; `until_day` is the first day after it."""

    price = PriceField(source="price_yuan")
    per = QuantityField(source="per_units", unit_source="meter")
    from_day = serializers.DateField(source="effective.lower")
    until_day = serializers.DateField(source="effective.upper", allow_null=True)

    class Meta:
        model = Rate
        fields = ("meter", "price", "per", "from_day", "until_day", "source")
        read_only_fields = fields


class PriceRequestSerializer(serializers.Serializer[Any]):
    """A new price; the unit of `per` is the meter."""

    price = PriceField()
    per = QuantityField(unit_source="meter")
    from_day = serializers.DateField()
    source = serializers.CharField(  # type: ignore[assignment]
        max_length=300, required=False, default="", allow_blank=True
    )

    def validate_per(self, value: tuple[int, str]) -> tuple[int, str]:
        """The unit has to be a meter."""
        return known_meter(value)

    def action_values(self) -> dict[str, Any]:
        """What the action takes."""
        data = self.validated_data
        return {
            "meter": data["per"][1],
            "per_units": data["per"][0],
            "price_yuan": data["price"],
            "from_day": data["from_day"],
            "source": data["source"],
        }


def known_meter(value: tuple[int, str]) -> tuple[int, str]:
    """Refuse a quantity in a unit that is no meter."""
    if value[1] not in Meter.values:
        raise serializers.ValidationError(_("The unit is not a known meter."), code="meter")
    return value
