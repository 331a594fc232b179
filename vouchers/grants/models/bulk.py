"""Bulk work: many applications taken one step by one person, above a limit with a second one."""

import uuid
from typing import TYPE_CHECKING, ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization, User
from common.constraints import choices_constraint, paired, positive
from vouchers.grants.models.applications import Application

if TYPE_CHECKING:
    from accounts.access import Actor


class BulkVerb(models.TextChoices):
    """The steps that can be taken for many at once."""

    PASS = "pass", _("Pass the review")
    REFUSE = "refuse", _("Refuse")
    NOTICE = "notice", _("Publish the notice")
    ISSUE = "issue", _("Issue the voucher")


class BulkStatus(models.TextChoices):
    """Where a run stands."""

    PROPOSED = "proposed", _("Waiting for a second person")
    RUNNING = "running", _("Running")
    DONE = "done", _("Finished")
    DECLINED = "declined", _("Declined")


class BulkItemStatus(models.TextChoices):
    """What became of one application in a run."""

    WAITING = "waiting", _("Waiting")
    DONE = "done", _("Done")
    REFUSED = "refused", _("Not possible")


class BulkRunQuerySet(models.QuerySet["BulkRun"]):
    """Lookups of runs."""

    def visible_to(self, actor: "Actor") -> Self:
        """Those of the bureau acted for."""
        return self.filter(bureau=actor.organization)


class BulkRun(models.Model):
    """One step for many applications. Its work is found in the items that wait, whatever broke before.

    `token` comes from the preview, so that a double click makes one run. `result_file` is the key of the
    stored list of outcomes.
    """

    code = models.CharField(max_length=16, unique=True)
    token = models.UUIDField(unique=True, default=uuid.uuid4)
    bureau = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    verb = models.CharField(max_length=8, choices=BulkVerb)
    reason = models.CharField(max_length=40, blank=True, default="")
    remark = models.TextField(blank=True, default="", max_length=1500)
    status = models.CharField(max_length=12, choices=BulkStatus)
    item_count = models.PositiveIntegerField()
    total_fen = models.BigIntegerField()
    needs_second = models.BooleanField()
    proposed_at = models.DateTimeField()
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    note = models.CharField(max_length=500, blank=True, default="")
    job = models.OneToOneField("common.Job", on_delete=models.PROTECT, null=True, related_name="+")
    finished_at = models.DateTimeField(null=True)
    result_file = models.ForeignKey(
        "common.StoredFile", on_delete=models.PROTECT, null=True, related_name="+"
    )

    objects = BulkRunQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            choices_constraint("verb", BulkVerb, "vouchers_bulkrun_verb"),
            choices_constraint("status", BulkStatus, "vouchers_bulkrun_status"),
            positive("item_count", "vouchers_bulkrun_count"),
            positive("total_fen", "vouchers_bulkrun_total", zero=True),
            paired("proposed", "vouchers_bulkrun_proposed"),
            paired("decided", "vouchers_bulkrun_decided"),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True)
                | Q(status="declined")
                | ~Q(decided_by=F("proposed_by")),
                name="vouchers_bulkrun_two_people",
            ),
            models.CheckConstraint(
                condition=~Q(needs_second=True, status__in=["running", "done"])
                | Q(decided_at__isnull=False),
                name="vouchers_bulkrun_approved",
            ),
            models.CheckConstraint(
                condition=~Q(verb="refuse") | ~Q(reason=""), name="vouchers_bulkrun_reason"
            ),
            models.CheckConstraint(
                condition=~Q(status="done")
                | Q(finished_at__isnull=False, result_file__isnull=False),
                name="vouchers_bulkrun_finished",
            ),
        ]


class BulkItem(models.Model):
    """One application of a run; `stage` is the review meant, `amount_fen` what the preview showed."""

    run = models.ForeignKey(BulkRun, on_delete=models.PROTECT, related_name="items")
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="+")
    stage = models.CharField(max_length=8, blank=True, default="")
    amount_fen = models.BigIntegerField()
    status = models.CharField(max_length=8, choices=BulkItemStatus, default=BulkItemStatus.WAITING)
    code = models.CharField(max_length=40, blank=True, default="")
    message = models.TextField(blank=True, default="")
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "application"], name="vouchers_bulkitem_once"),
            choices_constraint("status", BulkItemStatus, "vouchers_bulkitem_status"),
            positive("amount_fen", "vouchers_bulkitem_amount", zero=True),
            models.CheckConstraint(
                condition=Q(status="waiting", done_at__isnull=True)
                | (~Q(status="waiting") & Q(done_at__isnull=False)),
                name="vouchers_bulkitem_done",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["run", "id"], condition=Q(status="waiting"), name="vouchers_bulkitem_open"
            ),
        ]
