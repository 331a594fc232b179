"""The bureau's desk: who works on what, until when, and the sentences used again and again."""

from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization, User
from common.codes import new_code
from common.constraints import choices_constraint, paired, positive
from common.periods import local_day
from vouchers.grants.models.applications import Application

if TYPE_CHECKING:
    from datetime import date, datetime

    from accounts.access import Actor


def new_remark_code() -> str:
    """Public id of a canned remark."""
    return new_code("CR")


class Assignment(models.Model):
    """Which officer works on an application (领办). One row per application, made at the first claim.

    `version` rises with every change, so that a claim made on a stale page is noticed. A claim runs out at
    `expires_at`; the row then still names the last claimer until another one takes over.
    """

    application = models.OneToOneField(
        Application, on_delete=models.PROTECT, related_name="assignment"
    )
    version = models.PositiveIntegerField(default=0)
    claimed_at = models.DateTimeField(null=True)
    claimed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    expires_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            paired("claimed", "vouchers_assignment_claimed"),
            models.CheckConstraint(
                condition=Q(claimed_at__isnull=True, expires_at__isnull=True)
                | Q(claimed_at__isnull=False, expires_at__gt=models.F("claimed_at")),
                name="vouchers_assignment_runs_out",
            ),
        ]

    @property
    def last_day(self) -> "date | None":
        """The last civil day of the claim."""
        return local_day(self.expires_at - timedelta(microseconds=1)) if self.expires_at else None

    def is_held_at(self, at: "datetime") -> bool:
        """Whether somebody has it and the claim has not run out."""
        return self.expires_at is not None and self.expires_at > at


class DeskRules(models.Model):
    """How a bureau works: working days per step, how long a claim lasts, when a second person is needed.

    A bulk run needs a second person above either limit. Amounts in fen.
    """

    bureau = models.OneToOneField(Organization, on_delete=models.PROTECT, related_name="+")
    first_review_days = models.PositiveSmallIntegerField(_("first review"), default=5)
    second_review_days = models.PositiveSmallIntegerField(_("second review"), default=5)
    notice_days = models.PositiveSmallIntegerField(_("publishing the notice"), default=3)
    issue_days = models.PositiveSmallIntegerField(_("issuing"), default=3)
    supplement_days = models.PositiveSmallIntegerField(_("answering a supplement"), default=10)
    claim_days = models.PositiveSmallIntegerField(_("a claim lasts"), default=2)
    bulk_limit_count = models.PositiveIntegerField(_("most applications at once"), default=20)
    bulk_limit_fen = models.BigIntegerField(_("largest total at once"), default=50_000_000)
    changed_at = models.DateTimeField(null=True)
    changed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints: ClassVar = [
            paired("changed", "vouchers_deskrules_changed"),
            models.CheckConstraint(
                condition=Q(
                    first_review_days__range=(1, 90),
                    second_review_days__range=(1, 90),
                    notice_days__range=(1, 90),
                    issue_days__range=(1, 90),
                    supplement_days__range=(1, 60),
                    claim_days__range=(1, 30),
                ),
                name="vouchers_deskrules_days",
            ),
            positive("bulk_limit_count", "vouchers_deskrules_count", zero=True),
            positive("bulk_limit_fen", "vouchers_deskrules_amount", zero=True),
        ]


class RemarkUse(models.TextChoices):
    """Where a canned remark is offered."""

    REVIEW = "review", _("In a review")
    SUPPLEMENT = "supplement", _("When asking for a supplement")


class CannedRemarkQuerySet(models.QuerySet["CannedRemark"]):
    """Lookups of canned remarks."""

    def visible_to(self, actor: "Actor") -> Self:
        """Those of the bureau acted for."""
        return self.filter(bureau=actor.organization)

    def in_use(self) -> Self:
        """Not retired, in the order in which they were written."""
        return self.filter(retired_at__isnull=True).order_by("use", "pk")


class CannedRemark(models.Model):
    """A sentence that officers of one bureau use again and again. Never changed: retired and written anew."""

    code = models.CharField(max_length=16, unique=True, default=new_remark_code)
    bureau = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    use = models.CharField(_("where it is offered"), max_length=12, choices=RemarkUse)
    text = models.CharField(_("text"), max_length=300)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    retired_at = models.DateTimeField(null=True)
    retired_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    objects = CannedRemarkQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            choices_constraint("use", RemarkUse, "vouchers_cannedremark_use"),
            models.UniqueConstraint(
                fields=["bureau", "use", "text"],
                condition=Q(retired_at__isnull=True),
                name="vouchers_cannedremark_once",
            ),
            models.CheckConstraint(condition=~Q(text=""), name="vouchers_cannedremark_text"),
            paired("created", "vouchers_cannedremark_created"),
            paired("retired", "vouchers_cannedremark_retired"),
        ]
