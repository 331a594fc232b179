"""API: debts of recoveries for the bureau, dues for the debtor, receipts and writing off."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import Actor, Policy
from accounts.authentication import actor_of
from accounts.permissions import Permission
from accounts.stepping_up import require_confirmed
from common.api_fields import MoneyField
from common.idempotency import idempotent
from common.pagination import ListPagination
from common.periods import local_day
from vouchers.audit.actions import debts, write_offs
from vouchers.audit.models import Recovery, Repayment, WriteOff


class DebtSerializer(serializers.Serializer[Any]):
    """One debt with what became of it: due = repaid + written off + left."""

    case = serializers.CharField(source="recovery.case.code")
    scheme = serializers.CharField(source="recovery.scheme.code")
    bureau = serializers.CharField(source="recovery.scheme.bureau.code")
    debtor = serializers.CharField(source="recovery.debtor.code")
    due = MoneyField(source="recovery.due_fen")
    repaid = MoneyField(source="repaid_fen")
    written_off = MoneyField(source="written_off_fen")
    left = MoneyField(source="left_fen")
    due_on = serializers.DateField(source="recovery.due_on")
    is_overdue = serializers.BooleanField()


class RepaymentSerializer(serializers.ModelSerializer[Repayment]):
    """What was received; one that takes another back says so and why."""

    amount = MoneyField(source="amount_fen")
    takes_back = serializers.SerializerMethodField()

    class Meta:
        model = Repayment
        fields: ClassVar = [
            "amount", "reference", "received_on", "takes_back", "reason", "recorded_at",
        ]  # fmt: skip
        read_only_fields = fields

    def get_takes_back(self, repayment: Repayment) -> bool:
        """Whether the row takes another one back."""
        return repayment.undoes_id is not None


class DebtDetailSerializer(DebtSerializer):
    """A debt with its receipts in order."""

    repayments = RepaymentSerializer(many=True)


class WriteOffSerializer(serializers.ModelSerializer[WriteOff]):
    """A proposal to write off."""

    case = serializers.CharField(source="recovery.case.code")
    amount = MoneyField(source="amount_fen")

    class Meta:
        model = WriteOff
        fields: ClassVar = [
            "code", "case", "amount", "reason", "status", "proposed_at", "decided_at",
        ]  # fmt: skip
        read_only_fields = fields


class NewRepaymentSerializer(serializers.Serializer[object]):
    """A receipt of the bank."""

    amount = MoneyField(minimum_fen=1)
    reference = serializers.CharField(max_length=60)
    received_on = serializers.DateField()


class NewWriteOffSerializer(serializers.Serializer[object]):
    """How much is given up, and why."""

    amount = MoneyField(minimum_fen=1)
    reason = serializers.CharField(max_length=500)


class _DebtList(generics.ListAPIView[Recovery]):
    serializer_class = DebtSerializer
    pagination_class = ListPagination
    filter_backends = ()
    queryset = Recovery.objects.none()

    def paginate_queryset(self, queryset: Any) -> Any:
        """A page of recoveries, each with its sums."""
        page = super().paginate_queryset(queryset)
        return debts.shown(rows=page or [], today=local_day(timezone.now()))


class DebtListView(_DebtList):
    """What is owed to the own bureau."""

    policy: ClassVar[Policy] = Permission.SETTLEMENT_VIEW

    def get_queryset(self) -> QuerySet[Recovery]:
        """The latest first."""
        return debts.of_bureau(actor_of(self.request).organization)

    @extend_schema(operation_id="api-debt-list")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List debts."""
        return self.list(request, *args, **kwargs)


class DueListView(_DebtList):
    """What the own organization owes or owed."""

    policy: ClassVar[Policy] = Permission.CASE_ANSWER

    def get_queryset(self) -> QuerySet[Recovery]:
        """The latest first."""
        return debts.of_debtor(actor_of(self.request).organization)

    @extend_schema(operation_id="api-due-list")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List what is to be paid back."""
        return self.list(request, *args, **kwargs)


class DebtView(APIView):
    """One debt of the own bureau."""

    policy: ClassVar[Policy] = Permission.SETTLEMENT_VIEW

    @extend_schema(operation_id="api-debt-read", responses=DebtDetailSerializer)
    def get(self, request: Request, code: str) -> Response:
        """Read a debt with its receipts."""
        return _whole(_found(actor_of(request), code))


class DebtReceiveView(APIView):
    """Receipts of the bank."""

    policy: ClassVar[Policy] = Permission.FUNDS_RECORD

    @extend_schema(
        operation_id="api-debt-receive",
        request=NewRepaymentSerializer,
        responses=DebtDetailSerializer,
    )
    @idempotent
    def post(self, request: Request, code: str) -> Response:
        """Record what the bank received for a debt, whole or in part."""
        asked = NewRepaymentSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        actor, given = actor_of(request), asked.validated_data
        recovery = _found(actor, code)
        debts.record(
            by=actor, recovery=recovery, amount_fen=given["amount"],
            reference=given["reference"], received_on=given["received_on"], at=timezone.now(),
        )  # fmt: skip
        return _whole(recovery)


class DebtWriteOffView(APIView):
    """Proposals to write off."""

    policy: ClassVar[Policy] = Permission.FUNDS_RECORD

    @extend_schema(
        operation_id="api-debt-write-off",
        request=NewWriteOffSerializer,
        responses={201: WriteOffSerializer},
    )
    @idempotent
    def post(self, request: Request, code: str) -> Response:
        """Propose to give up a debt or a part of it; a person, not a key."""
        asked = NewWriteOffSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        actor, given = actor_of(request), asked.validated_data
        made = write_offs.propose(
            by=actor, recovery=_found(actor, code), amount_fen=given["amount"],
            reason=given["reason"], at=timezone.now(),
        )  # fmt: skip
        return Response(WriteOffSerializer(made).data, status=201)


class WriteOffApproveView(APIView):
    """The second person's yes."""

    policy: ClassVar[Policy] = Permission.SETTLEMENT_SIGN

    @extend_schema(operation_id="api-write-off-approve", request=None, responses=WriteOffSerializer)
    @idempotent
    def post(self, request: Request, code: str) -> Response:
        """Write off what a colleague proposed; a person who just confirmed who they are."""
        actor = actor_of(request)
        proposal = get_object_or_404(WriteOff.objects.visible_to(actor), code=code)
        if actor.key is None:
            require_confirmed(request)
        made = write_offs.approve(by=actor, write_off=proposal, at=timezone.now())
        return Response(WriteOffSerializer(made).data)


class WriteOffDeclineView(APIView):
    """The second person's no."""

    policy: ClassVar[Policy] = Permission.SETTLEMENT_SIGN

    @extend_schema(operation_id="api-write-off-decline", request=None, responses=WriteOffSerializer)
    def post(self, request: Request, code: str) -> Response:
        """Turn a proposal down, or take the own one back."""
        actor = actor_of(request)
        proposal = get_object_or_404(WriteOff.objects.visible_to(actor), code=code)
        made = write_offs.decline(by=actor, write_off=proposal, at=timezone.now())
        return Response(WriteOffSerializer(made).data)


def _found(actor: Actor, code: str) -> Recovery:
    return get_object_or_404(debts.of_bureau(actor.organization), case__code=code)


def _whole(recovery: Recovery) -> Response:
    debt = debts.of(recovery=recovery, today=local_day(timezone.now()))
    told = DebtSerializer(debt).data
    rows = RepaymentSerializer(debts.history(recovery=recovery), many=True).data
    return Response({**told, "repayments": rows})
