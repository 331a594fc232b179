"""What the risk rules point at, the scans that found it, and what is read once for them."""

from typing import TYPE_CHECKING, Any, ClassVar, Self

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.constraints import choices_constraint, paired
from common.models import StoredFile
from vouchers.billing.models import Bill
from vouchers.grants.models import Voucher

if TYPE_CHECKING:
    from accounts.access import Actor

HOURS = 24


class RiskScan(models.Model):
    """One scan of the whole book by one policy. A row is written when the scan is over.

    `new_flags` were not known before; `gone_flags` were open and are not seen any more.
    `seen_until` is the moment when reading began: what came later is for the next scan.
    `person` asked for it; nobody did where the tick scanned. Append-only.
    """

    policy_version = models.PositiveIntegerField()
    policy_sha256 = models.CharField(max_length=64)
    seen_until = models.DateTimeField()
    scanned_at = models.DateTimeField()
    person = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    redemptions = models.PositiveIntegerField()
    flagged: Any = models.JSONField(default=dict)
    new_flags = models.PositiveIntegerField()
    gone_flags = models.PositiveIntegerField()
    duration_ms = models.PositiveBigIntegerField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["-scanned_at"], name="vouchers_riskscan_latest")]
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]


class FlagStatus(models.TextChoices):
    """What became of a flag. No status refuses anything."""

    OPEN = "open", _("To look at")
    DISMISSED = "dismissed", _("Dismissed")
    CONFIRMED = "confirmed", _("Confirmed")
    GONE = "gone", _("Not seen any more")


class RiskFlagQuerySet(models.QuerySet["RiskFlag"]):
    """Lookups of flags."""

    def visible_to(self, actor: "Actor") -> Self:
        """Those on redemptions of the own bureau's schemes; nobody flagged ever sees them."""
        return self.filter(voucher__scheme__bureau=actor.organization)


class RiskFlag(models.Model):
    """One rule's reason to look at what one voucher paid of one bill. It points; it never decides.

    `values` fill the words of the reason and `evidence` lists [kind, code] to look at, as the rule's
    `version` saw them; `fingerprint` is the digest of all that. What was seen never changes: a rule
    that sees something else leaves a new flag and the open one goes.
    """

    code = models.CharField(max_length=16, unique=True)
    bill = models.ForeignKey(Bill, on_delete=models.PROTECT, related_name="risk_flags")
    voucher = models.ForeignKey(Voucher, on_delete=models.PROTECT, related_name="risk_flags")
    scan = models.ForeignKey(RiskScan, on_delete=models.PROTECT, related_name="flags")
    rule = models.CharField(max_length=40)
    version = models.PositiveIntegerField()
    weight = models.PositiveSmallIntegerField()
    is_lead = models.BooleanField(default=False)
    values: Any = models.JSONField(default=dict)
    evidence: Any = models.JSONField(default=list)
    fingerprint = models.CharField(max_length=64, unique=True)
    status = models.CharField(max_length=12, choices=FlagStatus, default=FlagStatus.OPEN)
    reason = models.TextField(blank=True, default="", max_length=2000)
    found_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    objects = RiskFlagQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            choices_constraint("status", FlagStatus, "vouchers_riskflag_status"),
            paired("decided", "vouchers_riskflag_decided"),
            models.CheckConstraint(
                condition=Q(weight__range=(1, 99)), name="vouchers_riskflag_weight"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["dismissed", "confirmed"], decided_at__isnull=False)
                & ~Q(reason="")
                | Q(status__in=["open", "gone"], decided_at__isnull=True, reason=""),
                name="vouchers_riskflag_reason",
            ),
            models.UniqueConstraint(
                fields=["bill", "voucher", "rule"],
                condition=Q(status="open"),
                name="vouchers_riskflag_one_open",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["status", "rule"], name="vouchers_riskflag_queue"),
        ]
        triggers: ClassVar = [
            pgtrigger.ReadOnly(
                name="what_was_seen",
                fields=[
                    "code", "bill", "voucher", "scan", "rule", "version", "weight", "is_lead",
                    "values", "evidence", "fingerprint", "found_at",
                ],
            ),
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.code


class BillHours(models.Model):
    """The use behind a closed bill by the 24 hours of the day, in base units of its main meter.

    Folded from the events once, when the month is closed: no event of the month comes after, and the
    fold outlives archived events. Append-only.
    """

    bill = models.OneToOneField(
        Bill, on_delete=models.PROTECT, primary_key=True, related_name="hours"
    )
    meter = models.CharField(max_length=24)
    quantities = ArrayField(models.BigIntegerField(), size=HOURS)
    folded_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(quantities__len=HOURS), name="vouchers_billhours_day"
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]


class PictureHash(models.Model):
    """The difference hash of a stored picture, 64 bits as a signed number; none where it cannot be read.

    Append-only: a stored file never changes.
    """

    file = models.OneToOneField(
        StoredFile, on_delete=models.PROTECT, primary_key=True, related_name="picture_hash"
    )
    bits = models.BigIntegerField(null=True)

    class Meta:
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]
