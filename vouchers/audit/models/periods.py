"""Locked periods of schemes, and near matches of invoices."""

from typing import TYPE_CHECKING, ClassVar, Self

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.constraints import choices_constraint, paired, positive
from vouchers.audit.models.claims import Claim
from vouchers.grants.models import Scheme

if TYPE_CHECKING:
    from accounts.access import Actor


class PeriodLockQuerySet(models.QuerySet["PeriodLock"]):
    """Lookups of locked periods."""

    def visible_to(self, actor: "Actor") -> Self:
        """Those of the bureau's schemes."""
        return self.filter(scheme__bureau=actor.organization)


class PeriodLock(models.Model):
    """A scheme's month whose claim lines neither come nor go any more, with its control totals. Append-only.

    What is free to be claimed later is claimed with the next month that is not locked.
    """

    scheme = models.ForeignKey(
        Scheme, on_delete=models.PROTECT, related_name="period_locks", db_index=False
    )  # the unique index begins with it
    month = models.DateField()
    claims = models.PositiveIntegerField()
    lines = models.PositiveIntegerField()
    amount_fen = models.BigIntegerField()
    locked_at = models.DateTimeField()
    locked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    objects = PeriodLockQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["scheme", "month"], name="vouchers_periodlock_once"),
            models.CheckConstraint(
                condition=Q(month__day=1), name="vouchers_periodlock_month_start"
            ),
            positive("amount_fen", "vouchers_periodlock_amount", zero=True),
            paired("locked", "vouchers_periodlock_locked"),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]


class InvoiceMatchReason(models.TextChoices):
    """Why two invoices look like one, or an invoice like no fitting one."""

    NEAR_NUMBER = "near_number", _("The numbers differ by one slip of the pen")
    SAME_SUM = "same_sum", _("Same seller and amount, dates close together")
    OTHER_BUYER = "other_buyer", _("The buyer on the invoice is not the bureau")


class InvoiceMatch(models.Model):
    """What looked wrong about an invoice when it was handed in: for the auditor to look at. Append-only.

    `other` is the claim whose invoice it resembles; none where the parties do not fit. Nothing is refused by it.
    """

    claim = models.ForeignKey(
        Claim, on_delete=models.PROTECT, related_name="invoice_matches", db_index=False
    )  # the unique index begins with it
    invoice_number = models.CharField(max_length=30)
    other = models.ForeignKey(Claim, on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=16, choices=InvoiceMatchReason)
    found_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            choices_constraint("reason", InvoiceMatchReason, "vouchers_invoicematch_reason"),
            models.UniqueConstraint(
                fields=["claim", "invoice_number", "other", "reason"],
                nulls_distinct=False,
                name="vouchers_invoicematch_once",
            ),
            models.CheckConstraint(
                condition=Q(other__isnull=True) | ~Q(other=F("claim")),
                name="vouchers_invoicematch_another",
            ),
            models.CheckConstraint(
                condition=Q(reason="other_buyer", other__isnull=True)
                | (~Q(reason="other_buyer") & Q(other__isnull=False)),
                name="vouchers_invoicematch_pair",
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]
