"""Objections of the public to announced applications."""

from typing import TYPE_CHECKING, ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.codes import new_code
from common.constraints import choices_constraint, paired, set_exactly_in
from common.models import StoredFile
from vouchers.grants.models.announcements import Announcement
from vouchers.grants.models.applications import PublicNotice

if TYPE_CHECKING:
    from accounts.access import Actor


def new_objection_code() -> str:
    """Public id of an objection."""
    return new_code("OB")


class ObjectionStatus(models.TextChoices):
    """What became of an objection."""

    OPEN = "open", _("Waiting for a decision")
    UPHELD = "upheld", _("Upheld")
    REJECTED = "rejected", _("Not upheld")


class ObjectionQuerySet(models.QuerySet["Objection"]):
    """Lookups of objections."""

    def visible_to(self, actor: "Actor") -> Self:
        """Those against notices of the bureau acted for; the applicant never sees who objected."""
        return self.filter(announcement__scheme__bureau=actor.organization)

    def undecided(self) -> Self:
        """Those that stop the issue."""
        return self.filter(status=ObjectionStatus.OPEN)


class Objection(models.Model):
    """Somebody, known by name and contact, says why an announced application should not get its voucher.

    `sha256` is that of the statement, so that a second click is no second objection.
    """

    code = models.CharField(max_length=16, unique=True, default=new_objection_code)
    announcement = models.ForeignKey(
        Announcement, on_delete=models.PROTECT, related_name="objections"
    )
    notice = models.ForeignKey(PublicNotice, on_delete=models.PROTECT, related_name="objections")
    name = models.CharField(max_length=50)
    contact = models.CharField(max_length=100)
    reason = models.TextField(max_length=2000)
    evidence = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="+")
    sha256 = models.CharField(max_length=64)
    raised_at = models.DateTimeField()
    status = models.CharField(max_length=12, choices=ObjectionStatus, default=ObjectionStatus.OPEN)
    answer = models.TextField(max_length=2000, blank=True, default="")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    objects = ObjectionQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["announcement", "notice", "sha256"], name="vouchers_objection_once"
            ),
            choices_constraint("status", ObjectionStatus, "vouchers_objection_status"),
            paired("decided", "vouchers_objection_decided"),
            set_exactly_in(
                "status", ["upheld", "rejected"], "decided_at", "vouchers_objection_end"
            ),
            models.CheckConstraint(
                condition=Q(status="open") | ~Q(answer=""), name="vouchers_objection_answer"
            ),
        ]
