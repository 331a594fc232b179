"""API: where a provider is paid, and what banks answered."""

from typing import ClassVar

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import Policy
from accounts.authentication import actor_of
from accounts.permissions import Permission
from accounts.stepping_up import require_confirmed
from common.idempotency import idempotent
from vouchers.audit.actions import payees, payment_results
from vouchers.audit.models import PayeeAccount, Settlement
from vouchers.audit.rules import results


class PayeeAccountSerializer(serializers.ModelSerializer[PayeeAccount]):
    """Bank and number; the holder is the organization itself."""

    account_number = serializers.CharField(max_length=60, help_text="8 to 32 digits.")

    class Meta:
        model = PayeeAccount
        fields: ClassVar = ["bank_name", "account_number", "stated_at"]
        read_only_fields: ClassVar = ["stated_at"]


class PayeeAccountView(APIView):
    """The own bank account."""

    policy: ClassVar[Policy] = Permission.CLAIM_SUBMIT

    @extend_schema(operation_id="api-payee-account-read", responses=PayeeAccountSerializer)
    def get(self, request: Request) -> Response:
        """Read the account that the next settlement pays to; 404 while none is stated."""
        rows = PayeeAccount.objects.filter(organization=actor_of(request).own()).newest()
        return Response(PayeeAccountSerializer(get_object_or_404(rows)).data)

    @extend_schema(
        operation_id="api-payee-account-state",
        request=PayeeAccountSerializer,
        responses=PayeeAccountSerializer,
    )
    def post(self, request: Request) -> Response:
        """State the account; a signed-in person who confirmed it, never a key."""
        asked = PayeeAccountSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        actor = actor_of(request)
        if actor.key is None:
            require_confirmed(request)
        stated = payees.state(by=actor, **asked.validated_data, at=timezone.now())
        return Response(PayeeAccountSerializer(stated).data)


class ResultsSerializer(serializers.Serializer[object]):
    """The bank's answer as CSV: position, amount, result, bank_serial, reason."""

    file = serializers.FileField(allow_empty_file=True, help_text="At most 5 MB.")
    trial = serializers.BooleanField(default=False, help_text="Only tell what would change.")


class ResultRowSerializer(serializers.Serializer[list[results.Row]]):
    """One row: `fault` says why it cannot be taken, `is_new` whether it changes anything."""

    number = serializers.IntegerField(help_text="Line of the file, the header being 1.")
    position = serializers.IntegerField()
    result = serializers.ChoiceField(
        choices=[each.value for each in results.Result], allow_null=True
    )
    fault = serializers.ChoiceField(choices=[each.value for each in results.Fault], allow_null=True)
    is_new = serializers.BooleanField()


class SettlementResultsView(APIView):
    """The bank's answer to a payment file."""

    policy: ClassVar[Policy] = Permission.SETTLEMENT_PREPARE
    parser_classes = (MultiPartParser, FormParser)

    @extend_schema(
        operation_id="api-settlement-results",
        request={"multipart/form-data": ResultsSerializer},
        responses=ResultRowSerializer(many=True),
    )
    @idempotent
    def post(self, request: Request, code: str) -> Response:
        """Record which payments were carried out and which came back; all rows or none."""
        asked = ResultsSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        actor = actor_of(request)
        own = Settlement.objects.visible_to(actor).filter(scheme__bureau=actor.organization)
        rows = payment_results.record(
            by=actor,
            settlement=get_object_or_404(own, code=code),
            content=asked.validated_data["file"].read(results.MAX_BYTES + 1),
            at=timezone.now(),
            is_trial=asked.validated_data["trial"],
        )
        return Response(ResultRowSerializer(rows, many=True).data)
