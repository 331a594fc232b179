"""How far it is from a district to a facility, in microseconds, stated or measured."""

from datetime import date
from typing import ClassVar, Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.constraints import choices_constraint, paired
from providers.models.registration import Facility


class LatencySource(models.TextChoices):
    """Who vouches for the figure: the provider states it, a bureau has it measured."""

    DECLARED = "declared", _("Declared")
    MEASURED = "measured", _("Measured")


class LatencyQuerySet(models.QuerySet["Latency"]):
    """Lookups of latencies."""

    def in_force_on(self, day: date) -> Self:
        """The figures of a civil day in Asia/Shanghai."""
        return self.filter(effective__contains=day)


class Latency(models.Model):
    """There and back between a district and a facility on the days of `effective`.

    A figure is never edited: a new one begins where the old one ends. Of two in force the measured
    one counts.
    """

    facility = models.ForeignKey(Facility, on_delete=models.PROTECT, related_name="latencies")
    district = models.CharField(_("district"), max_length=6)
    latency_us = models.PositiveIntegerField(_("latency"))
    source = models.CharField(_("source"), max_length=12, choices=LatencySource)
    effective = DateRangeField(_("in force"))
    stated_at = models.DateTimeField()
    stated_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    objects = LatencyQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            choices_constraint("source", LatencySource, "providers_latency_source"),
            models.CheckConstraint(
                condition=Q(district__regex=r"^[0-9]{6}$"), name="providers_latency_district"
            ),
            models.CheckConstraint(
                condition=Q(effective__startswith__isnull=False), name="providers_latency_begins"
            ),
            paired("stated", "providers_latency_stated"),
            ExclusionConstraint(
                name="providers_latency_no_overlap",
                expressions=[
                    (F("facility"), RangeOperators.EQUAL),
                    (F("district"), RangeOperators.EQUAL),
                    (F("source"), RangeOperators.EQUAL),
                    (F("effective"), RangeOperators.OVERLAPS),
                ],
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["district", "latency_us"], name="providers_latency_circle"),
        ]

    def __str__(self) -> str:
        return f"{self.district} {self.facility}: {self.latency_us} µs"
