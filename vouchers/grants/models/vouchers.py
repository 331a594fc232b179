"""Vouchers: a firm's right to have a share of its bills paid."""

from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Organization, User
from common.constraints import choices_constraint, paired, positive
from common.periods import local_day
from common.references import kept
from vouchers.grants.models.applications import Application
from vouchers.grants.models.schemes import Scheme, VoucherKind

if TYPE_CHECKING:
    from datetime import date, datetime

    from accounts.access import Actor


class VoucherStatus(models.TextChoices):
    """Whether a voucher pays."""

    ACTIVE = "active", _("Usable")
    FROZEN = "frozen", _("Frozen")
    EXPIRED = "expired", _("Expired")
    REVOKED = "revoked", pgettext_lazy("voucher", "Revoked")


class VoucherQuerySet(models.QuerySet["Voucher"]):
    """Lookups of vouchers. A provider can never search or list vouchers."""

    def visible_to(self, actor: "Actor") -> Self:
        """The holder and the issuing bureau."""
        return self.filter(Q(enterprise=actor.organization) | Q(scheme__bureau=actor.organization))

    def usable_at(self, at: "datetime") -> Self:
        """Active and not past expiry."""
        return self.filter(status=VoucherStatus.ACTIVE, issued_at__lte=at, expires_at__gt=at)

    def paying_bills(self) -> Self:
        """Without those that pay the holder back afterwards."""
        return self.filter(pays_back=False)

    def in_burn_down_order(self) -> Self:
        """Priority, earliest expiry, creation, id."""
        return self.order_by("priority", "expires_at", "issued_at", "pk")


class Voucher(models.Model):
    """A firm's right to have `share` of eligible bills paid, up to the face value.

    face = available + held + redeemed + expired + revoked, on the ledger account `voucher:<code>`.
    The share is kept as an exact fraction, fixed at issue. One that `pays_back` pays no bill: its holder
    pays, and claims the share of what it paid afterwards.
    """

    code = models.CharField(max_length=16, unique=True)
    application = models.OneToOneField(
        Application, on_delete=models.PROTECT, related_name="voucher"
    )
    scheme = models.ForeignKey(Scheme, on_delete=models.PROTECT, related_name="vouchers")
    enterprise = models.ForeignKey(
        Organization, on_delete=models.PROTECT, related_name="+", db_index=False
    )  # the index of the wallet begins with it
    kind = models.CharField(max_length=16, choices=VoucherKind)
    account = models.OneToOneField("vouchers.Account", on_delete=models.PROTECT, related_name="+")
    face_fen = models.BigIntegerField()
    share_numerator = models.PositiveIntegerField()
    share_denominator = models.PositiveIntegerField()
    pays_back = models.BooleanField(default=False, db_default=False)
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
        triggers: ClassVar = [kept()]

    @property
    def last_day(self) -> "date":
        """The last civil day on which the voucher pays; `expires_at` is the moment after it."""
        return local_day(self.expires_at - timedelta(microseconds=1))
