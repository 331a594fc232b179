"""Licenses of providers: what was handed in, what the bureau found, when it looks again."""

from typing import TYPE_CHECKING, ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.constraints import choices_constraint, paired
from common.models import StoredFile
from providers.models.registration import LicenseKind, Provider

if TYPE_CHECKING:
    from accounts.access import Actor


class LicenseStatus(models.TextChoices):
    """What the bureau said of it."""

    SUBMITTED = "submitted", _("Waiting for verification")
    VERIFIED = "verified", _("Verified")
    REFUSED = "refused", _("Refused")


class LicenseQuerySet(models.QuerySet["License"]):
    """Lookups of licenses."""

    def visible_to(self, actor: "Actor") -> Self:
        """The provider's own; a bureau sees all."""
        if actor.organization is not None and actor.organization.kind == "bureau":
            return self.all()
        return self.filter(provider__organization=actor.organization)

    def verified(self) -> Self:
        """Those that the bureau confirmed."""
        return self.filter(status=LicenseStatus.VERIFIED)


class License(models.Model):
    """One license. A renewed one is a new row of the same kind; the latest of a kind counts.

    `check_due_on` is the day by which the bureau looks at a verified one again.
    """

    code = models.CharField(max_length=16, unique=True)
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="licenses")
    kind = models.CharField(_("kind"), max_length=8, choices=LicenseKind)
    number = models.CharField(_("license number"), max_length=50)
    expires_on = models.DateField(_("license valid until"))
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="+")
    status = models.CharField(max_length=16, choices=LicenseStatus, default=LicenseStatus.SUBMITTED)
    remark = models.CharField(max_length=1000, blank=True, default="")
    submitted_at = models.DateTimeField()
    submitted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    check_due_on = models.DateField(null=True)

    objects = LicenseQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            choices_constraint("kind", LicenseKind, "providers_license_kind"),
            choices_constraint("status", LicenseStatus, "providers_license_status"),
            models.UniqueConstraint(
                fields=["provider", "kind", "number", "expires_on"],
                condition=~Q(status="refused"),
                name="providers_license_once",
            ),
            paired("submitted", "providers_license_submitted"),
            paired("decided", "providers_license_decided"),
            models.CheckConstraint(
                condition=Q(status="submitted", decided_at__isnull=True)
                | Q(~Q(status="submitted"), decided_at__isnull=False),
                name="providers_license_decision",
            ),
            models.CheckConstraint(
                condition=Q(status="verified", check_due_on__isnull=False)
                | Q(~Q(status="verified"), check_due_on__isnull=True),
                name="providers_license_check_due",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number}"


class LicenseReminder(models.Model):
    """A reminder that was sent: of the last day of a license, or of the bureau's next look."""

    license = models.ForeignKey(License, on_delete=models.PROTECT, related_name="reminders")
    subject = models.CharField(max_length=8)
    last_day = models.DateField()
    threshold_days = models.PositiveSmallIntegerField()
    sent_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(subject__in=["expiry", "check"]),
                name="providers_licensereminder_subject",
            ),
            models.UniqueConstraint(
                fields=["license", "subject", "last_day", "threshold_days"],
                name="providers_licensereminder_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.license_id} {self.subject} {self.threshold_days}"
