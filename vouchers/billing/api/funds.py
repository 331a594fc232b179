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
from vouchers.billing.actions import budgets, funds


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


class BudgetSerializer(serializers.Serializer[object]):
    """The monthly budget; null is none."""

    amount = MoneyField(source="amount_fen", minimum_fen=1, allow_null=True)


class OutlookSerializer(serializers.Serializer[object]):
    """How own money goes in the running month."""

    month = serializers.DateField(help_text="First day of the running month.")
    amount = MoneyField(
        source="budget_fen", allow_null=True, help_text="The monthly budget; null is none."
    )
    spent = MoneyField(
        source="spent_fen", help_text="What this month's bills took that vouchers did not pay."
    )
    percent = serializers.IntegerField(
        allow_null=True, help_text="Whole percent of the budget that is used, rounded down."
    )
    hours_left = serializers.IntegerField(
        allow_null=True,
        help_text="Whole hours that own money lasts at the current rate; null while nothing is spent.",
    )


class BudgetView(APIView):
    """The own monthly budget."""

    policies: ClassVar[dict[str, Policy]] = {
        "GET": Permission.WALLET_VIEW,
        "PUT": Permission.BUDGET_SET,
    }

    @extend_schema(operation_id="api-budget-read", responses=OutlookSerializer)
    def get(self, request: Request) -> Response:
        """Read the budget, what is used of it, and how long own money lasts."""
        found = budgets.outlook(enterprise=actor_of(request).own(), at=timezone.now())
        return Response(OutlookSerializer(found).data)

    @extend_schema(
        operation_id="api-budget-set", request=BudgetSerializer, responses=BudgetSerializer
    )
    def put(self, request: Request) -> Response:
        """Set the budget; null takes it away, the same again changes nothing."""
        asked = BudgetSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        made = budgets.choose(
            by=actor_of(request),
            amount_fen=asked.validated_data["amount_fen"],
            at=timezone.now(),
        )
        return Response(BudgetSerializer(made).data)


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
