"""API: extension of a voucher, and its revocation by two people."""

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
from common.idempotency import idempotent
from common.pagination import ListPagination
from vouchers.grants.actions import extensions, revocations
from vouchers.grants.models import Extension, Revocation

from .bulk import BulkDeclineSerializer
from .vouchers import ReasonSerializer, one


class ExtensionSerializer(serializers.ModelSerializer[Extension]):
    """The one extension of a voucher."""

    voucher = serializers.CharField(source="voucher.code")

    class Meta:
        model = Extension
        fields: ClassVar = ["voucher", "expired_before", "expires_at", "reason", "extended_at"]
        read_only_fields = fields


class RevocationSerializer(serializers.ModelSerializer[Revocation]):
    """A proposal to revoke a voucher."""

    voucher = serializers.CharField(source="voucher.code")
    proposed_by = serializers.CharField(source="proposed_by.name")
    decided_by = serializers.CharField(source="decided_by.name", allow_null=True, default=None)

    class Meta:
        model = Revocation
        fields: ClassVar = [
            "code", "voucher", "status", "reason", "proposed_at", "proposed_by", "decided_at",
            "decided_by", "note",
        ]  # fmt: skip
        read_only_fields = fields


def proposals(request: Request) -> QuerySet[Revocation]:
    """Proposals of the own bureau."""
    rows = Revocation.objects.visible_to(actor_of(request))
    return rows.select_related("voucher", "proposed_by", "decided_by")


def proposal(request: Request, code: str) -> Revocation:
    """One of them, or 404."""
    return get_object_or_404(proposals(request), code=code)


def _reason(request: Request) -> str:
    asked = ReasonSerializer(data=request.data)
    asked.is_valid(raise_exception=True)
    return str(asked.validated_data["reason"])


class VoucherExtendView(APIView):
    """Extending a voucher."""

    policy: ClassVar[Policy] = Permission.VOUCHER_ISSUE

    @extend_schema(
        operation_id="api-voucher-extend",
        request=ReasonSerializer,
        responses={201: ExtensionSerializer},
    )
    def post(self, request: Request, code: str) -> Response:
        """Move the end of a voucher, once, by the months that the scheme allows."""
        made = extensions.extend(
            by=actor_of(request),
            voucher=one(request, code),
            reason=_reason(request),
            at=timezone.now(),
        )
        return Response(ExtensionSerializer(made).data, status=201)


class VoucherRevokeView(APIView):
    """Proposing to revoke a voucher."""

    policy: ClassVar[Policy] = Permission.VOUCHER_ISSUE

    @extend_schema(
        operation_id="api-revocation-propose",
        request=ReasonSerializer,
        responses={201: RevocationSerializer},
    )
    def post(self, request: Request, code: str) -> Response:
        """Propose to revoke a voucher; nothing moves before a second person has approved it."""
        made = revocations.propose(
            by=actor_of(request),
            voucher=one(request, code),
            reason=_reason(request),
            at=timezone.now(),
        )
        return Response(RevocationSerializer(made).data, status=201)


class RevocationListView(generics.GenericAPIView[Revocation]):
    """Proposals of the own bureau."""

    policy: ClassVar[Policy] = Permission.DECISION_COUNTERSIGN
    serializer_class = RevocationSerializer
    pagination_class = ListPagination
    filter_backends = ()
    queryset = Revocation.objects.none()

    @extend_schema(operation_id="api-revocation-list")
    def get(self, request: Request) -> Response:
        """List proposals to revoke, the newest first."""
        page = self.paginate_queryset(proposals(request).order_by("-proposed_at", "-pk"))
        return self.get_paginated_response(RevocationSerializer(page, many=True).data)


class RevocationView(APIView):
    """One proposal."""

    policy: ClassVar[Policy] = Permission.DECISION_COUNTERSIGN

    @extend_schema(operation_id="api-revocation-read", responses=RevocationSerializer)
    def get(self, request: Request, code: str) -> Response:
        """Read a proposal."""
        return Response(RevocationSerializer(proposal(request, code)).data)


class RevocationApproveView(APIView):
    """The second signature."""

    policy: ClassVar[Policy] = Permission.DECISION_COUNTERSIGN

    @extend_schema(
        operation_id="api-revocation-approve", request=None, responses=RevocationSerializer
    )
    @idempotent
    def post(self, request: Request, code: str) -> Response:
        """End the voucher for good; what is left returns to the budget. Never the proposer."""
        done = revocations.approve(
            by=actor_of(request), revocation=proposal(request, code), at=timezone.now()
        )
        return Response(RevocationSerializer(done).data)


class RevocationDeclineView(APIView):
    """Turning a proposal down."""

    policy: ClassVar[Policy] = Permission.DECISION_COUNTERSIGN

    @extend_schema(
        operation_id="api-revocation-decline",
        request=BulkDeclineSerializer,
        responses=RevocationSerializer,
    )
    def post(self, request: Request, code: str) -> Response:
        """Turn a colleague's proposal down, or take the own one back."""
        found = proposal(request, code)
        asked = BulkDeclineSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given: dict[str, Any] = asked.validated_data
        done = revocations.decline(
            by=actor_of(request), revocation=found, at=timezone.now(), **given
        )
        return Response(RevocationSerializer(done).data)
