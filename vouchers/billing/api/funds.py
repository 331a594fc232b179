"""API: prepaid money and receipts."""

from typing import Any, ClassVar

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import Policy
from accounts.authentication import actor_of
from accounts.models import Organization, OrganizationKind
from accounts.permissions import Permission
from common.api_fields import CodeField, MoneyField
from common.idempotency import idempotent
from vouchers.billing.actions import funds


class FundsSerializer(serializers.Serializer[object]):
    """Prepaid money left and what is owed."""

    available = MoneyField(source="available_fen")
    outstanding = MoneyField(source="outstanding_fen")


class ReceiptSerializer(serializers.Serializer[object]):
    """A payment that the bank received for an enterprise."""

    enterprise = CodeField(prefix="OR")
    amount = MoneyField(source="amount_fen", minimum_fen=1)
    reference = serializers.CharField(
        max_length=funds.MAX_REFERENCE, help_text="Serial number of the bank's receipt."
    )


class DepositSerializer(serializers.Serializer[object]):
    """A recorded receipt."""

    id = serializers.UUIDField()
    enterprise = serializers.CharField(source="enterprise.code")
    amount = MoneyField(source="amount_fen")
    reference = serializers.CharField()


class FundsView(APIView):
    """The own prepaid money."""

    policy: ClassVar[Policy] = Permission.WALLET_VIEW

    @extend_schema(operation_id="api-funds-read", responses=FundsSerializer)
    def get(self, request: Request) -> Response:
        """Read the balance of the enterprise acted for."""
        found = funds.balance(enterprise=actor_of(request).own())
        return Response(FundsSerializer(found).data)


class DepositView(APIView):
    """Receipts of payments."""

    policy: ClassVar[Policy] = Permission.FUNDS_RECORD

    @extend_schema(
        operation_id="api-deposit-record",
        request=ReceiptSerializer,
        responses={201: DepositSerializer},
        parameters=[
            OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER, required=True)
        ],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Record a received payment; the same receipt again is the same movement."""
        asked = ReceiptSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        data: dict[str, Any] = asked.validated_data
        firms = Organization.objects.filter(kind=OrganizationKind.ENTERPRISE)
        made = funds.deposit(
            by=actor_of(request),
            enterprise=get_object_or_404(firms, code=data["enterprise"]),
            amount_fen=data["amount_fen"],
            reference=data["reference"],
            at=timezone.now(),
        )
        return Response(DepositSerializer(made).data, status=201)
