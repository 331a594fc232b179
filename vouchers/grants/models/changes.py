"""What happens to a voucher after its issue: one extension, and a revocation by two people."""

from typing import TYPE_CHECKING, ClassVar, Self

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.constraints import choices_constraint, paired
from vouchers.grants.models.vouchers import Voucher

if TYPE_CHECKING:
    from accounts.access import Actor


class Extension(models.Model):
    """A voucher's validity moved on, once (延期)."""

    voucher = models.OneToOneField(Voucher, on_delete=models.PROTECT, related_name="extension")
    expired_before = models.DateTimeField()
    expires_at = models.DateTimeField()
    reason = models.CharField(max_length=500)
    extended_at = models.DateTimeField()
    extended_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            paired("extended", "vouchers_extension_extended"),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("expired_before")), name="vouchers_extension_later"
            ),
            models.CheckConstraint(
                condition=Q(extended_at__lt=F("expired_before")), name="vouchers_extension_in_time"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="vouchers_extension_reason"),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]


class RevocationStatus(models.TextChoices):
    """Where a proposal to revoke stands."""

    PROPOSED = "proposed", _("Waiting for a second person")
    APPROVED = "approved", _("Carried out")
    DECLINED = "declined", _("Declined")


class RevocationQuerySet(models.QuerySet["Revocation"]):
    """Lookups of proposals."""

    def visible_to(self, actor: "Actor") -> Self:
        """Those of the bureau acted for."""
        return self.filter(voucher__scheme__bureau=actor.organization)


class Revocation(models.Model):
    """One officer proposes to revoke a voucher, another one decides."""

    code = models.CharField(max_length=16, unique=True)
    voucher = models.ForeignKey(Voucher, on_delete=models.PROTECT, related_name="revocations")
    status = models.CharField(
        max_length=12, choices=RevocationStatus, default=RevocationStatus.PROPOSED
    )
    reason = models.CharField(max_length=500)
    proposed_at = models.DateTimeField()
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    note = models.CharField(max_length=500, blank=True, default="")

    objects = RevocationQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            choices_constraint("status", RevocationStatus, "vouchers_revocation_status"),
            paired("proposed", "vouchers_revocation_proposed"),
            paired("decided", "vouchers_revocation_decided"),
            models.UniqueConstraint(
                fields=["voucher"],
                condition=Q(status__in=["proposed", "approved"]),
                name="vouchers_revocation_open_once",
            ),
            models.CheckConstraint(
                condition=Q(status="proposed", decided_at__isnull=True)
                | (~Q(status="proposed") & Q(decided_at__isnull=False)),
                name="vouchers_revocation_decision",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True)
                | Q(status="declined")
                | ~Q(decided_by=F("proposed_by")),
                name="vouchers_revocation_two_people",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="vouchers_revocation_reason"),
        ]
