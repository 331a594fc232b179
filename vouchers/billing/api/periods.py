"""API: billing months."""

from datetime import date
from typing import ClassVar

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import Policy
from accounts.authentication import actor_of
from accounts.permissions import Permission
from common.api_fields import MoneyField, MonthField
from vouchers.billing.actions import periods
from vouchers.billing.models import ClosedPeriod


class PreviewSerializer(serializers.Serializer[object]):
    """What closing a month would close."""

    month = MonthField()
    bills = serializers.IntegerField(help_text="Open bills.")
    waiting = serializers.IntegerField(help_text="Days of usage that are rated first.")
    total = MoneyField(source="total_fen")
    voucher = MoneyField(source="voucher_fen")
    own = MoneyField(source="own_fen")
    outstanding = MoneyField(source="receivable_fen")
    is_over = serializers.BooleanField()
    closed_at = serializers.DateTimeField(source="closed.closed_at", default=None, allow_null=True)


class ClosedPeriodSerializer(serializers.ModelSerializer[ClosedPeriod]):
    """A closed month."""

    month = MonthField()

    class Meta:
        model = ClosedPeriod
        fields: ClassVar = ["month", "closed_at"]


class PeriodView(APIView):
    """One month."""

    policy: ClassVar[Policy] = Permission.PERIOD_CLOSE

    @extend_schema(operation_id="api-period-preview", responses=PreviewSerializer)
    def get(self, request: Request, month: date) -> Response:
        """Read what closing the month would close."""
        found = periods.preview(by=actor_of(request), month=month, at=timezone.now())
        return Response(PreviewSerializer(found).data)


class PeriodCloseView(APIView):
    """End of a month."""

    policy: ClassVar[Policy] = Permission.PERIOD_CLOSE

    @extend_schema(operation_id="api-period-close", request=None, responses=ClosedPeriodSerializer)
    def post(self, request: Request, month: date) -> Response:
        """Close all open bills of a month that has ended; a second call changes nothing."""
        period = periods.close(by=actor_of(request), month=month, at=timezone.now())
        return Response(ClosedPeriodSerializer(period).data)
