"""API: bulk work with preview and a second person."""

import uuid
from typing import Any, ClassVar

from django.db.models import Prefetch, QuerySet
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
from common.api_fields import CodeField, MoneyField
from common.idempotency import idempotent
from common.pagination import ListPagination
from vouchers.grants.actions import bulk
from vouchers.grants.models import Application, BulkItem, BulkRun, BulkVerb
from vouchers.grants.rules.refusals import REFUSALS
from vouchers.grants.shown import worklist


class BulkChosenSerializer(serializers.Serializer[Any]):
    """A step and the applications meant; a refusal needs a reason of the closed list."""

    verb = serializers.ChoiceField(choices=BulkVerb.choices)
    applications = serializers.ListField(
        child=CodeField(prefix="AP"), min_length=1, max_length=bulk.MOST_APPLICATIONS
    )
    reason = serializers.ChoiceField(choices=list(REFUSALS), allow_blank=True, default="")


class BulkStartSerializer(BulkChosenSerializer):
    """The same, confirmed."""

    remark = serializers.CharField(max_length=1000, allow_blank=True, default="")


class BulkLineSerializer(serializers.Serializer[bulk.Line]):
    """What would happen to one application."""

    application = serializers.CharField(source="application.code")
    amount = MoneyField(source="amount_fen")
    code = serializers.CharField(allow_blank=True)
    message = serializers.CharField(allow_blank=True)


class BulkPreviewSerializer(serializers.Serializer[bulk.Preview]):
    """What a run would do."""

    lines = BulkLineSerializer(many=True)
    total = MoneyField(source="total_fen")
    needs_second = serializers.BooleanField()


class BulkItemSerializer(serializers.ModelSerializer[BulkItem]):
    """What became of one application."""

    application = serializers.CharField(source="application.code")
    amount = MoneyField(source="amount_fen")

    class Meta:
        model = BulkItem
        fields: ClassVar = ["application", "amount", "status", "code", "message", "done_at"]
        read_only_fields = fields


class BulkRunSerializer(serializers.ModelSerializer[BulkRun]):
    """A run of bulk work."""

    total = MoneyField(source="total_fen")
    proposed_by = serializers.CharField(source="proposed_by.name")
    decided_by = serializers.CharField(source="decided_by.name", allow_null=True, default=None)

    class Meta:
        model = BulkRun
        fields: ClassVar = [
            "code", "verb", "reason", "remark", "status", "item_count", "total", "needs_second",
            "proposed_at", "proposed_by", "decided_at", "decided_by", "note", "finished_at",
        ]  # fmt: skip
        read_only_fields = fields


class WholeBulkRunSerializer(BulkRunSerializer):
    """A run with every application."""

    items = BulkItemSerializer(many=True)

    class Meta(BulkRunSerializer.Meta):
        fields: ClassVar = [*BulkRunSerializer.Meta.fields, "items"]
        read_only_fields = fields


class BulkDeclineSerializer(serializers.Serializer[Any]):
    """Why not."""

    note = serializers.CharField(max_length=500)


def runs(request: Request) -> QuerySet[BulkRun]:
    """Runs of the own bureau."""
    rows = BulkRun.objects.visible_to(actor_of(request))
    return rows.select_related("proposed_by", "decided_by", "job")


def one(request: Request, code: str) -> BulkRun:
    """One of them with its items in order, or 404."""
    items = BulkItem.objects.select_related("application").order_by("pk")
    rows = runs(request).prefetch_related(Prefetch("items", queryset=items))
    return get_object_or_404(rows, code=code)


def chosen(request: Request, codes: list[str]) -> list[Application]:
    """Those handed in to the own bureau; others do not exist for it."""
    rows = worklist.handed_in(actor_of(request)).filter(code__in=codes)
    return list(rows.select_related("scheme__bureau", "enterprise").order_by("pk"))


class BulkPreviewView(APIView):
    """The preview of a run."""

    policy: ClassVar[Policy] = Permission.DECISION_COUNTERSIGN

    @extend_schema(
        operation_id="api-bulk-preview",
        request=BulkChosenSerializer,
        responses=BulkPreviewSerializer,
    )
    def post(self, request: Request) -> Response:
        """Tell what would happen to each, which are not possible and why, and the total; nothing happens."""
        asked = BulkChosenSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        found = bulk.preview(
            by=actor_of(request),
            verb=BulkVerb(given["verb"]),
            applications=chosen(request, given["applications"]),
            reason=given["reason"],
            at=timezone.now(),
        )
        return Response(BulkPreviewSerializer(found).data)


class BulkListView(generics.GenericAPIView[BulkRun]):
    """Runs of the own bureau."""

    policy: ClassVar[Policy] = Permission.DECISION_COUNTERSIGN
    serializer_class = BulkRunSerializer
    pagination_class = ListPagination
    filter_backends = ()
    queryset = BulkRun.objects.none()

    @extend_schema(operation_id="api-bulk-list")
    def get(self, request: Request) -> Response:
        """List runs, the newest first."""
        page = self.paginate_queryset(runs(request).order_by("-proposed_at", "-pk"))
        return self.get_paginated_response(BulkRunSerializer(page, many=True).data)

    @extend_schema(
        operation_id="api-bulk-start",
        request=BulkStartSerializer,
        responses={201: WholeBulkRunSerializer},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Confirm a run: it begins at once, or waits for a second person above the bureau's limits."""
        asked = BulkStartSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = dict(asked.validated_data)
        applications = chosen(request, given.pop("applications"))
        verb = BulkVerb(given.pop("verb"))
        made = bulk.start(
            by=actor_of(request),
            verb=verb,
            applications=applications,
            token=uuid.uuid4(),
            at=timezone.now(),
            **given,
        )
        whole = one(request, made.code)
        return Response(WholeBulkRunSerializer(whole).data, status=201)


class BulkView(APIView):
    """One run."""

    policy: ClassVar[Policy] = Permission.DECISION_COUNTERSIGN

    @extend_schema(operation_id="api-bulk-read", responses=WholeBulkRunSerializer)
    def get(self, request: Request, code: str) -> Response:
        """Read a run with what became of each application."""
        return Response(WholeBulkRunSerializer(one(request, code)).data)


class BulkApproveView(APIView):
    """The second signature."""

    policy: ClassVar[Policy] = Permission.DECISION_COUNTERSIGN

    @extend_schema(operation_id="api-bulk-approve", request=None, responses=BulkRunSerializer)
    @idempotent
    def post(self, request: Request, code: str) -> Response:
        """Approve a colleague's run; it begins."""
        done = bulk.approve(by=actor_of(request), run=one(request, code), at=timezone.now())
        return Response(BulkRunSerializer(done).data)


class BulkDeclineView(APIView):
    """Turning a run down."""

    policy: ClassVar[Policy] = Permission.DECISION_COUNTERSIGN

    @extend_schema(
        operation_id="api-bulk-decline", request=BulkDeclineSerializer, responses=BulkRunSerializer
    )
    def post(self, request: Request, code: str) -> Response:
        """Turn a colleague's run down, or take the own one back."""
        run = one(request, code)
        asked = BulkDeclineSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        done = bulk.decline(
            by=actor_of(request), run=run, at=timezone.now(), **asked.validated_data
        )
        return Response(BulkRunSerializer(done).data)
