"""The compute bank: idle hours put in, hours taken elsewhere, in card-seconds and never in money."""

from typing import TYPE_CHECKING, ClassVar, Self

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization, User
from common.constraints import choices_constraint, paired, positive, set_exactly_in
from providers.models.offering import Offering
from providers.models.subscription import Subscription

if TYPE_CHECKING:
    from datetime import date

    from accounts.access import Actor


class DepositStatus(models.TextChoices):
    """Where a deposit stands."""

    PROPOSED = "proposed", _("Waiting for the keeper")
    APPROVED = "approved", _("Approved")
    REFUSED = "refused", _("Refused")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class DrawStatus(models.TextChoices):
    """Where a draw stands."""

    OPEN = "open", _("Drawn")
    RELEASED = "released", _("Given back")


class EntryKind(models.TextChoices):
    """What moved."""

    DEPOSIT = "deposit", _("Deposited")
    DRAW = "draw", _("Drawn")
    RELEASE = "release", _("Given back")
    EXPIRE = "expire", _("Expired")


class BankDepositQuerySet(models.QuerySet["BankDeposit"]):
    """Lookups of deposits."""

    def visible_to(self, actor: "Actor") -> Self:
        """The enterprise that deposits, and the provider that keeps the machines."""
        return self.filter(
            Q(enterprise=actor.organization)
            | Q(offering__provider__organization=actor.organization)
        )

    def credit_of(self, enterprise: Organization, day: "date") -> Self:
        """An enterprise's deposits with something left to draw on a civil day."""
        return self.filter(
            enterprise=enterprise,
            status=DepositStatus.APPROVED,
            expires_on__gte=day,
            spent_seconds__lt=F("card_seconds"),
        )

    def supply_for(self, enterprise: Organization) -> Self:
        """What others deposited and nobody took."""
        return self.filter(
            status=DepositStatus.APPROVED, given_seconds__lt=F("card_seconds")
        ).exclude(enterprise=enterprise)


class BankDeposit(models.Model):
    """Hours of idle machines, kept free for others in `month`: a credit of its owner until `expires_on`.

    Two guarded counters: `spent_seconds` is what the owner drew or lost of the credit,
    `given_seconds` what others took of the hours. Neither exceeds `card_seconds`.
    """

    code = models.CharField(max_length=16, unique=True)
    enterprise = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    offering = models.ForeignKey(Offering, on_delete=models.PROTECT, related_name="bank_deposits")
    month = models.DateField(_("month"))
    card_seconds = models.BigIntegerField(_("card time"))
    spent_seconds = models.BigIntegerField(default=0)
    given_seconds = models.BigIntegerField(default=0)
    expires_on = models.DateField(_("can be drawn until"))
    reference = models.CharField(max_length=100)
    status = models.CharField(max_length=12, choices=DepositStatus, default=DepositStatus.PROPOSED)
    remark = models.CharField(max_length=300, blank=True, default="")
    proposed_at = models.DateTimeField()
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    objects = BankDepositQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            choices_constraint("status", DepositStatus, "providers_bankdeposit_status"),
            models.UniqueConstraint(
                fields=["enterprise", "reference"], name="providers_bankdeposit_once"
            ),
            models.CheckConstraint(
                condition=Q(month__day=1), name="providers_bankdeposit_month_start"
            ),
            positive("card_seconds", "providers_bankdeposit_amount"),
            models.CheckConstraint(
                condition=Q(spent_seconds__gte=0, spent_seconds__lte=F("card_seconds")),
                name="providers_bankdeposit_not_overdrawn",
            ),
            models.CheckConstraint(
                condition=Q(given_seconds__gte=0, given_seconds__lte=F("card_seconds")),
                name="providers_bankdeposit_not_overgiven",
            ),
            models.CheckConstraint(
                condition=Q(status="approved") | Q(spent_seconds=0, given_seconds=0),
                name="providers_bankdeposit_counts_once_approved",
            ),
            paired("proposed", "providers_bankdeposit_proposed"),
            paired("decided", "providers_bankdeposit_decided"),
            set_exactly_in(
                "status",
                ["approved", "refused", "withdrawn"],
                "decided_at",
                "providers_bankdeposit_decision",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["offering", "month"], name="providers_bankdeposit_supply"),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="content_frozen",
                fields=["code", "enterprise", "offering", "month", "card_seconds", "reference"],
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def left_seconds(self) -> int:
        """What its owner can still draw of it, in card-seconds."""
        return self.card_seconds - self.spent_seconds

    @property
    def free_seconds(self) -> int:
        """What others can still take of its hours, in card-seconds."""
        return self.card_seconds - self.given_seconds


class BankDrawQuerySet(models.QuerySet["BankDraw"]):
    """Lookups of draws."""

    def visible_to(self, actor: "Actor") -> Self:
        """The enterprise that draws, and the provider that delivers."""
        return self.filter(
            Q(enterprise=actor.organization)
            | Q(offering__provider__organization=actor.organization)
        )


class BankDraw(models.Model):
    """Hours an enterprise takes elsewhere in `month`; its subscription is what usage is reported on."""

    code = models.CharField(max_length=16, unique=True)
    enterprise = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    offering = models.ForeignKey(Offering, on_delete=models.PROTECT, related_name="bank_draws")
    month = models.DateField(_("month"))
    card_seconds = models.BigIntegerField(_("card time"))
    reference = models.CharField(max_length=100)
    subscription = models.OneToOneField(
        Subscription, on_delete=models.PROTECT, related_name="bank_draw"
    )
    status = models.CharField(max_length=12, choices=DrawStatus, default=DrawStatus.OPEN)
    drawn_at = models.DateTimeField()
    drawn_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    released_at = models.DateTimeField(null=True)
    released_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    objects = BankDrawQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            choices_constraint("status", DrawStatus, "providers_bankdraw_status"),
            models.UniqueConstraint(
                fields=["enterprise", "reference"], name="providers_bankdraw_once"
            ),
            models.CheckConstraint(
                condition=Q(month__day=1), name="providers_bankdraw_month_start"
            ),
            positive("card_seconds", "providers_bankdraw_amount"),
            paired("drawn", "providers_bankdraw_drawn"),
            paired("released", "providers_bankdraw_released"),
            set_exactly_in("status", ["released"], "released_at", "providers_bankdraw_release"),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="content_frozen",
                fields=["code", "enterprise", "offering", "month", "card_seconds", "subscription"],
            ),
        ]

    def __str__(self) -> str:
        return self.code


class BankEntry(models.Model):
    """An immutable movement of `card_seconds` of one deposit's credit; a draw also names whose hours it takes.

    Append-only. The counters of deposits are the fold of these rows.
    """

    kind = models.CharField(max_length=8, choices=EntryKind)
    credit = models.ForeignKey(BankDeposit, on_delete=models.PROTECT, related_name="credit_entries")
    supply = models.ForeignKey(
        BankDeposit, on_delete=models.PROTECT, null=True, related_name="supply_entries"
    )
    draw = models.ForeignKey(BankDraw, on_delete=models.PROTECT, null=True, related_name="entries")
    card_seconds = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            choices_constraint("kind", EntryKind, "providers_bankentry_kind"),
            positive("card_seconds", "providers_bankentry_amount"),
            models.CheckConstraint(
                condition=Q(kind__in=["draw", "release"], supply__isnull=False, draw__isnull=False)
                | Q(kind__in=["deposit", "expire"], supply__isnull=True, draw__isnull=True),
                name="providers_bankentry_sides",
            ),
            models.CheckConstraint(
                condition=Q(supply__isnull=True) | ~Q(supply=F("credit")),
                name="providers_bankentry_elsewhere",
            ),
            models.UniqueConstraint(
                fields=["credit"], condition=Q(kind="deposit"), name="providers_bankentry_credited"
            ),
            models.UniqueConstraint(
                fields=["draw", "kind", "credit", "supply"], name="providers_bankentry_once"
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.card_seconds}"
