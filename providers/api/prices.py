"""Prices in the API: exact decimals as text, with currency and unit."""

import re
import unicodedata
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from common.api_fields import CURRENCY, MoneyField, QuantityField
from providers.models import Meter, Rate
from providers.rules.prices import PriceTier

REQUEST_UNIT = "tokens"
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
    """A price with the days it is in force; `until_day` is the first day after it.

    It prices requests longer than `longer_than` and units beyond `beyond` in the month, each up to
    the next tier; `minimum` is the least that a month with any usage of the meter costs.
    """

    price = PriceField(source="price_yuan")
    per = QuantityField(source="per_units", unit_source="meter")
    longer_than = QuantityField(source="context_from", unit=REQUEST_UNIT)
    beyond = QuantityField(source="volume_from", unit_source="meter")
    minimum = MoneyField(source="minimum_fen")
    from_day = serializers.DateField(source="effective.lower")
    until_day = serializers.DateField(source="effective.upper", allow_null=True)

    class Meta:
        model = Rate
        fields = (
            "meter", "price", "per", "longer_than", "beyond", "minimum", "from_day", "until_day",
            "source",
        )  # fmt: skip
        read_only_fields = fields


class PricesSetSerializer(RateSerializer):
    """The first tier of a new price list, and all of them."""

    tiers = serializers.SerializerMethodField()

    @extend_schema_field(RateSerializer(many=True))
    def get_tiers(self, _first: Rate) -> Any:
        """All tiers, the first one too."""
        return RateSerializer(self.context["tiers"], many=True).data

    class Meta(RateSerializer.Meta):
        fields = (*RateSerializer.Meta.fields, "tiers")  # type: ignore[assignment]
        read_only_fields = fields  # type: ignore[assignment]


class TierSerializer(serializers.Serializer[Any]):
    """A further price: for longer requests, or for units beyond a volume of the month."""

    price = PriceField()
    longer_than = QuantityField(unit=REQUEST_UNIT, required=False, default=0)
    beyond = QuantityField(unit_source="meter", required=False, default=None, allow_null=True)


class PriceRequestSerializer(serializers.Serializer[Any]):
    """A new price list of a meter; the unit of `per` is the meter, `price` its first tier."""

    price = PriceField()
    per = QuantityField(unit_source="meter")
    tiers = TierSerializer(many=True, required=False, default=list)
    minimum = MoneyField(required=False, default=0)
    from_day = serializers.DateField()
    source = serializers.CharField(  # type: ignore[assignment]
        max_length=300, required=False, default="", allow_blank=True
    )

    def validate_per(self, value: tuple[int, str]) -> tuple[int, str]:
        """The unit has to be a meter."""
        return known_meter(value)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Volumes of tiers are stated in the meter of the price."""
        for tier in attrs["tiers"]:
            if tier["beyond"] is not None and tier["beyond"][1] != attrs["per"][1]:
                raise serializers.ValidationError(
                    {"tiers": _("State volumes in the unit of the price.")}, code="unit"
                )
        return attrs

    def action_values(self) -> dict[str, Any]:
        """What the action takes."""
        data = self.validated_data
        tiers = [
            PriceTier(
                tier["price"], tier["longer_than"], tier["beyond"][0] if tier["beyond"] else 0
            )
            for tier in data["tiers"]
        ]
        return {
            "meter": data["per"][1],
            "per_units": data["per"][0],
            "tiers": [PriceTier(data["price"]), *tiers],
            "minimum_fen": data["minimum"],
            "from_day": data["from_day"],
            "source": data["source"],
        }


def known_meter(value: tuple[int, str]) -> tuple[int, str]:
    """Refuse a quantity in a unit that is no meter."""
    if value[1] not in Meter.values:
        raise serializers.ValidationError(_("The unit is not a known meter."), code="meter")
    return value
