"""Applications, their reviews and public notices."""

from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization, User
from common.constraints import choices_constraint, paired, positive
from common.periods import local_day
from vouchers.grants.models.announcements import Announcement
from vouchers.grants.models.schemes import Scheme, VoucherKind
from vouchers.grants.rules.schemes import PAID_ELSEWHERE
from vouchers.ledger.fields import transaction_number

if TYPE_CHECKING:
    from datetime import date, datetime

    from accounts.access import Actor


class ApplicationStatus(models.TextChoices):
    """Where an application stands; the order of the values is the order of the steps."""

    DRAFT = "draft", _("Draft")
    PREPARED = "prepared", _("Waiting for signature")
    SUBMITTED = "submitted", _("Waiting for first review")
    FIRST_PASSED = "first_passed", _("Waiting for second review")
    SUPPLEMENT = "supplement", _("Waiting for your additions")
    APPROVED = "approved", _("Approved")
    NOTICED = "noticed", _("On public notice")
    ISSUED = "issued", _("Voucher issued")
    REJECTED = "rejected", _("Not approved")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class ReviewStage(models.TextChoices):
    """Two reviews by two people."""

    FIRST = "first", _("First review")
    SECOND = "second", _("Second review")


class ReviewOutcome(models.TextChoices):
    """What a reviewer decides."""

    PASS = "pass", _("Pass")
    REFUSE = "refuse", _("Refuse")


class ApplicationQuerySet(models.QuerySet["Application"]):
    """Lookups of applications."""

    def visible_to(self, actor: "Actor") -> Self:
        """The applicant sees its own; the scheme's bureau sees what was submitted to it."""
        return self.filter(
            Q(enterprise=actor.organization)
            | Q(scheme__bureau=actor.organization, submitted_at__isnull=False)
        )

    def waiting_for_review_by(self, actor: "Actor") -> Self:
        """Those at a review that this officer has not taken part in."""
        undecided = [ApplicationStatus.SUBMITTED, ApplicationStatus.FIRST_PASSED]
        return (
            self.filter(scheme__bureau=actor.organization, status__in=undecided)
            .exclude(reviews__decided_by=actor.user)
            .exclude(enterprise__memberships__user=actor.user)
        )

    def waiting_for_issue(self, actor: "Actor", at: "datetime") -> Self:
        """Approved ones, and those whose public notice has ended."""
        return self.filter(scheme__bureau=actor.organization).filter(
            Q(status=ApplicationStatus.APPROVED)
            | Q(status=ApplicationStatus.NOTICED, notice__ends_at__lte=at),
            ~Q(pk__in=Application.objects.done_without_voucher().values("pk")),
        )

    def done_without_voucher(self) -> Self:
        """Those whose last step here is the notice, or the approval where there is none: the bureau pays by itself."""
        no_notice = Q(scheme__rules__notice_days__isnull=True)
        no_notice |= Q(scheme__rules__notice_days__value=0)
        return self.filter(
            Q(status=ApplicationStatus.NOTICED) | Q(status=ApplicationStatus.APPROVED) & no_notice,
            assessment__mode__in=PAID_ELSEWHERE,
        )


class Application(models.Model):
    """An enterprise asks a scheme for a voucher over a planned spend.

    `answers` holds what has no column of its own, by the name of the fact, as vouchers.grants.rules.facts spells it.
    `version` counts the changes; `section_versions` tells in which of them each section changed last, so that two
    windows never overwrite each other silently.
    """

    code = models.CharField(max_length=16, unique=True)
    scheme = models.ForeignKey(Scheme, on_delete=models.PROTECT, related_name="applications")
    enterprise = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(_("voucher"), max_length=16, choices=VoucherKind)
    planned_spend_fen = models.BigIntegerField(_("planned spend"))
    purpose = models.TextField(_("purpose"), max_length=2000, blank=True, default="")
    answers = models.JSONField(default=dict, blank=True)
    version = models.PositiveIntegerField(default=1)
    section_versions = models.JSONField(default=dict, blank=True)
    status = models.CharField(
        max_length=16, choices=ApplicationStatus, default=ApplicationStatus.DRAFT
    )
    granted_fen = models.BigIntegerField(null=True)
    assessment = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    saved_at = models.DateTimeField(null=True)
    saved_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    prepared_at = models.DateTimeField(null=True)
    prepared_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    submitted_at = models.DateTimeField(null=True)
    submitted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            choices_constraint("kind", VoucherKind, "vouchers_application_kind"),
            choices_constraint("status", ApplicationStatus, "vouchers_application_status"),
            positive("planned_spend_fen", "vouchers_application_spend"),
            positive("granted_fen", "vouchers_application_granted"),
            positive("version", "vouchers_application_version"),
            paired("created", "vouchers_application_created"),
            paired("saved", "vouchers_application_saved"),
            paired("prepared", "vouchers_application_prepared"),
            paired("submitted", "vouchers_application_submitted"),
            models.CheckConstraint(
                condition=Q(submitted_by__isnull=True) | ~Q(submitted_by=F("prepared_by")),
                name="vouchers_application_two_people",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "prepared", "withdrawn"])
                | Q(submitted_at__isnull=False),
                name="vouchers_application_signed",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "withdrawn"]) | ~Q(purpose=""),
                name="vouchers_application_complete",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["approved", "noticed", "issued"])
                | Q(granted_fen__isnull=False),
                name="vouchers_application_amount",
            ),
        ]

    @property
    def is_paid_elsewhere(self) -> bool:
        """Whether the decision grants an amount that the bureau pays out itself, without a voucher."""
        return bool(self.assessment) and self.assessment.get("mode") in PAID_ELSEWHERE


class ReviewManager(models.Manager["Review"]):
    """Reviews that count: those of before an upheld objection are set aside."""

    def get_queryset(self) -> models.QuerySet["Review"]:
        """Without the superseded ones."""
        return super().get_queryset().filter(superseded_at__isnull=True)


class Review(models.Model):
    """One decision by one officer. The same human never decides twice on one application.

    `snapshot` is what lay before the officer: answers, evidence, profile, the rules' answer.
    An upheld objection supersedes the reviews there are: `objects` and `application.reviews` leave them out,
    `of_all_rounds` has them.
    """

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="reviews")
    stage = models.CharField(max_length=8, choices=ReviewStage)
    outcome = models.CharField(max_length=8, choices=ReviewOutcome)
    reason = models.CharField(max_length=40, blank=True, default="")
    remark = models.TextField(blank=True, default="", max_length=2000)
    snapshot = models.JSONField(default=dict)
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    superseded_at = models.DateTimeField(null=True)
    transaction_number = transaction_number()

    objects = ReviewManager()
    of_all_rounds = models.Manager["Review"]()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["application", "stage"],
                condition=Q(superseded_at__isnull=True),
                name="vouchers_review_stage_once",
            ),
            models.UniqueConstraint(
                fields=["application", "decided_by"],
                condition=Q(superseded_at__isnull=True),
                name="vouchers_review_person_once",
            ),
            choices_constraint("stage", ReviewStage, "vouchers_review_stage"),
            choices_constraint("outcome", ReviewOutcome, "vouchers_review_outcome"),
            paired("decided", "vouchers_review_decided"),
            models.CheckConstraint(
                condition=Q(outcome="pass") | ~Q(reason=""), name="vouchers_review_reason"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["transaction_number"], name="vouchers_review_sealing"),
        ]


class PublicNotice(models.Model):
    """An approved application shown to the public before issue (公示), as a line of an announcement.

    `withdrawn_at` is set when an objection was upheld; a later announcement takes the row up again.
    """

    announcement = models.ForeignKey(Announcement, on_delete=models.PROTECT, related_name="notices")
    application = models.OneToOneField(Application, on_delete=models.PROTECT, related_name="notice")
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    ends_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            paired("published", "vouchers_notice_published"),
            models.CheckConstraint(
                condition=Q(ends_at__gte=F("published_at")), name="vouchers_notice_window"
            ),
        ]

    @property
    def last_day(self) -> "date":
        """The last civil day on which objections are taken; `ends_at` is the moment after it."""
        return local_day(self.ends_at - timedelta(microseconds=1))
