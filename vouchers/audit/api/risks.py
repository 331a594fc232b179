"""API: risk flags of the own bureau. A flag points; deciding on it refuses nothing."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import Actor, Policy
from accounts.authentication import actor_of
from accounts.permissions import Permission
from common.pagination import ListPagination
from vouchers.audit.actions import risk_flags
from vouchers.audit.models import FlagStatus, RiskFlag
from vouchers.audit.shown import suspects


class RiskFlagSerializer(serializers.ModelSerializer[RiskFlag]):
    """One rule's reason to look at what a voucher paid of a bill, in words and as the values it saw."""

    bill = serializers.CharField(source="bill.code")
    voucher = serializers.CharField(source="voucher.code")
    title = serializers.SerializerMethodField()
    words = serializers.SerializerMethodField()
    values = serializers.JSONField()
    evidence = serializers.JSONField()

    class Meta:
        model = RiskFlag
        fields: ClassVar = [
            "code", "bill", "voucher", "rule", "version", "weight", "is_lead", "title", "words",
            "values", "evidence", "status", "reason", "found_at", "decided_at",
        ]  # fmt: skip
        read_only_fields = fields

    def get_title(self, flag: RiskFlag) -> str:
        """What the rule is called."""
        return suspects.title(flag.rule)

    def get_words(self, flag: RiskFlag) -> str:
        """Why, in words."""
        return suspects.reason(flag)


class JudgmentSerializer(serializers.Serializer[object]):
    """Why, and whether it holds for all open flags of the redemption."""

    reason = serializers.CharField(max_length=2000)
    together = serializers.BooleanField(default=False)


class RiskFlagListView(generics.ListAPIView[RiskFlag]):
    """Flags on redemptions of the own bureau's schemes."""

    policy: ClassVar[Policy] = Permission.CLAIM_AUDIT
    serializer_class = RiskFlagSerializer
    pagination_class = ListPagination
    filter_backends = ()
    queryset = RiskFlag.objects.none()

    def get_queryset(self) -> QuerySet[RiskFlag]:
        """The most telling first."""
        asked = self.request.query_params
        rows = suspects.asked_for(
            actor_of(self.request), status=asked.get("status", ""), rule=asked.get("rule", "")
        )
        return rows.select_related("bill", "voucher").order_by("-weight", "pk")

    @extend_schema(
        operation_id="api-risk-list",
        parameters=[
            OpenApiParameter("status", OpenApiTypes.STR, enum=FlagStatus.values),
            OpenApiParameter("rule", OpenApiTypes.STR),
        ],
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List flags of a status and a rule."""
        return self.list(request, *args, **kwargs)


class RiskFlagView(APIView):
    """One flag."""

    policy: ClassVar[Policy] = Permission.CLAIM_AUDIT

    @extend_schema(operation_id="api-risk-read", responses=RiskFlagSerializer)
    def get(self, request: Request, code: str) -> Response:
        """Read a flag."""
        return Response(RiskFlagSerializer(_found(actor_of(request), code)).data)


class RiskFlagDismissView(APIView):
    """Nothing is wrong."""

    policy: ClassVar[Policy] = Permission.CLAIM_AUDIT

    @extend_schema(
        operation_id="api-risk-dismiss",
        request=JudgmentSerializer,
        responses=RiskFlagSerializer(many=True),
    )
    def post(self, request: Request, code: str) -> Response:
        """Dismiss a flag, or all open ones of its redemption."""
        actor, given = actor_of(request), _judged(request)
        done = risk_flags.dismiss(
            by=actor, flag=_found(actor, code), reason=given["reason"],
            together=given["together"], at=timezone.now(),
        )  # fmt: skip
        return Response(RiskFlagSerializer(done, many=True).data)


class RiskFlagConfirmView(APIView):
    """Something is wrong."""

    policy: ClassVar[Policy] = Permission.CLAIM_AUDIT

    @extend_schema(
        operation_id="api-risk-confirm",
        request=JudgmentSerializer,
        responses=RiskFlagSerializer(many=True),
    )
    def post(self, request: Request, code: str) -> Response:
        """Confirm a flag, or all open ones of its redemption."""
        actor, given = actor_of(request), _judged(request)
        done = risk_flags.confirm(
            by=actor, flag=_found(actor, code), reason=given["reason"],
            together=given["together"], at=timezone.now(),
        )  # fmt: skip
        return Response(RiskFlagSerializer(done, many=True).data)


def _found(actor: Actor, code: str) -> RiskFlag:
    rows = RiskFlag.objects.visible_to(actor).select_related("bill", "voucher")
    flag: RiskFlag = get_object_or_404(rows, code=code)
    return flag


def _judged(request: Request) -> dict[str, Any]:
    asked = JudgmentSerializer(data=request.data)
    asked.is_valid(raise_exception=True)
    return dict(asked.validated_data)
