"""What is supplied: providers, facilities, offerings, rates, capacity, subscriptions."""

from typing import TYPE_CHECKING, ClassVar, Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization, User
from common.constraints import choices_constraint, paired, positive

if TYPE_CHECKING:
    from datetime import datetime

    from accounts.access import Actor


class ProviderStatus(models.TextChoices):
    """Where a provider's registration stands."""

    DRAFT = "draft", _("Not submitted")
    SUBMITTED = "submitted", _("Waiting for verification")
    VERIFIED = "verified", _("Verified")
    REFUSED = "refused", _("Refused")


class FacilityKind(models.TextChoices):
    """Kinds of supply named by the 2026 action; each has a slice under providers.kinds."""

    EDGE_DATA_CENTER = "edge_data_center", _("Edge data center")
    APPLIANCE = "appliance", _("Train-inference appliance")
    SME_POOL = "sme_pool", _("SME compute pool")
    IDLE_CAPACITY = "idle_capacity", _("Idle capacity")
    STORAGE_CENTER = "storage_center", _("Advanced storage center")
    METRO_NETWORK = "metro_network", _("Metro network")


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


class SubscriptionStatus(models.TextChoices):
    """Whether usage may be reported on a subscription."""

    ACTIVE = "active", _("Running")
    STOPPED = "stopped", _("Stopped for lack of funds")
    ENDED = "ended", _("Ended")


class ProviderQuerySet(models.QuerySet["Provider"]):
    """Lookups of providers."""

    def visible_to(self, actor: "Actor") -> Self:
        """A bureau sees all registrations of submitted providers; a provider sees itself."""
        if actor.organization is not None and actor.organization.kind == "bureau":
            return self.exclude(status=ProviderStatus.DRAFT)
        return self.filter(organization=actor.organization)


class Provider(models.Model):
    """An organization's registration as a supplier, verified by a bureau."""

    code = models.CharField(max_length=16, unique=True)
    organization = models.OneToOneField(
        Organization, on_delete=models.PROTECT, related_name="provider"
    )
    status = models.CharField(max_length=16, choices=ProviderStatus, default=ProviderStatus.DRAFT)
    contact = models.CharField(_("contact"), max_length=100)
    license_number = models.CharField(_("license number"), max_length=50)
    license_expires_on = models.DateField(_("license valid until"))
    remark = models.TextField(blank=True, default="")
    submitted_at = models.DateTimeField(null=True)
    submitted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    objects = ProviderQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            choices_constraint("status", ProviderStatus, "providers_provider_status"),
            paired("submitted", "providers_provider_submitted"),
            paired("decided", "providers_provider_decided"),
            models.CheckConstraint(
                condition=~Q(status__in=["verified", "refused"]) | Q(decided_at__isnull=False),
                name="providers_provider_decision",
            ),
        ]

    def __str__(self) -> str:
        return self.organization.name


class Facility(models.Model):
    """A place or device that delivers. `spec` is validated by the kind's slice; latency in microseconds."""

    code = models.CharField(max_length=16, unique=True)
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="facilities")
    kind = models.CharField(_("kind"), max_length=24, choices=FacilityKind)
    name = models.CharField(_("name"), max_length=100)
    region = models.CharField(_("region"), max_length=6)
    latency_us = models.PositiveIntegerField(_("latency within the city"))
    spec = models.JSONField(default=dict)
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            choices_constraint("kind", FacilityKind, "providers_facility_kind"),
            models.CheckConstraint(
                condition=Q(region__regex=r"^[0-9]{6}$"), name="providers_facility_region"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class OfferingQuerySet(models.QuerySet["Offering"]):
    """Lookups of offerings."""

    def listed(self) -> Self:
        """What can be bought today: listed, by a verified provider."""
        return self.filter(status=OfferingStatus.LISTED, provider__status=ProviderStatus.VERIFIED)

    def visible_to(self, actor: "Actor | None") -> Self:
        """Everybody sees the listed ones; a provider also its own drafts."""
        shown = Q(status=OfferingStatus.LISTED, provider__status=ProviderStatus.VERIFIED)
        if actor is not None and actor.organization is not None:
            shown |= Q(provider__organization=actor.organization)
        return self.filter(shown)


class Offering(models.Model):
    """Something sold on one layer, billed by one or more meters through its rates."""

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
        ]

    def __str__(self) -> str:
        return self.name


class Rate(models.Model):
    """`price_yuan` for each `per_units` base units of a meter, for the days of `effective` (Asia/Shanghai).

    Exact decimals; never edited once started: a new price is a new row that begins where the old one ends.
    """

    offering = models.ForeignKey(Offering, on_delete=models.PROTECT, related_name="rates")
    meter = models.CharField(_("meter"), max_length=24, choices=Meter)
    price_yuan = models.DecimalField(_("price"), max_digits=20, decimal_places=10)
    per_units = models.BigIntegerField(_("per units"))
    effective = DateRangeField(_("in force"))
    source = models.CharField(_("source"), max_length=300, blank=True, default="")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            choices_constraint("meter", Meter, "providers_rate_meter"),
            positive("price_yuan", "providers_rate_price", zero=True),
            positive("per_units", "providers_rate_per_units"),
            paired("created", "providers_rate_created"),
            models.CheckConstraint(
                condition=Q(effective__startswith__isnull=False), name="providers_rate_begins"
            ),
            ExclusionConstraint(
                name="providers_rate_no_overlap",
                expressions=[
                    (F("offering"), RangeOperators.EQUAL),
                    (F("meter"), RangeOperators.EQUAL),
                    (F("effective"), RangeOperators.OVERLAPS),
                ],
            ),
        ]


class Capacity(models.Model):
    """How many base units of a meter an offering can deliver in a calendar month; reserved never exceeds it."""

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


class SubscriptionQuerySet(models.QuerySet["Subscription"]):
    """Lookups of subscriptions."""

    def visible_to(self, actor: "Actor") -> Self:
        """The enterprise that runs it and the provider that delivers it."""
        return self.filter(
            Q(enterprise=actor.organization)
            | Q(offering__provider__organization=actor.organization)
        )

    def open_at(self, at: "datetime") -> Self:
        """Those that cover the moment."""
        return self.filter(starts_at__lte=at).filter(Q(ends_at__isnull=True) | Q(ends_at__gt=at))


class Subscription(models.Model):
    """One enterprise's running contract on one offering; usage is reported against its code.

    `reference` is the opaque code of what created it (an order); this package does not know orders.
    """

    code = models.CharField(max_length=16, unique=True)
    enterprise = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    offering = models.ForeignKey(Offering, on_delete=models.PROTECT, related_name="subscriptions")
    reference = models.CharField(max_length=40)
    status = models.CharField(
        max_length=16, choices=SubscriptionStatus, default=SubscriptionStatus.ACTIVE
    )
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)

    objects = SubscriptionQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            choices_constraint("status", SubscriptionStatus, "providers_subscription_status"),
            models.UniqueConstraint(
                fields=["reference", "offering"], name="providers_subscription_once"
            ),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")),
                name="providers_subscription_order",
            ),
            models.CheckConstraint(
                condition=~Q(status="ended") | Q(ends_at__isnull=False),
                name="providers_subscription_ended",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class Reservation(models.Model):
    """Units a subscription has reserved of one month's capacity."""

    subscription = models.ForeignKey(
        Subscription, on_delete=models.PROTECT, related_name="reservations"
    )
    capacity = models.ForeignKey(Capacity, on_delete=models.PROTECT, related_name="reservations")
    units = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["subscription", "capacity"], name="providers_reservation_once"
            ),
            positive("units", "providers_reservation_units"),
        ]


__all__ = [
    "Capacity",
    "Facility",
    "FacilityKind",
    "Layer",
    "Meter",
    "Offering",
    "OfferingStatus",
    "Provider",
    "ProviderStatus",
    "Rate",
    "Reservation",
    "Subscription",
    "SubscriptionStatus",
]
