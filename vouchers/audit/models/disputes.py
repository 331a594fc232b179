"""Disputes over bills: what both sides said, what came of it, and which claimed lines they froze."""

from typing import TYPE_CHECKING, ClassVar, Self

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization, User
from common.codes import new_code
from common.constraints import choices_constraint, paired, positive, set_exactly_in
from common.models import StoredFile
from vouchers.audit.models.claims import ClaimLine
from vouchers.billing.models import Bill

if TYPE_CHECKING:
    from accounts.access import Actor


def new_dispute_code() -> str:
    """Public id of a dispute."""
    return new_code("DP")


class DisputeStatus(models.TextChoices):
    """Where a dispute stands."""

    OPEN = "open", _("Not ended yet")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    AGREED = "agreed", _("Agreed")
    DECIDED = "decided", _("Decided by the bureau")


class DisputeQuerySet(models.QuerySet["Dispute"]):
    """Lookups of disputes."""

    def visible_to(self, actor: "Actor") -> Self:
        """Both sides of the bill, and the bureau that decides."""
        return self.filter(
            Q(bill__enterprise=actor.organization)
            | Q(bill__provider__organization=actor.organization)
            | Q(bureau=actor.organization)
        )

    def with_names(self) -> Self:
        """Together with what a page says about the bill and the parties."""
        return self.select_related(
            "bureau", "opened_by", "closed_by", "bill__enterprise", "bill__provider__organization",
            "bill__subscription__offering",
        )  # fmt: skip


class Dispute(models.Model):
    """The enterprise's objection to one bill, at most one for each; its claimed lines are frozen until it ends.

    `bureau` is the one whose vouchers paid most of the bill; without one only the two sides end it. Both say what
    they have to say until the end of `until`. `before_fen` is the bill's total at the beginning, `outcome_fen` what it
    came to; the difference is booked as a correcting entry.
    """

    code = models.CharField(max_length=16, unique=True, default=new_dispute_code)
    bill = models.OneToOneField(Bill, on_delete=models.PROTECT, related_name="dispute")
    bureau = models.ForeignKey(Organization, on_delete=models.PROTECT, null=True, related_name="+")
    status = models.CharField(max_length=9, choices=DisputeStatus, default=DisputeStatus.OPEN)
    reason = models.TextField(max_length=2000)
    until = models.DateField()
    before_fen = models.BigIntegerField()
    outcome_fen = models.BigIntegerField(null=True)
    answer = models.TextField(blank=True, default="", max_length=2000)
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    objects = DisputeQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            choices_constraint("status", DisputeStatus, "vouchers_dispute_status"),
            paired("opened", "vouchers_dispute_opened"),
            paired("closed", "vouchers_dispute_closed"),
            set_exactly_in(
                "status",
                ["withdrawn", "agreed", "decided"],
                "closed_at",
                "vouchers_dispute_closing",
            ),
            set_exactly_in(
                "status",
                ["withdrawn", "agreed", "decided"],
                "outcome_fen",
                "vouchers_dispute_ended",
            ),
            positive("before_fen", "vouchers_dispute_before"),
            models.CheckConstraint(
                condition=Q(outcome_fen__isnull=True)
                | Q(outcome_fen__gte=0, outcome_fen__lte=F("before_fen")),
                name="vouchers_dispute_outcome",
            ),
            models.CheckConstraint(
                condition=~Q(status="withdrawn") | Q(outcome_fen=F("before_fen")),
                name="vouchers_dispute_nothing_off",
            ),
            models.CheckConstraint(
                condition=~Q(status="decided") | Q(~Q(answer=""), bureau__isnull=False),
                name="vouchers_dispute_decision",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="vouchers_dispute_reason"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["bureau", "status", "until"], name="vouchers_dispute_queue"),
        ]
        triggers: ClassVar = [
            pgtrigger.ReadOnly(
                name="subject_frozen",
                fields=[
                    "code", "bill", "bureau", "reason", "until", "before_fen", "opened_at", "opened_by",
                ],
            ),
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.code


class DisputeEntryQuerySet(models.QuerySet["DisputeEntry"]):
    """Lookups of entries."""

    def light(self) -> Self:
        """In order, with names and file, without the file's bytes."""
        rows = self.select_related("party", "written_by", "file").defer("file__content")
        return rows.order_by("number")


class DisputeEntry(models.Model):
    """What one side said, offered or handed in; everybody in the dispute sees it. Append-only.

    `offered_fen` is the total at which the provider would end it.
    """

    dispute = models.ForeignKey(
        Dispute, on_delete=models.PROTECT, related_name="entries", db_index=False
    )  # the unique index begins with it
    number = models.PositiveIntegerField()
    party = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(blank=True, default="", max_length=4000)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="+")
    offered_fen = models.BigIntegerField(null=True)
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    objects = DisputeEntryQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["dispute", "number"], name="vouchers_disputeentry_number"
            ),
            paired("written", "vouchers_disputeentry_written"),
            positive("offered_fen", "vouchers_disputeentry_offer", zero=True),
            models.CheckConstraint(
                condition=~Q(text="") | Q(file__isnull=False) | Q(offered_fen__isnull=False),
                name="vouchers_disputeentry_content",
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]


_ONLY_BEFORE_SETTLEMENT = """
PERFORM FROM vouchers_scheme WHERE id = (SELECT c.scheme_id FROM vouchers_claimline l
    JOIN vouchers_claim c ON c.id = l.claim_id WHERE l.transfer_id = NEW.line_id) FOR KEY SHARE;
IF EXISTS (SELECT FROM vouchers_claimline l JOIN vouchers_claim c ON c.id = l.claim_id
           JOIN vouchers_periodlock p ON p.scheme_id = c.scheme_id AND p.month = c.month
           WHERE l.transfer_id = NEW.line_id) THEN
    RAISE EXCEPTION 'pgtrigger: the period is locked, no line leaves it';
END IF;
IF (SELECT c.settlement_id FROM vouchers_claimline l JOIN vouchers_claim c ON c.id = l.claim_id
    WHERE l.transfer_id = NEW.line_id) IS NOT NULL THEN
    RAISE EXCEPTION 'pgtrigger: a line in a settlement is frozen';
END IF;
RETURN NEW;
"""


class ClaimWithdrawal(models.Model):
    """That a dispute took a line off its claim: the rest of the claim goes on without it. Append-only.

    Its payment is undone when the dispute ends; what is paid then is a new transfer, claimed anew.
    """

    line = models.OneToOneField(
        ClaimLine, on_delete=models.PROTECT, primary_key=True, related_name="withdrawal"
    )
    dispute = models.ForeignKey(Dispute, on_delete=models.PROTECT, related_name="withdrawals")
    withdrawn_at = models.DateTimeField()

    class Meta:
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(
                name="only_before_settlement",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=_ONLY_BEFORE_SETTLEMENT,
            ),
        ]
