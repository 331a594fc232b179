"""Schemes, applications, reviews, public notices, vouchers."""

from typing import TYPE_CHECKING, ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization, User
from common.constraints import choices_constraint, paired, positive

if TYPE_CHECKING:
    from datetime import date, datetime

    from accounts.access import Actor


class VoucherKind(models.TextChoices):
    """算力券, 存力券, 运力券."""

    COMPUTE = "compute", _("Compute voucher")
    STORAGE = "storage", _("Storage voucher")
    NETWORK = "network", _("Network voucher")


class SchemeStatus(models.TextChoices):
    """Whether a scheme takes applications."""

    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("Open")
    CLOSED = "closed", _("Closed")


class ApplicationStatus(models.TextChoices):
    """Where an application stands; the order of the values is the order of the steps."""

    DRAFT = "draft", _("Draft")
    PREPARED = "prepared", _("Waiting for signature")
    SUBMITTED = "submitted", _("Waiting for first review")
    FIRST_PASSED = "first_passed", _("Waiting for second review")
    APPROVED = "approved", _("Approved")
    NOTICED = "noticed", _("On public notice")
    ISSUED = "issued", _("Voucher issued")
    REJECTED = "rejected", _("Refused")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class ReviewStage(models.TextChoices):
    """Two reviews by two people."""

    FIRST = "first", _("First review")
    SECOND = "second", _("Second review")


class ReviewOutcome(models.TextChoices):
    """What a reviewer decides."""

    PASS = "pass", _("Pass")
    REFUSE = "refuse", _("Refuse")


class VoucherStatus(models.TextChoices):
    """Whether a voucher pays."""

    ACTIVE = "active", _("Usable")
    FROZEN = "frozen", _("Frozen")
    EXPIRED = "expired", _("Expired")
    REVOKED = "revoked", _("Revoked")


class SchemeQuerySet(models.QuerySet["Scheme"]):
    """Lookups of schemes."""

    def open_on(self, day: "date") -> Self:
        """Published and inside the application window."""
        return self.filter(status=SchemeStatus.PUBLISHED, opens_on__lte=day, closes_on__gte=day)

    def visible_to(self, actor: "Actor | None") -> Self:
        """Published ones are public; drafts belong to their bureau."""
        shown = ~Q(status=SchemeStatus.DRAFT)
        if actor is not None and actor.organization is not None:
            shown |= Q(bureau=actor.organization)
        return self.filter(shown)


class Scheme(models.Model):
    """A published program of vouchers. `rules` is data read by vouchers.grants.rules.schemes.

    Every rule value carries its source. The budget lives on the ledger account `scheme_budget:<code>`;
    `budget_fen` is what was appropriated at publication.
    """

    code = models.CharField(max_length=16, unique=True)
    slug = models.SlugField(max_length=50)
    version = models.PositiveSmallIntegerField(default=1)
    bureau = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("name"), max_length=100)
    name_en = models.CharField(_("English name"), max_length=150)
    voucher_kinds = ArrayField(models.CharField(max_length=16, choices=VoucherKind))
    region = models.CharField(_("region"), max_length=6)
    rules = models.JSONField()
    budget_fen = models.BigIntegerField(_("budget"))
    opens_on = models.DateField(_("opens on"))
    closes_on = models.DateField(_("closes on"))
    source = models.CharField(_("source"), max_length=400)
    status = models.CharField(max_length=16, choices=SchemeStatus, default=SchemeStatus.DRAFT)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    published_at = models.DateTimeField(null=True)
    published_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    objects = SchemeQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["slug", "version"], name="vouchers_scheme_version"),
            choices_constraint("status", SchemeStatus, "vouchers_scheme_status"),
            models.CheckConstraint(
                condition=Q(
                    voucher_kinds__contained_by=VoucherKind.values, voucher_kinds__len__gt=0
                ),
                name="vouchers_scheme_kinds",
            ),
            positive("budget_fen", "vouchers_scheme_budget"),
            models.CheckConstraint(
                condition=Q(closes_on__gte=F("opens_on")), name="vouchers_scheme_window"
            ),
            paired("created", "vouchers_scheme_created"),
            paired("published", "vouchers_scheme_published"),
            models.CheckConstraint(
                condition=Q(status="draft") | Q(published_at__isnull=False),
                name="vouchers_scheme_public",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def title(self) -> str:
        """The name in the language of the page."""
        return self.name_en if (get_language() or "zh").startswith("en") else self.name


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
            | Q(status=ApplicationStatus.NOTICED, notice__ends_at__lte=at)
        )


class Application(models.Model):
    """An enterprise asks a scheme for a voucher over a planned spend."""

    code = models.CharField(max_length=16, unique=True)
    scheme = models.ForeignKey(Scheme, on_delete=models.PROTECT, related_name="applications")
    enterprise = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(_("voucher"), max_length=16, choices=VoucherKind)
    planned_spend_fen = models.BigIntegerField(_("planned spend"))
    purpose = models.TextField(_("purpose"), max_length=2000)
    status = models.CharField(
        max_length=16, choices=ApplicationStatus, default=ApplicationStatus.DRAFT
    )
    granted_fen = models.BigIntegerField(null=True)
    assessment = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
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
            paired("created", "vouchers_application_created"),
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
                condition=~Q(status__in=["approved", "noticed", "issued"])
                | Q(granted_fen__isnull=False),
                name="vouchers_application_amount",
            ),
        ]


class Review(models.Model):
    """One decision by one officer. The same human never decides twice on one application."""

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="reviews")
    stage = models.CharField(max_length=8, choices=ReviewStage)
    outcome = models.CharField(max_length=8, choices=ReviewOutcome)
    reason = models.CharField(max_length=40, blank=True, default="")
    remark = models.TextField(blank=True, default="", max_length=2000)
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["application", "stage"], name="vouchers_review_stage_once"
            ),
            models.UniqueConstraint(
                fields=["application", "decided_by"], name="vouchers_review_person_once"
            ),
            choices_constraint("stage", ReviewStage, "vouchers_review_stage"),
            choices_constraint("outcome", ReviewOutcome, "vouchers_review_outcome"),
            paired("decided", "vouchers_review_decided"),
            models.CheckConstraint(
                condition=Q(outcome="pass") | ~Q(reason=""), name="vouchers_review_reason"
            ),
        ]


class PublicNotice(models.Model):
    """An approved application shown to the public before issue (公示)."""

    application = models.OneToOneField(Application, on_delete=models.PROTECT, related_name="notice")
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    ends_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            paired("published", "vouchers_notice_published"),
            models.CheckConstraint(
                condition=Q(ends_at__gte=F("published_at")), name="vouchers_notice_window"
            ),
        ]


class VoucherQuerySet(models.QuerySet["Voucher"]):
    """Lookups of vouchers. A provider can never search or list vouchers."""

    def visible_to(self, actor: "Actor") -> Self:
        """The holder and the issuing bureau."""
        return self.filter(Q(enterprise=actor.organization) | Q(scheme__bureau=actor.organization))

    def usable_at(self, at: "datetime") -> Self:
        """Active and not past expiry."""
        return self.filter(status=VoucherStatus.ACTIVE, issued_at__lte=at, expires_at__gt=at)

    def in_burn_down_order(self) -> Self:
        """Priority, earliest expiry, creation, id."""
        return self.order_by("priority", "expires_at", "issued_at", "pk")


class Voucher(models.Model):
    """A firm's right to have `share` of eligible bills paid, up to the face value.

    face = available + held + redeemed + expired + revoked, on the ledger account `voucher:<code>`.
    The share is kept as an exact fraction, fixed at issue.
    """

    code = models.CharField(max_length=16, unique=True)
    application = models.OneToOneField(
        Application, on_delete=models.PROTECT, related_name="voucher"
    )
    scheme = models.ForeignKey(Scheme, on_delete=models.PROTECT, related_name="vouchers")
    enterprise = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16, choices=VoucherKind)
    account = models.OneToOneField("vouchers.Account", on_delete=models.PROTECT, related_name="+")
    face_fen = models.BigIntegerField()
    share_numerator = models.PositiveIntegerField()
    share_denominator = models.PositiveIntegerField()
    priority = models.PositiveSmallIntegerField(default=100)
    status = models.CharField(max_length=16, choices=VoucherStatus, default=VoucherStatus.ACTIVE)
    issued_at = models.DateTimeField()
    issued_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    expires_at = models.DateTimeField()

    objects = VoucherQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            choices_constraint("kind", VoucherKind, "vouchers_voucher_kind"),
            choices_constraint("status", VoucherStatus, "vouchers_voucher_status"),
            positive("face_fen", "vouchers_voucher_face"),
            positive("share_numerator", "vouchers_voucher_share"),
            models.CheckConstraint(
                condition=Q(share_numerator__lte=F("share_denominator")),
                name="vouchers_voucher_share_whole",
            ),
            paired("issued", "vouchers_voucher_issued"),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("issued_at")), name="vouchers_voucher_validity"
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["enterprise", "status", "expires_at"], name="vouchers_voucher_wallet"
            ),
        ]
