"""API: bills, and their confirmation."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import Actor, Policy
from accounts.authentication import actor_of
from accounts.permissions import Permission
from common.api_fields import MoneyField, MonthField, QuantityField
from common.pagination import ListPagination
from vouchers.billing.actions import bills
from vouchers.billing.forms import BillFilter
from vouchers.billing.models import Bill, BillLine, Charge


class BillSerializer(serializers.ModelSerializer[Bill]):
    """A subscription's month and who pays it."""

    month = MonthField()
    subscription = serializers.CharField(source="subscription.code")
    offering = serializers.CharField(source="subscription.offering.name")
    enterprise = serializers.CharField(source="enterprise.code")
    enterprise_name = serializers.CharField(source="enterprise.name")
    provider = serializers.CharField(source="provider.code")
    provider_name = serializers.CharField(source="provider.organization.name")
    total = MoneyField(source="total_fen")
    voucher = MoneyField(source="voucher_fen")
    own = MoneyField(source="own_fen")
    outstanding = MoneyField(source="receivable_fen")
    credit_in = MoneyField(source="credit_in_fen")
    credit_out = MoneyField(source="credit_out_fen")
    corrected = MoneyField(source="corrected_fen")

    class Meta:
        model = Bill
        fields: ClassVar = [
            "code", "month", "status", "subscription", "offering", "enterprise", "enterprise_name",
            "provider", "provider_name", "total", "voucher", "own", "outstanding", "credit_in",
            "credit_out", "corrected", "closed_at", "answer_until", "lapsed_at",
            "confirmed_at", "disputed_at", "dispute_reason",
        ]  # fmt: skip
        read_only_fields = fields


class LineSerializer(serializers.ModelSerializer[BillLine]):
    """A meter's cumulative quantity at one price.

    `origin` is the month in which it was used: an earlier one than the bill's makes the line an
    adjustment, which may be negative. A `minimum` line is what was missing to the least charge.
    """

    origin = MonthField()
    quantity = QuantityField(unit_source="meter")
    price_yuan = serializers.DecimalField(
        source="rate.price_yuan", max_digits=20, decimal_places=10
    )
    per_units = serializers.IntegerField(source="rate.per_units")
    amount = MoneyField(source="amount_fen")

    class Meta:
        model = BillLine
        fields: ClassVar = [
            "kind", "origin", "meter", "quantity", "price_yuan", "per_units", "amount",
        ]  # fmt: skip


class ChargeSerializer(serializers.ModelSerializer[Charge]):
    """A payment; the voucher's code is for its holder alone.

    One that `undoes` another took its whole amount back.
    """

    transfer = serializers.UUIDField(source="transfer_id")
    undoes = serializers.UUIDField(source="undoes_id", allow_null=True)
    voucher = serializers.SerializerMethodField()
    amount = MoneyField(source="amount_fen")

    class Meta:
        model = Charge
        fields: ClassVar = [
            "number", "transfer", "payer", "voucher", "pays_outstanding", "undoes", "amount", "at",
        ]  # fmt: skip

    def get_voucher(self, charge: Charge) -> str | None:
        """The code, for the enterprise that holds the voucher."""
        actor: Actor = self.context["actor"]
        shown = charge.voucher and charge.voucher.enterprise_id == actor.own().pk
        return charge.voucher.code if charge.voucher and shown else None


class BillDetailSerializer(BillSerializer):
    """A bill with its lines and payments."""

    lines = LineSerializer(many=True)
    charges = ChargeSerializer(many=True)

    class Meta(BillSerializer.Meta):
        fields: ClassVar = [*BillSerializer.Meta.fields, "lines", "charges"]


class BillListView(generics.GenericAPIView[Bill]):
    """Bills of both sides of a contract."""

    policy: ClassVar[Policy] = Permission.USAGE_VIEW
    serializer_class = BillSerializer
    pagination_class = ListPagination
    filterset_class = BillFilter
    queryset = Bill.objects.none()

    def get_queryset(self) -> QuerySet[Bill]:
        """Newest month first."""
        shown = Bill.objects.visible_to(actor_of(self.request)).with_names()
        return shown.order_by("-month", "-pk")

    @extend_schema(operation_id="api-bill-list")
    def get(self, request: Request) -> Response:
        """List bills with who pays what."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)


class BillView(APIView):
    """One bill."""

    policy: ClassVar[Policy] = Permission.USAGE_VIEW

    @extend_schema(operation_id="api-bill-read", responses=BillDetailSerializer)
    def get(self, request: Request, code: str) -> Response:
        """Read a bill with its lines and payments."""
        return Response(detail_of(actor_of(request), code))


class BillConfirmView(APIView):
    """Agreement to a closed bill."""

    policy: ClassVar[Policy] = Permission.BILL_CONFIRM

    @extend_schema(operation_id="api-bill-confirm", request=None, responses=BillDetailSerializer)
    def post(self, request: Request, code: str) -> Response:
        """Confirm a closed bill; a second call changes nothing. A disputed one is confirmed by ending its dispute."""
        actor = actor_of(request)
        bill = get_object_or_404(Bill.objects.visible_to(actor), code=code)
        bills.confirm(by=actor, bill=bill, at=timezone.now())
        return Response(detail_of(actor, code))


def detail_of(actor: Actor, code: str) -> dict[str, Any]:
    """A visible bill as the API shows it, by its code."""
    shown = Bill.objects.visible_to(actor).with_names().with_parts()
    bill = get_object_or_404(shown, code=code)
    return dict(BillDetailSerializer(bill, context={"actor": actor}).data)
