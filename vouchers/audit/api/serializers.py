"""Shapes of claims, settlements and invariants in the API."""

from typing import Any, ClassVar

from rest_framework import serializers

from accounts.access import Actor
from accounts.models import OrganizationKind
from common.api_fields import MoneyField, MonthField
from vouchers.audit.models import (
    CheckRun,
    Claim,
    ClaimLine,
    Payment,
    Settlement,
    SettlementSignature,
)
from vouchers.audit.rules.masking import masked


class ClaimSerializer(serializers.ModelSerializer[Claim]):
    """A claim with its invoice and where it stands."""

    scheme = serializers.CharField(source="scheme.code")
    provider = serializers.CharField(source="provider.code")
    enterprise = serializers.CharField(
        source="enterprise.code", default=None, help_text="Who is paid, where a scheme pays back."
    )
    amount = MoneyField(source="amount_fen")
    invoice_amount = MoneyField(source="invoice_fen", allow_null=True)
    invoice_sha256 = serializers.CharField(source="invoice_file.sha256", default=None)
    settlement = serializers.CharField(source="settlement.code", default=None)

    month = MonthField()

    class Meta:
        model = Claim
        fields: ClassVar = [
            "code",
            "scheme",
            "provider",
            "enterprise",
            "month",
            "status",
            "amount",
            "invoice_number",
            "invoice_amount",
            "invoice_seller",
            "invoice_buyer",
            "invoice_on",
            "invoice_sha256",
            "finding",
            "settlement",
            "created_at",
            "submitted_at",
            "audited_at",
        ]
        read_only_fields = fields


class ClaimLineSerializer(serializers.ModelSerializer[ClaimLine]):
    """One voucher payment on a claim; the voucher is masked for the provider."""

    transfer = serializers.UUIDField(source="transfer_id")
    bill = serializers.CharField(source="bill.code")
    enterprise = serializers.CharField(source="bill.enterprise.name")
    voucher = serializers.SerializerMethodField()
    amount = MoneyField(source="amount_fen")

    class Meta:
        model = ClaimLine
        fields: ClassVar = ["transfer", "bill", "enterprise", "voucher", "amount"]
        read_only_fields = fields

    def get_voucher(self, line: Any) -> str:
        """The voucher's code, whole only for the bureau."""
        actor: Actor = self.context["actor"]
        paid_by = line.transfer.refund if line.claim.enterprise_id else line.transfer.charge
        code = str(paid_by.voucher.code)
        return code if actor.is_kind(OrganizationKind.BUREAU) else masked(code)


class PrefillSerializer(serializers.Serializer[object]):
    """The month to pre-fill."""

    month = MonthField()


class InvoiceSerializer(serializers.Serializer[object]):
    """The invoice that covers a claim. Sent as a form: the amount is a decimal text in yuan."""

    invoice_number = serializers.CharField(max_length=60)
    invoice_amount = serializers.CharField(max_length=30)
    invoice_seller = serializers.CharField(
        max_length=40,
        required=False,
        allow_blank=True,
        help_text="Unified social credit code; yours.",
    )
    invoice_buyer = serializers.CharField(
        max_length=40,
        required=False,
        allow_blank=True,
        help_text="The bureau's, unless it says so.",
    )
    invoice_on = serializers.DateField(required=False)
    invoice_file = serializers.FileField(
        required=False, allow_empty_file=True, help_text="PDF, OFD, PNG or JPEG, at most 10 MB."
    )


class FindingSerializer(serializers.Serializer[object]):
    """Why, in words."""

    finding = serializers.CharField(max_length=2000, allow_blank=True, required=False, default="")


class SignatureSerializer(serializers.ModelSerializer[SettlementSignature]):
    """Who signed which content."""

    signed_by = serializers.CharField(source="signed_by.name")

    class Meta:
        model = SettlementSignature
        fields: ClassVar = ["position", "signed_by", "signed_at", "content_sha256"]
        read_only_fields = fields


class PaymentSerializer(serializers.ModelSerializer[Payment]):
    """What a settlement pays to one payee."""

    settlement = serializers.CharField(source="settlement.code")
    payee = serializers.CharField(source="payee_code", help_text="Of a provider or an enterprise.")
    amount = MoneyField(source="amount_fen")
    repeats = serializers.CharField(
        source="replaces.settlement.code",
        default=None,
        help_text="The settlement whose returned payment this one pays again.",
    )
    paid_at = serializers.DateTimeField(source="settlement.paid_at", allow_null=True)

    class Meta:
        model = Payment
        fields: ClassVar = [
            "settlement", "payee", "amount", "status", "return_reason", "repeats", "paid_at",
        ]  # fmt: skip
        read_only_fields = fields


class SettlementSerializer(serializers.ModelSerializer[Settlement]):
    """A batch without its parts."""

    scheme = serializers.CharField(source="scheme.code")
    total = MoneyField(source="total_fen")

    class Meta:
        model = Settlement
        fields: ClassVar = [
            "code",
            "scheme",
            "status",
            "total",
            "content_sha256",
            "created_at",
            "paid_at",
        ]
        read_only_fields = fields


class SettlementDetailSerializer(SettlementSerializer):
    """A batch with claims, payments and signatures."""

    claims = ClaimSerializer(many=True)
    payments = PaymentSerializer(many=True)
    signatures = SignatureSerializer(many=True)

    class Meta(SettlementSerializer.Meta):
        fields: ClassVar = [*SettlementSerializer.Meta.fields, "claims", "payments", "signatures"]


class NewSettlementSerializer(serializers.Serializer[object]):
    """The scheme whose passed claims are batched."""

    scheme = serializers.CharField(max_length=16)


class SignSerializer(serializers.Serializer[object]):
    """The hash that the signer was shown."""

    content_sha256 = serializers.RegexField(r"^[0-9a-f]{64}$")


class CheckRunSerializer(serializers.ModelSerializer[CheckRun]):
    """The last run of one invariant."""

    holds = serializers.SerializerMethodField()

    class Meta:
        model = CheckRun
        fields: ClassVar = ["name", "holds", "broken_rows", "checked_at", "duration_ms"]
        read_only_fields = fields

    def get_holds(self, run: CheckRun) -> bool:
        """Tell whether nothing broke it."""
        return run.broken_rows == 0
