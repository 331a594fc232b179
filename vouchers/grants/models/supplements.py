"""Supplements (补正): everything that is missing, said once, field by field, with a last day."""

from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.constraints import choices_constraint, paired, set_exactly_in
from common.models import StoredFile
from common.periods import local_day
from vouchers.grants.models.applications import Application, ReviewStage

if TYPE_CHECKING:
    from datetime import date, datetime


class SupplementStatus(models.TextChoices):
    """Where a supplement stands."""

    OPEN = "open", _("Waiting for your additions")
    ANSWERED = "answered", _("Additions handed in")
    LAPSED = "lapsed", _("Not answered in time")
    DROPPED = "dropped", _("Application withdrawn")


class SupplementQuerySet(models.QuerySet["Supplement"]):
    """Lookups of supplements."""

    def open(self) -> Self:
        """Those that wait for the enterprise."""
        return self.filter(status=SupplementStatus.OPEN)

    def overdue_at(self, at: "datetime") -> Self:
        """Open ones whose last day has passed."""
        return self.open().filter(due_at__lte=at)


class Supplement(models.Model):
    """What an officer asks an enterprise to correct, all of it at once; at most one is open.

    `stage` is the review at which it was asked, and to which the application goes back. `due_at` is the first moment
    after the last day.
    """

    application = models.ForeignKey(
        Application, on_delete=models.PROTECT, related_name="supplements"
    )
    stage = models.CharField(max_length=8, choices=ReviewStage)
    status = models.CharField(
        max_length=16, choices=SupplementStatus, default=SupplementStatus.OPEN
    )
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    due_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    lapsed_at = models.DateTimeField(null=True)

    objects = SupplementQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["application"],
                condition=Q(status="open"),
                name="vouchers_supplement_one_open",
            ),
            choices_constraint("stage", ReviewStage, "vouchers_supplement_stage"),
            choices_constraint("status", SupplementStatus, "vouchers_supplement_status"),
            paired("asked", "vouchers_supplement_asked"),
            paired("answered", "vouchers_supplement_answered"),
            set_exactly_in("status", ["answered"], "answered_at", "vouchers_supplement_answer"),
            set_exactly_in("status", ["lapsed"], "lapsed_at", "vouchers_supplement_lapse"),
            models.CheckConstraint(
                condition=Q(due_at__gt=F("asked_at")), name="vouchers_supplement_due"
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["due_at"], condition=Q(status="open"), name="vouchers_supplement_waiting"
            ),
        ]

    @property
    def code(self) -> str:
        """Public id for the trail: that of its application."""
        return self.application.code

    @property
    def last_day(self) -> "date":
        """The last civil day on which it may be answered."""
        return local_day(self.due_at - timedelta(microseconds=1))


class Remark(models.Model):
    """One missing or wrong thing, tied to one field of the application, with its answer.

    `before` and `after` are the field's value when the remark was made and when it was answered.
    """

    supplement = models.ForeignKey(Supplement, on_delete=models.PROTECT, related_name="remarks")
    field = models.CharField(max_length=80)
    text = models.TextField(max_length=1000)
    answer = models.TextField(blank=True, default="", max_length=2000)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="+")
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["supplement", "field"], name="vouchers_remark_field_once"
            ),
            models.CheckConstraint(condition=~Q(text=""), name="vouchers_remark_text"),
            models.CheckConstraint(condition=~Q(field=""), name="vouchers_remark_field"),
        ]
