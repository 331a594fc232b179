"""Figures of listings: what a provider declares, what officers verify, what the product measures."""

from typing import TYPE_CHECKING, ClassVar, Self

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization, User
from common.constraints import choices_constraint, paired, positive
from providers.models.offering import Offering, OfferingStatus
from providers.models.registration import ProviderStatus
from providers.rules.marks import LEAST_MEASURED

if TYPE_CHECKING:
    from accounts.access import Actor

APPEND_ONLY = pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)


class FigureName(models.TextChoices):
    """Figures that can be held against something; the unit ends the name."""

    LATENCY = "latency_us", _("Latency within the city")
    UPTIME = "uptime_millionths", _("Uptime of a month")
    THROUGHPUT = "tokens_per_second", _("Output speed")
    DAYS_TO_FIRST_USE = "days_to_first_use", _("Days to first use")


class Mark(models.TextChoices):
    """What a figure rests on."""

    DECLARED = "declared", _("Declared")
    VERIFIED = "verified", _("Verified")
    MEASURED = "measured", _("Measured")


class FigureQuerySet(models.QuerySet["Figure"]):
    """Lookups of figures."""

    def standing(self) -> Self:
        """The latest of each name and offering: what the listing says."""
        last = Figure.objects.filter(
            offering=models.OuterRef("offering"), name=models.OuterRef("name")
        )
        return self.filter(number=models.Subquery(last.order_by("-number").values("number")[:1]))

    def visible_to(self, actor: "Actor | None") -> Self:
        """Everybody sees those of listed offerings; a provider also those of its drafts."""
        shown = Q(
            offering__status=OfferingStatus.LISTED,
            offering__provider__status=ProviderStatus.VERIFIED,
        )
        if actor is not None and actor.organization is not None:
            shown |= Q(offering__provider__organization=actor.organization)
        return self.filter(shown)


class Figure(models.Model):
    """One declared value; a later one of the same name takes its place, and begins unverified."""

    code = models.CharField(max_length=16, unique=True)
    offering = models.ForeignKey(Offering, on_delete=models.PROTECT, related_name="figures")
    name = models.CharField(max_length=24, choices=FigureName)
    number = models.PositiveIntegerField()
    value = models.BigIntegerField()
    stated_at = models.DateTimeField()
    stated_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    objects = FigureQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["offering", "name", "number"], name="providers_figure_version"
            ),
            choices_constraint("name", FigureName, "providers_figure_name"),
            positive("number", "providers_figure_number"),
            positive("value", "providers_figure_value", zero=True),
            models.CheckConstraint(
                condition=~Q(name="uptime_millionths") | Q(value__lte=1_000_000),
                name="providers_figure_uptime",
            ),
            paired("stated", "providers_figure_stated"),
        ]
        triggers: ClassVar = [APPEND_ONLY]

    def __str__(self) -> str:
        return f"{self.name} {self.value}"


class FigureVerification(models.Model):
    """That an officer confirmed a declared value, for a bureau and with evidence. A fact."""

    figure = models.ForeignKey(Figure, on_delete=models.PROTECT, related_name="verifications")
    evidence = models.CharField(_("evidence"), max_length=500)
    verified_at = models.DateTimeField()
    verified_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    verified_for = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(evidence=""), name="providers_figureverification_evidence"
            ),
            paired("verified", "providers_figureverification_verified"),
        ]
        triggers: ClassVar = [APPEND_ONLY]

    def __str__(self) -> str:
        return f"{self.figure_id}: {self.evidence}"


class FigureMeasurement(models.Model):
    """What the product measured beside a declared value, from a `sample` of firms or places. A fact."""

    figure = models.ForeignKey(Figure, on_delete=models.PROTECT, related_name="measurements")
    value = models.BigIntegerField()
    sample = models.PositiveIntegerField()
    measured_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            positive("value", "providers_figuremeasurement_value", zero=True),
            models.CheckConstraint(
                condition=Q(sample__gte=LEAST_MEASURED), name="providers_figuremeasurement_sample"
            ),
        ]
        triggers: ClassVar = [APPEND_ONLY]

    def __str__(self) -> str:
        return f"{self.figure_id}: {self.value}"
