"""API: disputes over bills, for both sides and the bureau that decides."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.parsers import FormParser, JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import Actor, Policy
from accounts.authentication import actor_of
from accounts.permissions import Permission
from common.api_fields import MoneyField, MonthField
from common.money import parse_yuan
from common.pagination import ListPagination
from vouchers.audit.actions import dispute_entries, disputes
from vouchers.audit.forms.disputes import DisputeFilter
from vouchers.audit.models import Dispute, DisputeEntry
from vouchers.billing.actions import bills
from vouchers.billing.api.bills import BillDetailSerializer, detail_of
from vouchers.billing.models import Bill


class DisputeEntrySerializer(serializers.ModelSerializer[DisputeEntry]):
    """What one side said, offered or handed in."""

    party = serializers.CharField(source="party.code")
    offer = MoneyField(source="offered_fen", allow_null=True)
    file = serializers.CharField(source="file.name", default=None)
    file_sha256 = serializers.CharField(source="file.sha256", default=None)

    class Meta:
        model = DisputeEntry
        fields: ClassVar = ["number", "party", "text", "offer", "file", "file_sha256", "written_at"]
        read_only_fields = fields


class DisputeSerializer(serializers.ModelSerializer[Dispute]):
    """A dispute: the bill's total before it, and what it came to."""

    bill = serializers.CharField(source="bill.code")
    month = MonthField(source="bill.month")
    enterprise = serializers.CharField(source="bill.enterprise.code")
    provider = serializers.CharField(source="bill.provider.code")
    bureau = serializers.CharField(source="bureau.code", default=None)
    before = MoneyField(source="before_fen")
    outcome = MoneyField(source="outcome_fen", allow_null=True)

    class Meta:
        model = Dispute
        fields: ClassVar = [
            "code", "bill", "month", "enterprise", "provider", "bureau", "status", "reason", "until",
            "before", "outcome", "answer", "opened_at", "closed_at",
        ]  # fmt: skip
        read_only_fields = fields


class DisputeDetailSerializer(DisputeSerializer):
    """A dispute with everything said in it."""

    entries = DisputeEntrySerializer(many=True)

    class Meta(DisputeSerializer.Meta):
        fields: ClassVar = [*DisputeSerializer.Meta.fields, "entries"]


class DisputeReasonSerializer(serializers.Serializer[object]):
    """What is wrong with a bill."""

    reason = serializers.CharField(max_length=bills.MAX_REASON)


class DisputeStatementSerializer(serializers.Serializer[object]):
    """Words, a file, or both; `offer` in yuan is the provider's: a new total of the bill."""

    text = serializers.CharField(
        max_length=dispute_entries.MOST_CHARACTERS, required=False, allow_blank=True, default=""
    )
    file = serializers.FileField(required=False, max_length=200)
    offer = serializers.RegexField(r"^[0-9]{1,12}(\.[0-9]{1,2})?$", required=False)


class OfferAcceptanceSerializer(serializers.Serializer[object]):
    """The offer that is accepted: it must still be the latest."""

    offer = MoneyField(minimum_fen=0)


class DisputeDecisionSerializer(serializers.Serializer[object]):
    """At which total the bill stands, and why."""

    total = MoneyField(minimum_fen=0)
    answer = serializers.CharField(max_length=bills.MAX_REASON)


class BillDisputeView(APIView):
    """Objection to a bill."""

    policy: ClassVar[Policy] = Permission.BILL_CONFIRM

    @extend_schema(
        operation_id="api-bill-dispute",
        request=DisputeReasonSerializer,
        responses=BillDetailSerializer,
    )
    def post(self, request: Request, code: str) -> Response:
        """Dispute a closed bill and say why; the same call again changes nothing."""
        actor = actor_of(request)
        asked = DisputeReasonSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        bill = get_object_or_404(Bill.objects.visible_to(actor), code=code)
        disputes.open_dispute(by=actor, bill=bill, at=timezone.now(), **asked.validated_data)
        return Response(detail_of(actor, code))


class DisputeListView(generics.ListAPIView[Dispute]):
    """Disputes of the own organization."""

    policy: ClassVar[Policy] = Permission.DISPUTE_VIEW
    serializer_class = DisputeSerializer
    pagination_class = ListPagination
    filterset_class = DisputeFilter
    queryset = Dispute.objects.none()

    def get_queryset(self) -> QuerySet[Dispute]:
        """The newest first."""
        rows = Dispute.objects.visible_to(actor_of(self.request)).with_names()
        return rows.order_by("-opened_at", "-pk")

    @extend_schema(operation_id="api-dispute-list")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List disputes."""
        return self.list(request, *args, **kwargs)


class DisputeView(APIView):
    """One dispute."""

    policy: ClassVar[Policy] = Permission.DISPUTE_VIEW

    @extend_schema(operation_id="api-dispute-read", responses=DisputeDetailSerializer)
    def get(self, request: Request, code: str) -> Response:
        """Read a dispute with everything said in it."""
        return Response(_shown(actor_of(request), code))


class DisputeStatementView(APIView):
    """Statements and evidence."""

    policy: ClassVar[Policy] = Permission.CASE_ANSWER
    parser_classes = (JSONParser, MultiPartParser, FormParser)

    @extend_schema(
        operation_id="api-dispute-say",
        request={
            "application/json": DisputeStatementSerializer,
            "multipart/form-data": DisputeStatementSerializer,
        },
        responses=DisputeDetailSerializer,
    )
    def post(self, request: Request, code: str) -> Response:
        """Add words, a file or an offer."""
        asked = DisputeStatementSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        actor, given = actor_of(request), asked.validated_data
        offer = given.get("offer")
        dispute_entries.say(
            by=actor,
            dispute=_found(actor, code),
            text=given["text"],
            file=given.get("file"),
            offered_fen=parse_yuan(offer) if offer is not None else None,
            at=timezone.now(),
        )
        return Response(_shown(actor, code))


class DisputeAcceptView(APIView):
    """Agreement."""

    policy: ClassVar[Policy] = Permission.BILL_CONFIRM

    @extend_schema(
        operation_id="api-dispute-accept",
        request=OfferAcceptanceSerializer,
        responses=DisputeDetailSerializer,
    )
    def post(self, request: Request, code: str) -> Response:
        """Accept the provider's latest offer."""
        asked = OfferAcceptanceSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        actor = actor_of(request)
        offered_fen = asked.validated_data["offer"]
        disputes.accept(
            by=actor, dispute=_found(actor, code), offered_fen=offered_fen, at=timezone.now()
        )
        return Response(_shown(actor, code))


class DisputeWithdrawView(APIView):
    """Withdrawal."""

    policy: ClassVar[Policy] = Permission.BILL_CONFIRM

    @extend_schema(
        operation_id="api-dispute-withdraw", request=None, responses=DisputeDetailSerializer
    )
    def post(self, request: Request, code: str) -> Response:
        """Take the dispute back; the bill is confirmed as it was."""
        actor = actor_of(request)
        disputes.withdraw(by=actor, dispute=_found(actor, code), at=timezone.now())
        return Response(_shown(actor, code))


class DisputeDecideView(APIView):
    """The bureau's decision."""

    policy: ClassVar[Policy] = Permission.CLAIM_AUDIT

    @extend_schema(
        operation_id="api-dispute-decide",
        request=DisputeDecisionSerializer,
        responses=DisputeDetailSerializer,
    )
    def post(self, request: Request, code: str) -> Response:
        """Decide at which total the bill stands."""
        asked = DisputeDecisionSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        actor = actor_of(request)
        disputes.decide(
            by=actor,
            dispute=_found(actor, code),
            total_fen=asked.validated_data["total"],
            answer=asked.validated_data["answer"],
            at=timezone.now(),
        )
        return Response(_shown(actor, code))


def _found(actor: Actor, code: str) -> Dispute:
    found: Dispute = get_object_or_404(Dispute.objects.visible_to(actor).with_names(), code=code)
    return found


def _shown(actor: Actor, code: str) -> dict[str, Any]:
    dispute = _found(actor, code)
    shown = dict(DisputeSerializer(dispute).data)
    return {**shown, "entries": DisputeEntrySerializer(dispute.entries.light(), many=True).data}
