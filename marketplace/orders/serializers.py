"""Orders on the wire."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.access import Actor
from accounts.authentication import actor_of
from common.api_fields import CodeField, MoneyField, QuantityField
from marketplace.matching.actions.needs import MAX_VOLUME
from marketplace.orders.actions import orders
from marketplace.orders.forms import LONGEST_NUMBER
from marketplace.orders.models import Order, OrderChange, Quote
from providers.models import Subscription


class NewOrderSerializer(serializers.Serializer[object]):
    """What to order. `own_share` is the monthly share that was seen; another one is refused."""

    need = CodeField(prefix="ND")
    bundle = CodeField(prefix="BN")
    own_share = MoneyField(required=False, allow_null=True, default=None)


class ResumingSerializer(serializers.Serializer[object]):
    """`own_share` is the monthly share that was seen, if any; another one is refused."""

    own_share = MoneyField(required=False, allow_null=True, default=None)


class NewOrderChangeSerializer(serializers.Serializer[object]):
    """What the order is from next month on; without a bundle, the same one with another volume."""

    monthly_volume = serializers.IntegerField(min_value=1, max_value=MAX_VOLUME)
    bundle = CodeField(prefix="BN", required=False, allow_null=True, default=None)
    own_share = MoneyField(required=False, allow_null=True, default=None)


class OrderChangeSerializer(serializers.ModelSerializer[OrderChange]):
    """A planned change, or what became of it."""

    order = serializers.CharField(source="order.code")
    bundle = serializers.CharField(source="bundle.code")
    own_share = MoneyField(source="monthly_own_fen")

    class Meta:
        model = OrderChange
        fields: ClassVar = [
            "order",
            "bundle",
            "monthly_volume",
            "own_share",
            "effective_on",
            "status",
            "reason",
            "stated_at",
        ]
        read_only_fields = fields


class AcceptanceSerializer(serializers.Serializer[object]):
    """What was shown with the quote; another share or another text is refused."""

    own_share = MoneyField()
    contract_version = serializers.IntegerField(min_value=1)
    own_number = serializers.CharField(
        max_length=LONGEST_NUMBER, required=False, default="", allow_blank=True
    )


class QuoteSerializer(serializers.ModelSerializer[Quote]):
    """A quote; `held` is what vouchers keep for it while it is reserved."""

    need = serializers.CharField(source="need.code")
    bundle = serializers.CharField(source="bundle.code")
    name = serializers.CharField(source="bundle.name")
    price = MoneyField(source="monthly_price_fen")
    voucher = MoneyField(source="monthly_voucher_fen")
    own_share = MoneyField(source="monthly_own_fen")
    held = MoneyField(source="held_fen")
    contract_version = serializers.SerializerMethodField()

    class Meta:
        model = Quote
        fields: ClassVar = [
            "code",
            "status",
            "need",
            "bundle",
            "name",
            "price",
            "voucher",
            "own_share",
            "held",
            "quoted_at",
            "valid_until",
            "reserved_until",
            "contract_version",
        ]
        read_only_fields = fields

    def get_contract_version(self, quote: Quote) -> int:
        """Version of the text that an acceptance accepts."""
        return orders.CONTRACT_VERSION


class OrderPartSerializer(serializers.ModelSerializer[Subscription]):
    """One offering's part: `code` is what usage is reported against."""

    offering = serializers.CharField(source="offering.code")
    name = serializers.CharField(source="offering.name")
    provider = serializers.CharField(source="offering.provider.organization.name")
    planned = serializers.SerializerMethodField()

    class Meta:
        model = Subscription
        fields: ClassVar = [
            "code",
            "offering",
            "name",
            "provider",
            "planned",
            "status",
            "starts_at",
            "ends_at",
        ]
        read_only_fields = fields

    @extend_schema_field({"type": "array", "items": {"type": "object"}})
    def get_planned(self, subscription: Subscription) -> list[dict[str, Any]]:
        """Base units planned (and reserved, where capacity is declared) each month."""
        field = QuantityField(unit_source="meter")
        return [
            field.to_representation((units, meter))
            for meter, units in subscription.monthly_units.items()
        ]


class OrderSerializer(serializers.ModelSerializer[Order]):
    """An order; the monthly amounts are for the enterprise alone and null for a provider."""

    enterprise = serializers.CharField(source="enterprise.name")
    need = serializers.SerializerMethodField()
    bundle = serializers.CharField(source="bundle.code")
    name = serializers.CharField(source="bundle.name")
    price = MoneyField(source="monthly_price_fen", allow_null=True)
    voucher = MoneyField(source="monthly_voucher_fen", allow_null=True)
    own_share = MoneyField(source="monthly_own_fen", allow_null=True)

    class Meta:
        model = Order
        fields: ClassVar = [
            "code",
            "status",
            "enterprise",
            "need",
            "bundle",
            "name",
            "price",
            "voucher",
            "own_share",
            "own_number",
            "placed_at",
            "ends_at",
        ]
        read_only_fields = fields

    def get_need(self, order: Order) -> str | None:
        """Code of the need, for the enterprise."""
        return order.need.code if self._is_buyer(order) else None

    def to_representation(self, instance: Order) -> dict[str, Any]:
        """Keep what the enterprise pays in all from the providers."""
        shown = super().to_representation(instance)
        if not self._is_buyer(instance):
            shown |= {"price": None, "voucher": None, "own_share": None, "own_number": ""}
        return shown

    def _is_buyer(self, order: Order) -> bool:
        return order.enterprise == self._actor().organization

    def _actor(self) -> Actor:
        return actor_of(self.context["request"])


class OrderDetailSerializer(OrderSerializer):
    """An order with the subscriptions the reader may see."""

    subscriptions = serializers.SerializerMethodField()

    class Meta(OrderSerializer.Meta):
        fields: ClassVar = [*OrderSerializer.Meta.fields, "subscriptions"]

    @extend_schema_field(OrderPartSerializer(many=True))
    def get_subscriptions(self, order: Order) -> list[dict[str, Any]]:
        """In the order of their layers."""
        rows = (
            Subscription.objects.visible_to(self._actor())
            .filter(reference=order.code)
            .select_related("offering__provider__organization")
            .order_by("offering__layer", "pk")
        )
        return list(OrderPartSerializer(rows, many=True).data)
