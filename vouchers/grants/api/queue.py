"""API: the bureau's work queue, claims of applications, deadlines and limits, common remarks."""

from typing import Any, ClassVar

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import Policy
from accounts.authentication import actor_of
from accounts.permissions import Permission
from common.api_fields import MoneyField
from common.pagination import ListPagination
from vouchers.grants.actions import desk, queue
from vouchers.grants.models import (
    Application,
    ApplicationStatus,
    Assignment,
    CannedRemark,
    DeskRules,
    RemarkUse,
)
from vouchers.grants.shown import worklist

TABS = ("mine", "team", "overdue", "all")


class QueueRowSerializer(serializers.Serializer[Any]):
    """One application that waits: since when, until when, and who has it."""

    code = serializers.CharField(source="application.code")
    scheme = serializers.CharField(source="application.scheme.code")
    enterprise = serializers.CharField(source="application.enterprise.code")
    status = serializers.ChoiceField(source="application.status", choices=ApplicationStatus.choices)
    planned_spend = MoneyField(source="application.planned_spend_fen")
    arrived_at = serializers.DateTimeField(source="application.arrived_at")
    due_on = serializers.DateField(allow_null=True)
    is_overdue = serializers.BooleanField()
    version = serializers.IntegerField()
    claimed_by = serializers.CharField(source="holder.name", allow_null=True, default=None)
    is_mine = serializers.BooleanField()


class ClaimRequestSerializer(serializers.Serializer[Any]):
    """The version of the claim that was seen; 0 when nobody ever claimed it."""

    version = serializers.IntegerField(min_value=0, max_value=2_000_000_000)


class AssignmentSerializer(serializers.ModelSerializer[Assignment]):
    """Who works on an application, until when."""

    application = serializers.CharField(source="application.code")
    claimed_by = serializers.CharField(source="claimed_by.name", allow_null=True, default=None)

    class Meta:
        model = Assignment
        fields: ClassVar = ["application", "version", "claimed_at", "claimed_by", "expires_at"]
        read_only_fields = fields


class DeskSerializer(serializers.ModelSerializer[DeskRules]):
    """Working days for each step, and the limits above which bulk work needs a second person."""

    first_review_days = serializers.IntegerField(min_value=1, max_value=90)
    second_review_days = serializers.IntegerField(min_value=1, max_value=90)
    notice_days = serializers.IntegerField(min_value=1, max_value=90)
    issue_days = serializers.IntegerField(min_value=1, max_value=90)
    supplement_days = serializers.IntegerField(min_value=1, max_value=60)
    claim_days = serializers.IntegerField(min_value=1, max_value=30)
    bulk_limit_count = serializers.IntegerField(min_value=0, max_value=100_000)
    bulk_limit = MoneyField(source="bulk_limit_fen")

    class Meta:
        model = DeskRules
        fields: ClassVar = [
            "first_review_days", "second_review_days", "notice_days", "issue_days", "supplement_days", "claim_days",
            "bulk_limit_count", "bulk_limit",
        ]  # fmt: skip


class NewCannedRemarkSerializer(serializers.Serializer[Any]):
    """A sentence to be used again and again."""

    use = serializers.ChoiceField(choices=RemarkUse.choices)
    text = serializers.CharField(max_length=300)


class CannedRemarkSerializer(serializers.ModelSerializer[CannedRemark]):
    """A common remark of the bureau."""

    class Meta:
        model = CannedRemark
        fields: ClassVar = ["code", "use", "text", "created_at", "retired_at"]
        read_only_fields = fields


def handed_in(request: Request, code: str) -> Application:
    """An application handed in to the own bureau, or 404."""
    rows = worklist.handed_in(actor_of(request)).select_related("scheme", "enterprise")
    return get_object_or_404(rows, code=code)


class QueueView(generics.GenericAPIView[Application]):
    """The work queue of reviews."""

    policy: ClassVar[Policy] = Permission.APPLICATION_REVIEW
    serializer_class = QueueRowSerializer
    pagination_class = ListPagination
    filter_backends = ()
    queryset = Application.objects.none()

    @extend_schema(
        operation_id="api-review-list", parameters=[OpenApiParameter("view", enum=list(TABS))]
    )
    def get(self, request: Request) -> Response:
        """List what waits for a review, the longest waiting first; `view` is mine unless it says else."""
        actor, at = actor_of(request), timezone.now()
        tabs = worklist.views(actor, at, steps=worklist.AT_REVIEW)
        chosen = tabs.get(request.query_params.get("view", "mine"), tabs["mine"])
        rows = worklist.handed_in(actor).filter(chosen).select_related("scheme", "enterprise")
        page = self.paginate_queryset(worklist.longest_first(rows))
        dressed = worklist.dressed(actor, list(page or []), at)
        return self.get_paginated_response(QueueRowSerializer(dressed, many=True).data)


class ClaimView(APIView):
    """Claiming an application."""

    policy: ClassVar[Policy] = Permission.APPLICATION_REVIEW

    @extend_schema(operation_id="api-application-claim-read", responses=AssignmentSerializer)
    def get(self, request: Request, code: str) -> Response:
        """Who works on an application, and the version that claiming it asks for."""
        held = queue.of(application=handed_in(request, code))
        return Response(AssignmentSerializer(held).data)

    @extend_schema(
        operation_id="api-application-claim",
        request=ClaimRequestSerializer,
        responses=AssignmentSerializer,
    )
    def post(self, request: Request, code: str) -> Response:
        """Take an application to work on it; of two officers exactly one gets it."""
        asked = ClaimRequestSerializer(data=request.data)
        application = handed_in(request, code)
        asked.is_valid(raise_exception=True)
        held = queue.claim(
            by=actor_of(request), application=application, at=timezone.now(), **asked.validated_data
        )
        return Response(AssignmentSerializer(held).data)


class ReleaseView(APIView):
    """Giving an application back."""

    policy: ClassVar[Policy] = Permission.APPLICATION_REVIEW

    @extend_schema(
        operation_id="api-application-release", request=None, responses=AssignmentSerializer
    )
    def post(self, request: Request, code: str) -> Response:
        """Give an application back to the team."""
        held = queue.release(
            by=actor_of(request), application=handed_in(request, code), at=timezone.now()
        )
        return Response(AssignmentSerializer(held).data)


class DeskView(APIView):
    """Deadlines and limits of the own bureau."""

    policy: ClassVar[Policy] = Permission.SCHEME_MANAGE

    @extend_schema(operation_id="api-desk-read", responses=DeskSerializer)
    def get(self, request: Request) -> Response:
        """Read the deadlines and limits."""
        return Response(DeskSerializer(desk.rules_of(bureau=actor_of(request).own())).data)

    @extend_schema(operation_id="api-desk-update", request=DeskSerializer, responses=DeskSerializer)
    def put(self, request: Request) -> Response:
        """Change them; the trail keeps those before."""
        asked = DeskSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        changed = desk.change(by=actor_of(request), at=timezone.now(), **asked.validated_data)
        return Response(DeskSerializer(changed).data)


class RemarkListView(generics.GenericAPIView[CannedRemark]):
    """Common remarks of the own bureau."""

    policy: ClassVar[Policy] = Permission.APPLICATION_REVIEW
    serializer_class = CannedRemarkSerializer
    pagination_class = ListPagination
    filter_backends = ()
    queryset = CannedRemark.objects.none()

    @extend_schema(operation_id="api-remark-list")
    def get(self, request: Request) -> Response:
        """List the remarks that are offered."""
        rows = CannedRemark.objects.visible_to(actor_of(request)).in_use()
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(CannedRemarkSerializer(page, many=True).data)

    @extend_schema(
        operation_id="api-remark-add",
        request=NewCannedRemarkSerializer,
        responses={201: CannedRemarkSerializer},
    )
    def post(self, request: Request) -> Response:
        """Add a remark."""
        asked = NewCannedRemarkSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        made = desk.add_remark(by=actor_of(request), at=timezone.now(), **asked.validated_data)
        return Response(CannedRemarkSerializer(made).data, status=201)


class RemarkRetireView(APIView):
    """Offering a remark no longer."""

    policy: ClassVar[Policy] = Permission.APPLICATION_REVIEW

    @extend_schema(operation_id="api-remark-retire", request=None, responses=CannedRemarkSerializer)
    def post(self, request: Request, code: str) -> Response:
        """Offer a remark no longer."""
        rows = CannedRemark.objects.visible_to(actor_of(request))
        done = desk.retire_remark(
            by=actor_of(request), remark=get_object_or_404(rows, code=code), at=timezone.now()
        )
        return Response(CannedRemarkSerializer(done).data)
