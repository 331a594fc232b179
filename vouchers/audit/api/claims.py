"""API: the provider's claims, and the bureau's audit of them."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import Actor, Policy
from accounts.authentication import actor_of
from accounts.models import OrganizationKind
from accounts.permissions import Permission
from common.money import parse_yuan
from common.pagination import AppendOnlyPagination, ListPagination
from vouchers.audit.actions import claims, prefilling, refunds
from vouchers.audit.api.serializers import (
    ClaimLineSerializer,
    ClaimSerializer,
    FindingSerializer,
    InvoiceSerializer,
    PrefillSerializer,
)
from vouchers.audit.forms import ClaimFilter
from vouchers.audit.models import Claim, ClaimLine


def _own(actor: Actor) -> QuerySet[Claim]:
    """Claims of the own organization."""
    rows = Claim.objects.visible_to(actor).claimed_by(actor)
    return rows.select_related("scheme", "provider", "enterprise", "invoice_file", "settlement")


def _submitted_here(actor: Actor) -> QuerySet[Claim]:
    """Claims submitted to the own bureau."""
    rows = Claim.objects.visible_to(actor).filter(scheme__bureau=actor.organization)
    return rows.select_related("scheme", "provider", "enterprise", "invoice_file", "settlement")


class ClaimListView(generics.ListAPIView[Claim]):
    """Claims of the own organization."""

    policy: ClassVar[Policy] = Permission.CLAIM_VIEW
    serializer_class = ClaimSerializer
    pagination_class = ListPagination
    filterset_class = ClaimFilter
    queryset = Claim.objects.none()

    def get_queryset(self) -> QuerySet[Claim]:
        """Newest month first."""
        return _own(actor_of(self.request)).order_by("-month", "-pk")

    @extend_schema(operation_id="api-claim-list")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List claims."""
        return self.list(request, *args, **kwargs)


class ClaimPrefillView(APIView):
    """Pre-filling of a month."""

    policy: ClassVar[Policy] = Permission.CLAIM_SUBMIT

    @extend_schema(
        operation_id="api-claim-prefill",
        request=PrefillSerializer,
        responses=ClaimSerializer(many=True),
    )
    def post(self, request: Request) -> Response:
        """Pre-fill one draft for each scheme; a second call adds only what is new."""
        asked = PrefillSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        actor = actor_of(request)
        fill = refunds.prefill if actor.is_kind(OrganizationKind.ENTERPRISE) else prefilling.prefill
        made = fill(by=actor, month=asked.validated_data["month"], at=timezone.now())
        rows = _own(actor).filter(pk__in=[claim.pk for claim in made]).order_by("pk")
        return Response(ClaimSerializer(rows, many=True).data)


class ClaimView(APIView):
    """One claim of the own organization."""

    policy: ClassVar[Policy] = Permission.CLAIM_VIEW

    @extend_schema(operation_id="api-claim-read", responses=ClaimSerializer)
    def get(self, request: Request, code: str) -> Response:
        """Read a claim."""
        return Response(ClaimSerializer(get_object_or_404(_own(actor_of(request)), code=code)).data)


class ClaimSubmitView(APIView):
    """Submission with an invoice."""

    policy: ClassVar[Policy] = Permission.CLAIM_SUBMIT
    parser_classes = (MultiPartParser, FormParser)

    @extend_schema(
        operation_id="api-claim-submit",
        request={"multipart/form-data": InvoiceSerializer},
        responses=ClaimSerializer,
    )
    def post(self, request: Request, code: str) -> Response:
        """Send a claim with its invoice to the bureau; an enterprise's to its provider first."""
        asked = InvoiceSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        actor = actor_of(request)
        sent = claims.submit(
            by=actor,
            claim=get_object_or_404(_own(actor), code=code),
            invoice_number=asked.validated_data["invoice_number"],
            invoice_fen=parse_yuan(asked.validated_data["invoice_amount"]),
            invoice_file=asked.validated_data.get("invoice_file"),
            invoice_seller=asked.validated_data.get("invoice_seller", ""),
            invoice_buyer=asked.validated_data.get("invoice_buyer", ""),
            invoice_on=asked.validated_data.get("invoice_on"),
            at=timezone.now(),
        )
        return Response(ClaimSerializer(sent).data)


class _LineList(generics.ListAPIView[ClaimLine]):
    serializer_class = ClaimLineSerializer
    pagination_class = AppendOnlyPagination
    filter_backends = ()
    queryset = ClaimLine.objects.none()

    def claims_of(self, actor: Actor) -> QuerySet[Claim]:
        """The claims whose lines may be read."""
        raise NotImplementedError

    def get_queryset(self) -> QuerySet[ClaimLine]:
        """Lines in order of the transfer."""
        claim = get_object_or_404(self.claims_of(actor_of(self.request)), code=self.kwargs["code"])
        rows = claim.lines.select_related(
            "claim", "bill__enterprise", "transfer__charge__voucher", "transfer__refund__voucher"
        )
        return rows.order_by("pk")

    def get_serializer_context(self) -> dict[str, Any]:
        """Tell the serializer who asks."""
        context = super().get_serializer_context()
        return {**context, "actor": getattr(self.request, "auth", None)}


class ClaimLineListView(_LineList):
    """Lines of an own claim, vouchers masked."""

    policy: ClassVar[Policy] = Permission.CLAIM_VIEW

    def claims_of(self, actor: Actor) -> QuerySet[Claim]:
        """The own ones."""
        return _own(actor)

    @extend_schema(operation_id="api-claim-lines")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List the voucher payments on a claim."""
        return self.list(request, *args, **kwargs)


class AuditListView(generics.ListAPIView[Claim]):
    """Claims submitted to the own bureau."""

    policy: ClassVar[Policy] = Permission.CLAIM_AUDIT
    serializer_class = ClaimSerializer
    pagination_class = ListPagination
    filterset_class = ClaimFilter
    queryset = Claim.objects.none()

    def get_queryset(self) -> QuerySet[Claim]:
        """What waits longest first."""
        return _submitted_here(actor_of(self.request)).order_by("submitted_at", "pk")

    @extend_schema(operation_id="api-audit-list")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List submitted claims."""
        return self.list(request, *args, **kwargs)


class AuditView(APIView):
    """One submitted claim."""

    policy: ClassVar[Policy] = Permission.CLAIM_AUDIT

    @extend_schema(operation_id="api-audit-read", responses=ClaimSerializer)
    def get(self, request: Request, code: str) -> Response:
        """Read a claim."""
        claim = get_object_or_404(_submitted_here(actor_of(request)), code=code)
        return Response(ClaimSerializer(claim).data)


class AuditLineListView(_LineList):
    """Lines of a submitted claim."""

    policy: ClassVar[Policy] = Permission.CLAIM_AUDIT

    def claims_of(self, actor: Actor) -> QuerySet[Claim]:
        """Those submitted to the bureau."""
        return _submitted_here(actor)

    @extend_schema(operation_id="api-audit-lines")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List the voucher payments on a claim."""
        return self.list(request, *args, **kwargs)


class AuditPassView(APIView):
    """Passing a claim."""

    policy: ClassVar[Policy] = Permission.CLAIM_AUDIT

    @extend_schema(
        operation_id="api-audit-pass", request=FindingSerializer, responses=ClaimSerializer
    )
    def post(self, request: Request, code: str) -> Response:
        """Pass a claim on to settlement."""
        actor, finding = actor_of(request), _finding(request)
        claim = get_object_or_404(_submitted_here(actor), code=code)
        done = claims.pass_claim(by=actor, claim=claim, finding=finding, at=timezone.now())
        return Response(ClaimSerializer(done).data)


class AuditReturnView(APIView):
    """Returning a claim."""

    policy: ClassVar[Policy] = Permission.CLAIM_AUDIT

    @extend_schema(
        operation_id="api-audit-return", request=FindingSerializer, responses=ClaimSerializer
    )
    def post(self, request: Request, code: str) -> Response:
        """Return a claim with the reason in words."""
        actor, finding = actor_of(request), _finding(request)
        claim = get_object_or_404(_submitted_here(actor), code=code)
        done = claims.return_claim(by=actor, claim=claim, finding=finding, at=timezone.now())
        return Response(ClaimSerializer(done).data)


def _finding(request: Request) -> str:
    asked = FindingSerializer(data=request.data)
    asked.is_valid(raise_exception=True)
    return str(asked.validated_data["finding"])
