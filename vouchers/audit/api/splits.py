"""API: what contributors of pools get of settlements."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import Policy
from accounts.authentication import actor_of
from accounts.permissions import Permission
from common.api_fields import MoneyField
from common.pagination import ListPagination
from vouchers.audit.actions import splits
from vouchers.audit.models import PaymentShare


class PoolIncomeSerializer(serializers.ModelSerializer[PaymentShare]):
    """The caller's part of a pool's payment in a settlement."""

    settlement = serializers.CharField(source="payment.settlement.code")
    seller = serializers.CharField(source="payment.provider.code")
    pool = serializers.CharField(source="split.facility.code")
    version = serializers.IntegerField(source="split.number")
    amount = MoneyField(source="amount_fen")
    paid_at = serializers.DateTimeField(source="payment.settlement.paid_at", allow_null=True)

    class Meta:
        model = PaymentShare
        fields: ClassVar = ["settlement", "seller", "pool", "version", "amount", "paid_at"]
        read_only_fields = fields


class PoolIncomeListView(generics.ListAPIView[PaymentShare]):
    """Parts of settlements of pools that the caller contributes to."""

    policy: ClassVar[Policy] = Permission.ORDER_VIEW
    serializer_class = PoolIncomeSerializer
    pagination_class = ListPagination
    filter_backends = ()
    queryset = PaymentShare.objects.none()

    def get_queryset(self) -> QuerySet[PaymentShare]:
        """Newest first."""
        return splits.shown_to(actor_of(self.request))

    @extend_schema(operation_id="api-pool-income-list")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List the own parts."""
        return self.list(request, *args, **kwargs)
