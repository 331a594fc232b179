"""Claims and their lines."""

from typing import TYPE_CHECKING, ClassVar, Self

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization, User
from common.constraints import choices_constraint, paired, positive
from common.models import StoredFile
from providers.models import Provider
from vouchers.audit.models.settlements import Settlement
from vouchers.billing.models import Bill
from vouchers.grants.models import Scheme
from vouchers.ledger.fields import transaction_number

if TYPE_CHECKING:
    from accounts.access import Actor


class ClaimStatus(models.TextChoices):
    """Where a redemption claim stands."""

    DRAFT = "draft", _("Pre-filled")
    CONFIRMING = "confirming", _("Waiting for the provider")
    SUBMITTED = "submitted", _("Waiting for audit")
    PASSED = "passed", _("Passed")
    RETURNED = "returned", _("Returned for correction")
    SETTLING = "settling", _("In a settlement")
    PAID = "paid", _("Paid")
    EMPTIED = "emptied", _("Nothing left: all lines disputed")


class ClaimQuerySet(models.QuerySet["Claim"]):
    """Lookups of claims."""

    def visible_to(self, actor: "Actor") -> Self:
        """Who claims; the provider of an enterprise's claim once it is asked; the scheme's bureau once submitted."""
        own, begun = actor.organization, Q(status__in=[ClaimStatus.DRAFT, ClaimStatus.CONFIRMING])
        return self.filter(
            Q(enterprise=own)
            | Q(provider__organization=own, enterprise__isnull=True)
            | Q(Q(provider__organization=own), ~Q(status=ClaimStatus.DRAFT))
            | Q(Q(scheme__bureau=own, submitted_at__isnull=False), ~begun)
        )

    def claimed_by(self, actor: "Actor") -> Self:
        """Those that pay the organization acted for."""
        own = actor.organization
        return self.filter(
            Q(enterprise=own) | Q(provider__organization=own, enterprise__isnull=True)
        )


_SETTLED_ONCE = """
IF OLD.settlement_id IS NOT NULL AND NEW.settlement_id IS DISTINCT FROM OLD.settlement_id THEN
    RAISE EXCEPTION 'pgtrigger: a claim stays in the settlement that took it';
END IF;
RETURN NEW;
"""


class Claim(models.Model):
    """What a scheme owes a provider for one month, pre-filled from confirmed bills (fen).

    With an `enterprise` that firm is paid, for what it paid the provider itself, once the provider has confirmed it.
    `amount_fen` is the sum of its lines less those that disputes took off; of an enterprise's, of what it asks back.
    """

    code = models.CharField(max_length=16, unique=True)
    scheme = models.ForeignKey(Scheme, on_delete=models.PROTECT, related_name="claims")
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="claims")
    enterprise = models.ForeignKey(
        Organization, on_delete=models.PROTECT, null=True, related_name="+"
    )
    month = models.DateField()
    status = models.CharField(max_length=16, choices=ClaimStatus, default=ClaimStatus.DRAFT)
    amount_fen = models.BigIntegerField()
    invoice_number = models.CharField(_("invoice number"), max_length=30, blank=True, default="")
    invoice_fen = models.BigIntegerField(_("invoice amount"), null=True)
    invoice_seller = models.CharField(_("seller's code"), max_length=18, blank=True, default="")
    invoice_buyer = models.CharField(_("buyer's code"), max_length=18, blank=True, default="")
    invoice_on = models.DateField(_("invoice date"), null=True)
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
            models.CheckConstraint(
                condition=Q(~Q(status="emptied"), amount_fen__gt=0)
                | Q(status="emptied", amount_fen=0),
                name="vouchers_claim_amount",
            ),
            positive("invoice_fen", "vouchers_claim_invoice_amount"),
            models.CheckConstraint(
                condition=Q(month__day=1),
                name="vouchers_claim_month_start",
            ),
            models.UniqueConstraint(
                fields=["invoice_number"],
                condition=Q(~Q(invoice_number=""), ~Q(status="emptied")),
                name="vouchers_claim_invoice_once",
            ),
            paired("submitted", "vouchers_claim_submitted"),
            paired("audited", "vouchers_claim_audited"),
            models.UniqueConstraint(
                fields=["scheme", "provider", "enterprise", "month"],
                condition=Q(status__in=["draft", "confirming"]),
                nulls_distinct=False,
                name="vouchers_claim_one_draft",
            ),
            models.CheckConstraint(
                condition=~Q(status="confirming") | Q(enterprise__isnull=False),
                name="vouchers_claim_confirmed_by_provider",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "emptied"])
                | Q(
                    ~Q(invoice_number=""),
                    ~Q(invoice_seller=""),
                    ~Q(invoice_buyer=""),
                    submitted_at__isnull=False,
                    invoice_file__isnull=False,
                    invoice_fen__gte=F("amount_fen"),
                ),
                name="vouchers_claim_complete",
            ),
            models.CheckConstraint(
                condition=Q(status="emptied")
                | Q(status__in=["draft", "confirming", "submitted"], audited_at__isnull=True)
                | (
                    ~Q(status__in=["draft", "confirming", "submitted"])
                    & Q(audited_at__isnull=False)
                ),
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
            models.Index(
                fields=["enterprise", "-month"],
                condition=Q(enterprise__isnull=False),
                name="vouchers_claim_enterprise",
            ),
            models.Index(fields=["scheme", "status"], name="vouchers_claim_queue"),
            models.Index(
                fields=["invoice_seller"],
                condition=~Q(invoice_number=""),
                name="vouchers_claim_invoices",
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Trigger(
                name="settled_once",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func=_SETTLED_ONCE,
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def payee(self) -> Organization:
        """Who claims and is paid: the provider, or the enterprise of a scheme that pays back."""
        return self.enterprise or self.provider.organization


class ClaimLineQuerySet(models.QuerySet["ClaimLine"]):
    """Lookups of lines."""

    def standing(self) -> Self:
        """Those that no dispute took off their claim."""
        return self.filter(withdrawal__isnull=True)


_ONLY_INTO_DRAFTS = """
PERFORM FROM vouchers_scheme WHERE id IN
    (SELECT c.scheme_id FROM added a JOIN vouchers_claim c ON c.id = a.claim_id) FOR KEY SHARE;
IF EXISTS (SELECT FROM added a JOIN vouchers_claim c ON c.id = a.claim_id
           WHERE c.status <> CASE WHEN c.enterprise_id IS NULL THEN 'draft' ELSE 'confirming' END) THEN
    RAISE EXCEPTION 'pgtrigger: a claim that was submitted takes no more lines';
END IF;
IF EXISTS (SELECT FROM added a JOIN vouchers_claim c ON c.id = a.claim_id
           JOIN vouchers_periodlock p ON p.scheme_id = c.scheme_id AND p.month = c.month) THEN
    RAISE EXCEPTION 'pgtrigger: the period is locked, no line enters it';
END IF;
PERFORM FROM vouchers_bill WHERE id IN (SELECT bill_id FROM added) ORDER BY id FOR SHARE;
IF EXISTS (SELECT FROM added a JOIN vouchers_bill b ON b.id = a.bill_id WHERE b.status <> 'confirmed') THEN
    RAISE EXCEPTION 'pgtrigger: only lines of confirmed bills are claimed';
END IF;
RETURN NULL;
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
    transaction_number = transaction_number()

    objects = ClaimLineQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [positive("amount_fen", "vouchers_claimline_amount")]
        indexes: ClassVar = [
            models.Index(fields=["transaction_number"], name="vouchers_claimline_sealing"),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(
                name="only_into_drafts",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                referencing=pgtrigger.Referencing(new="added"),  # type: ignore[no-untyped-call]
                func=_ONLY_INTO_DRAFTS,
            ),
        ]
