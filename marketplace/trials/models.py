"""Trials: what a provider lets firms try for nothing, up to a cap and a day, and who tries it."""

from typing import TYPE_CHECKING, ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization, User
from common.constraints import choices_constraint, paired, set_exactly_in
from providers.models import Offering, Subscription

if TYPE_CHECKING:
    from accounts.access import Actor


class TermsStatus(models.TextChoices):
    """Whether a trial can be taken."""

    OPEN = "open", _("Open")
    CLOSED = "closed", _("Closed")


class TrialTerms(models.Model):
    """An offering's trial: `units` maps meters to the base units that are free, for so many days.

    `goods` is what is subscribed: the offering's free side, at a price of zero. Trials that run keep
    the terms they began with.
    """

    offering = models.OneToOneField(Offering, on_delete=models.PROTECT, related_name="trial_terms")
    goods = models.OneToOneField(Offering, on_delete=models.PROTECT, related_name="+")
    days = models.PositiveSmallIntegerField(_("days"))
    units = models.JSONField()
    status = models.CharField(max_length=8, choices=TermsStatus, default=TermsStatus.OPEN)
    stated_at = models.DateTimeField()
    stated_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            choices_constraint("status", TermsStatus, "marketplace_trialterms_status"),
            models.CheckConstraint(
                condition=Q(days__gte=1, days__lte=90), name="marketplace_trialterms_days"
            ),
            models.CheckConstraint(condition=~Q(units={}), name="marketplace_trialterms_capped"),
            models.CheckConstraint(
                condition=~Q(goods=F("offering")), name="marketplace_trialterms_two"
            ),
            paired("stated", "marketplace_trialterms_stated"),
        ]

    def __str__(self) -> str:
        return f"{self.offering}: {self.days}"


class TrialStatus(models.TextChoices):
    """Whether a trial runs."""

    RUNNING = "running", _("Running")
    ENDED = "ended", _("Ended")


class EndReason(models.TextChoices):
    """Why a trial ended."""

    NONE = "", _("It runs")
    TIME = "time", _("Its days are over")
    CAP = "cap", _("Its cap is used up")
    STOPPED = "stopped", _("The firm stopped it")
    ORDERED = "ordered", _("It was turned into an order")


class TrialQuerySet(models.QuerySet["Trial"]):
    """Lookups of trials."""

    def visible_to(self, actor: "Actor") -> Self:
        """The firm that tries, and the provider."""
        return self.filter(
            Q(enterprise=actor.organization)
            | Q(offering__provider__organization=actor.organization)
        )

    def running(self) -> Self:
        """Those not ended."""
        return self.filter(status=TrialStatus.RUNNING)


class Trial(models.Model):
    """One firm's trial of one offering, once for ever; `units` is the cap it began with."""

    code = models.CharField(max_length=16, unique=True)
    enterprise = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    offering = models.ForeignKey(Offering, on_delete=models.PROTECT, related_name="trials")
    subscription = models.OneToOneField(Subscription, on_delete=models.PROTECT, related_name="+")
    units = models.JSONField()
    status = models.CharField(max_length=8, choices=TrialStatus, default=TrialStatus.RUNNING)
    reason = models.CharField(max_length=8, choices=EndReason, default="", blank=True)
    taken_at = models.DateTimeField()
    taken_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    ends_at = models.DateTimeField()
    warned_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    objects = TrialQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["enterprise", "offering"], name="marketplace_trial_once"
            ),
            choices_constraint("status", TrialStatus, "marketplace_trial_status"),
            choices_constraint("reason", EndReason, "marketplace_trial_reason"),
            set_exactly_in("status", ["ended"], "ended_at", "marketplace_trial_ended"),
            models.CheckConstraint(
                condition=Q(status="running", reason="") | Q(status="ended") & ~Q(reason=""),
                name="marketplace_trial_why",
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("taken_at")), name="marketplace_trial_order"
            ),
            models.CheckConstraint(condition=~Q(units={}), name="marketplace_trial_capped"),
            paired("taken", "marketplace_trial_taken"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["ends_at"], condition=Q(status="running"), name="marketplace_trial_due"
            ),
        ]

    def __str__(self) -> str:
        return self.code

    def get_absolute_url(self) -> str:
        """The trial's page."""
        return reverse("marketplace:trial_detail", args=[self.code])
