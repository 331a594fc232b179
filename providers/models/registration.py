"""Who supplies and where from: registrations and facilities."""

from fractions import Fraction
from typing import TYPE_CHECKING, ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization, User
from common.constraints import choices_constraint, paired
from providers import kinds

if TYPE_CHECKING:
    from accounts.access import Actor


class ProviderStatus(models.TextChoices):
    """Where a provider's registration stands."""

    DRAFT = "draft", _("Not submitted")
    SUBMITTED = "submitted", _("Waiting for verification")
    VERIFIED = "verified", _("Verified")
    REFUSED = "refused", _("Refused")


class LicenseKind(models.TextChoices):
    """Licenses of the catalog of telecommunications services, and what others need."""

    IDC = "idc", _("IDC (internet data center)")
    ISP = "isp", _("ISP (internet access)")
    CDN = "cdn", _("CDN (content delivery)")
    ICP = "icp", _("ICP (information services)")
    POOL = "pool", _("Registration of a compute pool")
    OTHER = "other", _("Other")


class FacilityKind(models.TextChoices):
    """Kinds of supply named by the 2026 action; each has a slice under providers.kinds."""

    EDGE_DATA_CENTER = "edge_data_center", _("Edge data center")
    APPLIANCE = "appliance", _("Train-inference appliance")
    SME_POOL = "sme_pool", _("SME compute pool")
    IDLE_CAPACITY = "idle_capacity", _("Idle capacity")
    STORAGE_CENTER = "storage_center", _("Advanced storage center")
    METRO_NETWORK = "metro_network", _("Metro network")


class ProviderQuerySet(models.QuerySet["Provider"]):
    """Lookups of providers."""

    def visible_to(self, actor: "Actor") -> Self:
        """A bureau sees all registrations of submitted providers; a provider sees itself."""
        if actor.organization is not None and actor.organization.kind == "bureau":
            return self.exclude(status=ProviderStatus.DRAFT)
        return self.filter(organization=actor.organization)

    def waiting_first(self) -> Self:
        """Those that wait for a decision first, the oldest on top."""
        later = models.Case(
            models.When(status=ProviderStatus.SUBMITTED, then=0),
            default=1,
            output_field=models.SmallIntegerField(),
        )
        return self.order_by(later, "submitted_at", "pk")


class Provider(models.Model):
    """An organization's registration as a supplier, verified by a bureau.

    `license_expires_on` is the last day of the license registered with, and from the first verified
    `License` on the last day on which every kind of them is valid: new orders are taken up to it.
    """

    code = models.CharField(max_length=16, unique=True)
    organization = models.OneToOneField(
        Organization, on_delete=models.PROTECT, related_name="provider"
    )
    status = models.CharField(max_length=16, choices=ProviderStatus, default=ProviderStatus.DRAFT)
    contact = models.CharField(_("contact"), max_length=100)
    license_kind = models.CharField(
        _("kind of license"), max_length=8, choices=LicenseKind, default=LicenseKind.IDC
    )
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
            choices_constraint("license_kind", LicenseKind, "providers_provider_license_kind"),
            paired("submitted", "providers_provider_submitted"),
            paired("decided", "providers_provider_decided"),
            models.CheckConstraint(
                condition=~Q(status__in=["verified", "refused"]) | Q(decided_at__isnull=False),
                name="providers_provider_decision",
            ),
        ]

    def __str__(self) -> str:
        return self.organization.name


class FacilityQuerySet(models.QuerySet["Facility"]):
    """Lookups of facilities."""

    def visible_to(self, actor: "Actor") -> Self:
        """A provider sees its own; a bureau those of every submitted provider."""
        if actor.organization is not None and actor.organization.kind == "bureau":
            return self.exclude(provider__status=ProviderStatus.DRAFT)
        return self.filter(provider__organization=actor.organization)


class Facility(models.Model):
    """A place or device that delivers. `spec` is validated by the kind's slice; latency in µs."""

    code = models.CharField(max_length=16, unique=True)
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="facilities")
    kind = models.CharField(_("kind"), max_length=24, choices=FacilityKind)
    name = models.CharField(_("name"), max_length=100)
    region = models.CharField(_("region"), max_length=6)
    latency_us = models.PositiveIntegerField(_("latency within the city"))
    spec = models.JSONField(default=dict)
    created_at = models.DateTimeField()

    objects = FacilityQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            choices_constraint("kind", FacilityKind, "providers_facility_kind"),
            models.CheckConstraint(
                condition=Q(region__regex=r"^[0-9]{6}$"), name="providers_facility_region"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def bound_per_second(self, meter: str) -> Fraction | None:
        """Most base units of a meter it can deliver in one second; None when it states no bound."""
        return kinds.get(self.kind).bound_per_second(self.spec, meter)
