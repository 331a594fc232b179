"""API: a scheme's month before it is settled, its lock, and what statement, meter and gateway say."""

from datetime import date
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import Policy
from accounts.authentication import actor_of
from accounts.permissions import Permission
from common.api_fields import MoneyField, MonthField
from common.pagination import ListPagination
from vouchers.audit.actions import evidence, period_locks
from vouchers.audit.models import Claim, PeriodLock
from vouchers.billing.actions.metering import statements
from vouchers.billing.exports import sides
from vouchers.grants.models import Scheme


class TotalsSerializer(serializers.Serializer[period_locks.Totals]):
    """Control totals of a month, and what stays out of it."""

    claims = serializers.IntegerField()
    bills = serializers.IntegerField()
    lines = serializers.IntegerField()
    amount = MoneyField(source="lines_fen")
    add_up = serializers.BooleanField(help_text="Claims and lines come to the same sum.")
    unfinished = serializers.IntegerField(help_text="Claims without invoice, or returned.")
    unaudited = serializers.IntegerField()
    unanswered = serializers.IntegerField(help_text="Bills that nobody answered yet.")
    disputed = serializers.IntegerField()
    unclaimed = serializers.IntegerField()
    without_account = serializers.IntegerField(help_text="Claims of who stated no bank account.")


class PeriodLockSerializer(serializers.ModelSerializer[PeriodLock]):
    """A locked month."""

    scheme = serializers.CharField(source="scheme.code")
    month = MonthField()
    amount = MoneyField(source="amount_fen")

    class Meta:
        model = PeriodLock
        fields: ClassVar = ["scheme", "month", "claims", "lines", "amount", "locked_at"]
        read_only_fields = fields


class ShownTotalsSerializer(serializers.Serializer[object]):
    """The control totals that were read before."""

    lines = serializers.IntegerField(min_value=0)
    amount = MoneyField()


class SideSerializer(serializers.Serializer[list[sides.Row]]):
    """One day of one meter side by side, in base units; null where a source has no figure."""

    subscription = serializers.CharField()
    meter = serializers.CharField(source="side.meter")
    day = serializers.DateField(source="side.day")
    stated = serializers.IntegerField(source="side.stated", allow_null=True)
    metered = serializers.IntegerField(source="side.metered")
    gateway = serializers.IntegerField(source="side.edge", allow_null=True)
    difference = serializers.IntegerField(source="side.difference")
    finding = serializers.CharField(source="side.finding")
    agrees = serializers.BooleanField(source="side.agrees")


class PeriodLockListView(generics.ListAPIView[PeriodLock]):
    """Locked months of the own bureau's schemes."""

    policy: ClassVar[Policy] = Permission.SETTLEMENT_VIEW
    serializer_class = PeriodLockSerializer
    pagination_class = ListPagination
    filter_backends = ()
    queryset = PeriodLock.objects.none()

    def get_queryset(self) -> QuerySet[PeriodLock]:
        """Newest month first."""
        rows = PeriodLock.objects.visible_to(actor_of(self.request)).select_related("scheme")
        return rows.order_by("-month", "-pk")

    @extend_schema(operation_id="api-period-lock-list")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List locked months."""
        return self.list(request, *args, **kwargs)


def _scheme(request: Request, code: str) -> Scheme:
    own = Scheme.objects.filter(bureau=actor_of(request).organization)
    return get_object_or_404(own, code=code)


class PeriodTotalsView(APIView):
    """One scheme's month."""

    policy: ClassVar[Policy] = Permission.SETTLEMENT_VIEW

    @extend_schema(operation_id="api-period-totals", responses=TotalsSerializer)
    def get(self, request: Request, scheme_code: str, month: date) -> Response:
        """Read the control totals as they are now, and what stays out."""
        found = period_locks.totals(scheme=_scheme(request, scheme_code), month=month)
        return Response(TotalsSerializer(found).data)


class PeriodLockView(APIView):
    """The lock of a scheme's month."""

    policy: ClassVar[Policy] = Permission.SETTLEMENT_PREPARE

    @extend_schema(
        operation_id="api-period-lock",
        request=ShownTotalsSerializer,
        responses=PeriodLockSerializer,
    )
    def post(self, request: Request, scheme_code: str, month: date) -> Response:
        """Lock the month at the totals that were read; a second call answers the same lock."""
        asked = ShownTotalsSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        made = period_locks.lock(
            by=actor_of(request),
            scheme=_scheme(request, scheme_code),
            month=month,
            shown_lines=asked.validated_data["lines"],
            shown_fen=asked.validated_data["amount"],
            at=timezone.now(),
        )
        return Response(PeriodLockSerializer(made).data)


class AuditSidesView(APIView):
    """Reconciliation of a claim."""

    policy: ClassVar[Policy] = Permission.CLAIM_AUDIT

    @extend_schema(operation_id="api-audit-sides", responses=SideSerializer(many=True))
    def get(self, request: Request, code: str) -> Response:
        """Read what the provider stated, what was metered and what the gateway saw, by day."""
        actor = actor_of(request)
        own = Claim.objects.visible_to(actor).filter(scheme__bureau=actor.organization)
        found = evidence.sides_of(get_object_or_404(own, code=code))
        return Response(SideSerializer(sides.named(found), many=True).data)


class StatementSidesView(APIView):
    """Reconciliation of a provider's own month."""

    policy: ClassVar[Policy] = Permission.USAGE_REPORT

    @extend_schema(operation_id="api-statement-sides", responses=SideSerializer(many=True))
    def get(self, request: Request, month: date) -> Response:
        """Read the own month side by side, by day."""
        found = statements.of_provider(by=actor_of(request), month=month)
        return Response(SideSerializer(sides.named(found), many=True).data)
