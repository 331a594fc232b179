"""Paying back what a case recovered: the bureau's account, received money, and what two people write off."""

from typing import TYPE_CHECKING, ClassVar, Self

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization, User
from common.codes import new_code
from common.constraints import choices_constraint, paired, positive
from vouchers.audit.models.conclusions import Recovery
from vouchers.ledger.fields import transaction_number

if TYPE_CHECKING:
    from accounts.access import Actor


def new_write_off_code() -> str:
    """Public id of a proposal to write off."""
    return new_code("WO")


class CollectionAccount(models.Model):
    """Where a bureau wants debts to be paid. Append-only: the newest one is printed on slips."""

    bureau = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    holder = models.CharField(_("account holder"), max_length=100)
    bank_name = models.CharField(_("bank and branch"), max_length=60)
    account_number = models.CharField(_("account number"), max_length=32)
    stated_at = models.DateTimeField()
    stated_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(account_number__regex=r"^[0-9]{8,32}$"),
                name="vouchers_collectionaccount_number",
            ),
            models.CheckConstraint(
                condition=~Q(bank_name="") & ~Q(holder=""), name="vouchers_collectionaccount_named"
            ),
            paired("stated", "vouchers_collectionaccount_stated"),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]


class Repayment(models.Model):
    """Money that the bureau's bank received for a debt, whole or in part, in fen. Append-only.

    One that `undoes` another takes a wrong record back whole. Together they are never more than the debt.
    """

    recovery = models.ForeignKey(Recovery, on_delete=models.PROTECT, related_name="repayments")
    amount_fen = models.BigIntegerField()
    reference = models.CharField(max_length=60)
    received_on = models.DateField()
    undoes = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="undone_by"
    )
    reason = models.CharField(max_length=500, blank=True, default="")
    transfer = models.OneToOneField(
        "vouchers.Transfer", on_delete=models.PROTECT, related_name="repayment"
    )
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    transaction_number = transaction_number()

    is_undone = False
    """Told by debts.history: another row takes this one back."""

    class Meta:
        constraints: ClassVar = [
            positive("amount_fen", "vouchers_repayment_amount"),
            paired("recorded", "vouchers_repayment_recorded"),
            models.CheckConstraint(condition=~Q(reference=""), name="vouchers_repayment_reference"),
            models.CheckConstraint(
                condition=Q(undoes__isnull=True, reason="")
                | (Q(undoes__isnull=False) & ~Q(reason="")),
                name="vouchers_repayment_undone",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["transaction_number"], name="vouchers_repayment_sealing"),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]


class WriteOffStatus(models.TextChoices):
    """Where a proposal to write off stands."""

    PROPOSED = "proposed", _("Waiting for a second person")
    APPROVED = "approved", _("Written off")
    DECLINED = "declined", _("Declined")


class WriteOffQuerySet(models.QuerySet["WriteOff"]):
    """Lookups of proposals."""

    def visible_to(self, actor: "Actor") -> Self:
        """Those of the bureau acted for."""
        return self.filter(recovery__scheme__bureau=actor.organization)


class WriteOff(models.Model):
    """One officer proposes to give up a debt or a part of it, in fen; another one decides."""

    code = models.CharField(max_length=16, unique=True, default=new_write_off_code)
    recovery = models.ForeignKey(Recovery, on_delete=models.PROTECT, related_name="write_offs")
    amount_fen = models.BigIntegerField()
    reason = models.CharField(max_length=500)
    status = models.CharField(
        max_length=12, choices=WriteOffStatus, default=WriteOffStatus.PROPOSED
    )
    proposed_at = models.DateTimeField()
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    transfer = models.OneToOneField(
        "vouchers.Transfer", on_delete=models.PROTECT, null=True, related_name="write_off"
    )

    objects = WriteOffQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            choices_constraint("status", WriteOffStatus, "vouchers_writeoff_status"),
            positive("amount_fen", "vouchers_writeoff_amount"),
            paired("proposed", "vouchers_writeoff_proposed"),
            paired("decided", "vouchers_writeoff_decided"),
            models.UniqueConstraint(
                fields=["recovery"], condition=Q(status="proposed"), name="vouchers_writeoff_open"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="vouchers_writeoff_reason"),
            models.CheckConstraint(
                condition=Q(status="proposed", decided_at__isnull=True, transfer__isnull=True)
                | Q(status="approved", decided_at__isnull=False, transfer__isnull=False)
                | Q(status="declined", decided_at__isnull=False, transfer__isnull=True),
                name="vouchers_writeoff_decision",
            ),
            models.CheckConstraint(
                condition=~Q(status="approved") | ~Q(decided_by=F("proposed_by")),
                name="vouchers_writeoff_two_people",
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.ReadOnly(
                name="proposal_frozen",
                fields=["code", "recovery", "amount_fen", "reason", "proposed_at", "proposed_by"],
            ),
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
        ]
