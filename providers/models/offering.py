"""What is sold: offerings, their prices by day and their capacity by month."""

from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar, Self

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.constraints import choices_constraint, paired, positive
from providers.models.idle import IdleWindow
from providers.models.registration import Facility, FacilityKind, Provider, ProviderStatus

if TYPE_CHECKING:
    from datetime import date, datetime

    from accounts.access import Actor


class Layer(models.TextChoices):
    """Which layer of a bundle an offering fills."""

    COMPUTE = "compute", _("Compute")
    STORAGE = "storage", _("Storage")
    NETWORK = "network", _("Network")
    PLATFORM = "platform", _("Platform")
    APPLICATION = "application", _("Application")
    DATASET = "dataset", _("Dataset")


class Meter(models.TextChoices):
    """What is counted, in integer base units named here."""

    INPUT_TOKENS = "input_tokens", _("Input tokens")
    CACHED_TOKENS = "cached_tokens", _("Cached input tokens")
    OUTPUT_TOKENS = "output_tokens", _("Output tokens")
    REASONING_TOKENS = "reasoning_tokens", _("Reasoning tokens")
    CARD_SECONDS = "card_seconds", _("Card time")
    CORE_SECONDS = "core_seconds", _("Core time")
    STORAGE_MB_SECONDS = "storage_mb_seconds", _("Storage")
    TRANSFER_BYTES = "transfer_bytes", _("Data moved")
    LINE_MBPS_SECONDS = "line_mbps_seconds", _("Line")
    CALLS = "calls", _("Calls")
    IMAGES = "images", _("Images")


class OfferingStatus(models.TextChoices):
    """Whether an offering can be bought."""

    DRAFT = "draft", _("Draft")
    LISTED = "listed", _("Listed")
    RETIRED = "retired", _("Retired")


class OfferingQuerySet(models.QuerySet["Offering"]):
    """Lookups of offerings."""

    def listed(self) -> Self:
        """What can be bought today: listed, by a verified provider, and no trial of something else."""
        return self.filter(
            status=OfferingStatus.LISTED,
            provider__status=ProviderStatus.VERIFIED,
            trial_of__isnull=True,
        )

    def offered_at(self, at: "datetime") -> Self:
        """Listed ones that deliver: idle machines only with a window that is open or still to come."""
        ahead = IdleWindow.objects.not_over_at(at).filter(facility=models.OuterRef("facility"))
        idle = Q(facility__kind=FacilityKind.IDLE_CAPACITY)
        return self.listed().filter(Q(facility__isnull=True) | ~idle | models.Exists(ahead))

    def owned_by(self, actor: "Actor") -> Self:
        """Those of the actor's own provider, in any state; trials are changed by their terms alone."""
        return self.filter(provider__organization=actor.own(), trial_of__isnull=True)

    def visible_to(self, actor: "Actor | None") -> Self:
        """Everybody sees the listed ones; a provider also its own drafts."""
        shown = Q(status=OfferingStatus.LISTED, provider__status=ProviderStatus.VERIFIED)
        if actor is not None and actor.organization is not None:
            shown |= Q(provider__organization=actor.organization)
        return self.filter(shown, trial_of__isnull=True)


class Offering(models.Model):
    """Something sold on one layer, billed by one or more meters through its rates.

    With `trial_of` it is the other offering's free trial: priced at zero, on no shelf and in no
    bundle, subscribed through the trial's terms alone.
    """

    code = models.CharField(max_length=16, unique=True)
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="offerings")
    facility = models.ForeignKey(
        Facility, on_delete=models.PROTECT, null=True, blank=True, related_name="offerings"
    )
    layer = models.CharField(_("layer"), max_length=16, choices=Layer)
    name = models.CharField(_("name"), max_length=100)
    summary = models.CharField(_("summary"), max_length=300, blank=True, default="")
    model_name = models.CharField(_("model"), max_length=100, blank=True, default="")
    has_domestic_chip = models.BooleanField(_("domestic chip"), default=False)
    status = models.CharField(max_length=16, choices=OfferingStatus, default=OfferingStatus.DRAFT)
    trial_of = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="trial"
    )
    listed_at = models.DateTimeField(null=True)
    listed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    objects = OfferingQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            choices_constraint("layer", Layer, "providers_offering_layer"),
            choices_constraint("status", OfferingStatus, "providers_offering_status"),
            paired("listed", "providers_offering_listed"),
            models.CheckConstraint(
                condition=Q(status="draft") | Q(listed_at__isnull=False),
                name="providers_offering_shown",
            ),
            models.CheckConstraint(
                condition=Q(trial_of__isnull=True) | ~Q(trial_of=F("pk")),
                name="providers_offering_trial_of_another",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ListingVersion(models.Model):
    """What an offering said from its publication on, until the next version. A fact, never changed."""

    offering = models.ForeignKey(Offering, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=100)
    summary = models.CharField(max_length=300, blank=True, default="")
    model_name = models.CharField(max_length=100, blank=True, default="")
    has_domestic_chip = models.BooleanField()
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["offering", "number"], name="providers_listingversion_once"
            ),
            positive("number", "providers_listingversion_number"),
            paired("published", "providers_listingversion_published"),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.offering_id}/{self.number}"


class RateQuerySet(models.QuerySet["Rate"]):
    """Lookups of prices."""

    def in_force_on(self, day: "date") -> Self:
        """The price of each meter on a civil day in Asia/Shanghai."""
        return self.filter(effective__contains=day)

    def not_ended_before(self, day: "date") -> Self:
        """Prices in force on the day or announced for later."""
        return self.filter(Q(effective__endswith__isnull=True) | Q(effective__endswith__gt=day))


class Rate(models.Model):
    """`price_yuan` for each `per_units` base units of a meter, on the days of `effective`.

    Days are those of Asia/Shanghai. Exact decimals; never edited once started: a new price is a new
    row that begins where the old one ends. `context_from` is the tier of the request's length: it
    holds for requests of more input tokens than that, up to the next tier. `volume_from` is the
    tier of the month's volume: it prices the units beyond that many, up to the next tier (a free
    quota is a first tier at price zero). `minimum_fen` is the least that a month with any usage of
    the meter costs; only the first tier carries it.
    """

    offering = models.ForeignKey(Offering, on_delete=models.PROTECT, related_name="rates")
    meter = models.CharField(_("meter"), max_length=24, choices=Meter)
    price_yuan = models.DecimalField(_("price"), max_digits=20, decimal_places=10)
    per_units = models.BigIntegerField(_("per units"))
    context_from = models.BigIntegerField(_("longer than"), default=0)
    volume_from = models.BigIntegerField(_("beyond"), default=0)
    minimum_fen = models.BigIntegerField(_("least charge"), default=0)
    effective = DateRangeField(_("in force"))
    source = models.CharField(_("source"), max_length=300, blank=True, default="")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    objects = RateQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            choices_constraint("meter", Meter, "providers_rate_meter"),
            positive("price_yuan", "providers_rate_price", zero=True),
            positive("per_units", "providers_rate_per_units"),
            positive("context_from", "providers_rate_context", zero=True),
            positive("volume_from", "providers_rate_volume", zero=True),
            positive("minimum_fen", "providers_rate_minimum", zero=True),
            models.CheckConstraint(
                condition=Q(minimum_fen=0) | Q(context_from=0, volume_from=0),
                name="providers_rate_minimum_once",
            ),
            paired("created", "providers_rate_created"),
            models.CheckConstraint(
                condition=Q(effective__startswith__isnull=False), name="providers_rate_begins"
            ),
            ExclusionConstraint(
                name="providers_rate_no_overlap",
                expressions=[
                    (F("offering"), RangeOperators.EQUAL),
                    (F("meter"), RangeOperators.EQUAL),
                    (F("context_from"), RangeOperators.EQUAL),
                    (F("volume_from"), RangeOperators.EQUAL),
                    (F("effective"), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.meter}: {self.price_yuan} for {self.per_units}"

    @property
    def last_day(self) -> "date | None":
        """The last day in force; None while no end is set."""
        return self.effective.upper - timedelta(days=1) if self.effective.upper else None


class Capacity(models.Model):
    """How many base units of a meter an offering can deliver in a calendar month.

    What is reserved never exceeds it.
    """

    offering = models.ForeignKey(Offering, on_delete=models.PROTECT, related_name="capacities")
    meter = models.CharField(_("meter"), max_length=24, choices=Meter)
    month = models.DateField(_("month"))
    total_units = models.BigIntegerField(_("total"))
    reserved_units = models.BigIntegerField(_("reserved"), default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["offering", "meter", "month"], name="providers_capacity_once"
            ),
            choices_constraint("meter", Meter, "providers_capacity_meter"),
            positive("reserved_units", "providers_capacity_reserved", zero=True),
            models.CheckConstraint(
                condition=Q(reserved_units__lte=F("total_units")),
                name="providers_capacity_not_oversold",
            ),
            models.CheckConstraint(
                condition=Q(month__day=1),
                name="providers_capacity_month_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.meter} {self.month:%Y-%m}: {self.reserved_units} of {self.total_units}"

    @property
    def left_units(self) -> int:
        """What can still be reserved, in base units."""
        return self.total_units - self.reserved_units
