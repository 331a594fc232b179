"""API: settlements for the bureau, payments for the provider, and the invariants."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import Actor, Policy
from accounts.authentication import actor_of
from accounts.permissions import Permission
from accounts.stepping_up import require_confirmed
from common.idempotency import idempotent
from common.pagination import ListPagination
from vouchers.audit.actions import payment_files, payment_results, settlements
from vouchers.audit.api.serializers import (
    CheckRunSerializer,
    NewSettlementSerializer,
    PaymentSerializer,
    SettlementDetailSerializer,
    SettlementSerializer,
    SignSerializer,
)
from vouchers.audit.forms import SettlementFilter
from vouchers.audit.models import CheckRun, Payment, Settlement
from vouchers.grants.models import Scheme


def _here(actor: Actor) -> QuerySet[Settlement]:
    """Batches of the own bureau; a provider reads its payments instead."""
    rows = Settlement.objects.visible_to(actor).filter(scheme__bureau=actor.organization)
    return rows.select_related("scheme")


def _whole(settlement: Settlement) -> Response:
    rows = Settlement.objects.select_related("scheme").prefetch_related(
        "claims__scheme",
        "claims__provider",
        "claims__invoice_file",
        "claims__settlement",
        "claims__enterprise",
        "payments__provider",
        "payments__enterprise",
        "payments__settlement",
        "payments__replaces__settlement",
        "signatures__signed_by",
    )
    return Response(SettlementDetailSerializer(rows.get(pk=settlement.pk)).data)


class SettlementListView(generics.ListAPIView[Settlement]):
    """Batches of the own bureau."""

    policies: ClassVar[dict[str, Policy]] = {
        "GET": Permission.SETTLEMENT_VIEW,
        "POST": Permission.SETTLEMENT_PREPARE,
    }
    serializer_class = SettlementSerializer
    pagination_class = ListPagination
    filterset_class = SettlementFilter
    queryset = Settlement.objects.none()

    def get_queryset(self) -> QuerySet[Settlement]:
        """Newest first."""
        return _here(actor_of(self.request)).order_by("-created_at", "-pk")

    @extend_schema(operation_id="api-settlement-list")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List settlements."""
        return self.list(request, *args, **kwargs)

    @extend_schema(
        operation_id="api-settlement-create",
        request=NewSettlementSerializer,
        responses={201: SettlementDetailSerializer},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Batch all passed claims of a scheme."""
        asked = NewSettlementSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        actor = actor_of(request)
        own = Scheme.objects.filter(bureau=actor.organization)
        scheme = get_object_or_404(own, code=asked.validated_data["scheme"])
        made = settlements.create(by=actor, scheme=scheme, at=timezone.now())
        answer = _whole(made)
        answer.status_code = 201
        return answer


class SettlementView(APIView):
    """One batch."""

    policy: ClassVar[Policy] = Permission.SETTLEMENT_VIEW

    @extend_schema(operation_id="api-settlement-read", responses=SettlementDetailSerializer)
    def get(self, request: Request, code: str) -> Response:
        """Read a settlement with claims, payments and signatures."""
        return _whole(get_object_or_404(_here(actor_of(request)), code=code))


class SettlementSignView(APIView):
    """Signatures; a key cannot sign, only a signed-in person."""

    policy: ClassVar[Policy] = Permission.SETTLEMENT_SIGN

    @extend_schema(
        operation_id="api-settlement-sign",
        request=SignSerializer,
        responses=SettlementDetailSerializer,
    )
    def post(self, request: Request, code: str) -> Response:
        """Sign the content with this hash."""
        asked = SignSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        actor = actor_of(request)
        settlement = get_object_or_404(_here(actor), code=code)
        if actor.key is None:
            require_confirmed(request)
        return _whole(
            settlements.sign(
                by=actor,
                settlement=settlement,
                content_sha256=asked.validated_data["content_sha256"],
                at=timezone.now(),
            )
        )


class SettlementPayView(APIView):
    """Payment."""

    policy: ClassVar[Policy] = Permission.SETTLEMENT_PREPARE

    @extend_schema(
        operation_id="api-settlement-pay", request=None, responses=SettlementDetailSerializer
    )
    @idempotent
    def post(self, request: Request, code: str) -> Response:
        """Mark a batch as paid that two people signed."""
        actor = actor_of(request)
        settlement = get_object_or_404(_here(actor), code=code)
        return _whole(payment_results.pay(by=actor, settlement=settlement, at=timezone.now()))


class SettlementFileView(APIView):
    """The payment file."""

    policy: ClassVar[Policy] = Permission.SETTLEMENT_PREPARE

    @extend_schema(
        operation_id="api-settlement-file",
        responses={(200, "text/csv"): OpenApiResponse(OpenApiTypes.BINARY)},
    )
    def get(self, request: Request, code: str) -> HttpResponse:
        """CSV with fixed columns, control total and the signed hash."""
        settlement = get_object_or_404(_here(actor_of(request)), code=code)
        content = payment_files.build(settlement)
        response = HttpResponse(content, content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="payments-{settlement.code}.csv"'
        return response


class PaymentListView(generics.ListAPIView[Payment]):
    """Payments to the own organization."""

    policy: ClassVar[Policy] = Permission.SETTLEMENT_VIEW
    serializer_class = PaymentSerializer
    pagination_class = ListPagination
    filter_backends = ()
    queryset = Payment.objects.none()

    def get_queryset(self) -> QuerySet[Payment]:
        """Newest first."""
        own = Payment.objects.to(actor_of(self.request).organization)
        rows = own.with_payees().select_related("settlement", "replaces__settlement")
        return rows.order_by("-settlement__created_at", "-pk")

    @extend_schema(operation_id="api-payment-list")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List payments."""
        return self.list(request, *args, **kwargs)


class InvariantListView(generics.ListAPIView[CheckRun]):
    """The last run of each invariant."""

    policy: ClassVar[Policy] = Permission.OPERATIONS_VIEW
    serializer_class = CheckRunSerializer
    pagination_class = None
    filter_backends = ()
    queryset = CheckRun.objects.none()

    def get_queryset(self) -> QuerySet[CheckRun]:
        """By name."""
        return CheckRun.objects.newest()

    @extend_schema(operation_id="api-invariant-list")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List invariants with their last run."""
        return self.list(request, *args, **kwargs)
