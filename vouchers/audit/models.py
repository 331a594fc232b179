"""Claims, settlements, signatures, payments, and the record of checked invariants."""

from typing import TYPE_CHECKING, Any, ClassVar, Self

import pgtrigger
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.constraints import choices_constraint, paired, positive
from common.models import StoredFile
from providers.models import Provider
from vouchers.billing.models import Bill
from vouchers.grants.models import Scheme

if TYPE_CHECKING:
    from accounts.access import Actor


class ClaimStatus(models.TextChoices):
    """Where a redemption claim stands."""

    DRAFT = "draft", _("Pre-filled")
    SUBMITTED = "submitted", _("Waiting for audit")
    PASSED = "passed", _("Passed")
    RETURNED = "returned", _("Returned for correction")
    SETTLING = "settling", _("In a settlement")
    PAID = "paid", _("Paid")


class SettlementStatus(models.TextChoices):
    """Where a settlement batch stands."""

    DRAFT = "draft", _("Waiting for first signature")
    SIGNED_ONCE = "signed_once", _("Waiting for second signature")
    SIGNED = "signed", _("Ready for payment")
    PAID = "paid", _("Paid")


class PaymentStatus(models.TextChoices):
    """Where one provider's payment stands."""

    WAITING = "waiting", _("Waiting")
    PAID = "paid", _("Paid")
    RETURNED = "returned", _("Returned by the bank")


class SettlementQuerySet(models.QuerySet["Settlement"]):
    """Lookups of settlements."""

    def visible_to(self, actor: "Actor") -> Self:
        """The scheme's bureau; a provider sees batches that pay it."""
        return self.filter(
            Q(scheme__bureau=actor.organization)
            | Q(
                pk__in=Payment.objects.filter(provider__organization=actor.organization).values(
                    "settlement"
                )
            )
        )


class Settlement(models.Model):
    """A batch of passed claims of one scheme. `content_sha256` is what the two people sign."""

    code = models.CharField(max_length=16, unique=True)
    scheme = models.ForeignKey(Scheme, on_delete=models.PROTECT, related_name="settlements")
    status = models.CharField(
        max_length=16, choices=SettlementStatus, default=SettlementStatus.DRAFT
    )
    total_fen = models.BigIntegerField()
    content_sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    paid_at = models.DateTimeField(null=True)
    paid_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    objects = SettlementQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            choices_constraint("status", SettlementStatus, "vouchers_settlement_status"),
            positive("total_fen", "vouchers_settlement_total"),
            paired("created", "vouchers_settlement_created"),
            paired("paid", "vouchers_settlement_paid"),
            models.CheckConstraint(
                condition=Q(status="paid", paid_at__isnull=False)
                | (~Q(status="paid") & Q(paid_at__isnull=True)),
                name="vouchers_settlement_payment",
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.ReadOnly(
                name="content_frozen", fields=["code", "scheme", "total_fen", "content_sha256"]
            ),
        ]

    def __str__(self) -> str:
        return self.code


class ClaimQuerySet(models.QuerySet["Claim"]):
    """Lookups of claims."""

    def visible_to(self, actor: "Actor") -> Self:
        """The claiming provider; the scheme's bureau once submitted."""
        return self.filter(
            Q(provider__organization=actor.organization)
            | Q(scheme__bureau=actor.organization, submitted_at__isnull=False)
        )


class Claim(models.Model):
    """What a scheme owes a provider for one month, pre-filled from confirmed bills (fen)."""

    code = models.CharField(max_length=16, unique=True)
    scheme = models.ForeignKey(Scheme, on_delete=models.PROTECT, related_name="claims")
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="claims")
    month = models.DateField()
    status = models.CharField(max_length=16, choices=ClaimStatus, default=ClaimStatus.DRAFT)
    amount_fen = models.BigIntegerField()
    invoice_number = models.CharField(_("invoice number"), max_length=30, blank=True, default="")
    invoice_fen = models.BigIntegerField(_("invoice amount"), null=True)
    invoice_file = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, null=True, related_name="+"
    )
    finding = models.TextField(blank=True, default="", max_length=2000)
    settlement = models.ForeignKey(
        Settlement, on_delete=models.PROTECT, null=True, related_name="claims"
    )
    created_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    submitted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    audited_at = models.DateTimeField(null=True)
    audited_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    objects = ClaimQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            choices_constraint("status", ClaimStatus, "vouchers_claim_status"),
            positive("amount_fen", "vouchers_claim_amount"),
            positive("invoice_fen", "vouchers_claim_invoice_amount"),
            models.CheckConstraint(
                condition=Q(month__day=1),
                name="vouchers_claim_month_start",
            ),
            models.UniqueConstraint(
                fields=["invoice_number"],
                condition=~Q(invoice_number=""),
                name="vouchers_claim_invoice_once",
            ),
            paired("submitted", "vouchers_claim_submitted"),
            paired("audited", "vouchers_claim_audited"),
            models.UniqueConstraint(
                fields=["scheme", "provider", "month"],
                condition=Q(status="draft"),
                name="vouchers_claim_one_draft",
            ),
            models.CheckConstraint(
                condition=Q(status="draft")
                | Q(
                    ~Q(invoice_number=""),
                    submitted_at__isnull=False,
                    invoice_file__isnull=False,
                    invoice_fen__gte=F("amount_fen"),
                ),
                name="vouchers_claim_complete",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "submitted"], audited_at__isnull=True)
                | (~Q(status__in=["draft", "submitted"]) & Q(audited_at__isnull=False)),
                name="vouchers_claim_decided",
            ),
            models.CheckConstraint(
                condition=~Q(status="returned") | ~Q(finding=""),
                name="vouchers_claim_return_reason",
            ),
            models.CheckConstraint(
                condition=(Q(status__in=["settling", "paid"]) & Q(settlement__isnull=False))
                | (~Q(status__in=["settling", "paid"]) & Q(settlement__isnull=True)),
                name="vouchers_claim_in_settlement",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["provider", "-month"], name="vouchers_claim_provider"),
            models.Index(fields=["scheme", "status"], name="vouchers_claim_queue"),
        ]

    def __str__(self) -> str:
        return self.code


_ONLY_INTO_DRAFTS = """
IF (SELECT status FROM vouchers_claim WHERE id = NEW.claim_id) <> 'draft' THEN
    RAISE EXCEPTION 'pgtrigger: a claim that was submitted takes no more lines';
END IF;
RETURN NEW;
"""


class ClaimLine(models.Model):
    """One voucher payment claimed. The primary key is the transfer: it can be claimed only once.

    Append-only, and only into a draft: what was submitted, signed and paid is frozen.
    """

    transfer = models.OneToOneField(
        "vouchers.Transfer", on_delete=models.PROTECT, primary_key=True, related_name="claim_line"
    )
    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="lines")
    bill = models.ForeignKey(Bill, on_delete=models.PROTECT, related_name="claim_lines")
    amount_fen = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [positive("amount_fen", "vouchers_claimline_amount")]
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(
                name="only_into_drafts",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=_ONLY_INTO_DRAFTS,
            ),
        ]


class SettlementSignature(models.Model):
    """One of two signatures over the content's hash, by two different humans. Append-only.

    `person_key` repeats the signer's at that moment: two accounts of one human are one human.
    """

    settlement = models.ForeignKey(Settlement, on_delete=models.PROTECT, related_name="signatures")
    position = models.PositiveSmallIntegerField()
    content_sha256 = models.CharField(max_length=64)
    person_key = models.CharField(max_length=64, blank=True, default="")
    signed_at = models.DateTimeField()
    signed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["settlement", "position"], name="vouchers_signature_position"
            ),
            models.UniqueConstraint(
                fields=["settlement", "signed_by"], name="vouchers_signature_person"
            ),
            models.UniqueConstraint(
                fields=["settlement", "person_key"],
                condition=~Q(person_key=""),
                name="vouchers_signature_human",
            ),
            models.CheckConstraint(condition=Q(position__in=[1, 2]), name="vouchers_signature_two"),
            paired("signed", "vouchers_signature_signed"),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]


class Payment(models.Model):
    """What a settlement pays to one provider."""

    settlement = models.ForeignKey(Settlement, on_delete=models.PROTECT, related_name="payments")
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="+")
    amount_fen = models.BigIntegerField()
    status = models.CharField(max_length=16, choices=PaymentStatus, default=PaymentStatus.WAITING)
    transfer = models.OneToOneField(
        "vouchers.Transfer", on_delete=models.PROTECT, null=True, related_name="payment"
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["settlement", "provider"], name="vouchers_payment_once"
            ),
            choices_constraint("status", PaymentStatus, "vouchers_payment_status"),
            positive("amount_fen", "vouchers_payment_amount"),
            models.CheckConstraint(
                condition=Q(status="waiting", transfer__isnull=True)
                | (~Q(status="waiting") & Q(transfer__isnull=False)),
                name="vouchers_payment_posted",
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.ReadOnly(
                name="amount_frozen", fields=["settlement", "provider", "amount_fen"]
            ),
        ]


class CheckRunQuerySet(models.QuerySet["CheckRun"]):
    """Lookups of checks."""

    def newest(self) -> Self:
        """The newest run of each invariant, in order of the name."""
        return self.order_by("name", "-checked_at", "-pk").distinct("name")


class CheckRun(models.Model):
    """One invariant held against the database: how many rows broke it, and the first of them."""

    name = models.CharField(max_length=16)
    checked_at = models.DateTimeField()
    broken_rows = models.PositiveIntegerField()
    examples: Any = models.JSONField(default=list, encoder=DjangoJSONEncoder)
    duration_ms = models.PositiveIntegerField()

    objects = CheckRunQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["name", "-checked_at"], name="vouchers_checkrun_latest"),
        ]
