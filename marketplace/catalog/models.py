"""Scenarios and bundles: what firms want to do, and ready chains of offerings that do it."""

from typing import TYPE_CHECKING, ClassVar, Self

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization, User
from common.constraints import choices_constraint, paired, positive
from providers.models import Meter, Offering, Provider

if TYPE_CHECKING:
    from accounts.access import Actor


class Stage(models.TextChoices):
    """Manufacturing's four stages, and everything else."""

    RESEARCH = "research", _("Research and design")
    PRODUCTION = "production", _("Production")
    MAINTENANCE = "maintenance", _("Equipment operation and maintenance")
    SUPPLY_CHAIN = "supply_chain", _("Supply chain management")
    GENERAL = "general", _("General business")


class BundleStatus(models.TextChoices):
    """Whether a bundle can be ordered."""

    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("Listed")
    RETIRED = "retired", _("Retired")
    COMPOSED = "composed", _("Composed for a need")


class OperatedBy(models.TextChoices):
    """Who keeps a bundle running."""

    PROVIDER = "provider", _("The provider")
    ENTERPRISE = "enterprise", _("Your own staff")


class Scenario(models.Model):
    """Something a firm wants done.

    `coefficients`: meter -> base units for one unit of volume, with the source stated;
    `assumptions`: meter -> why, in both languages (`zh`, `en`).
    """

    slug = models.SlugField(max_length=50, unique=True)
    name = models.CharField(max_length=100)
    name_en = models.CharField(max_length=150)
    summary = models.CharField(max_length=300)
    summary_en = models.CharField(max_length=400)
    stage = models.CharField(max_length=16, choices=Stage)
    sections = models.CharField(max_length=20, blank=True, default="")
    volume_unit = models.CharField(max_length=30)
    volume_unit_en = models.CharField(max_length=50)
    coefficients = models.JSONField()
    assumptions = models.JSONField(default=dict)
    coefficients_source = models.CharField(max_length=300)
    coefficients_source_en = models.CharField(max_length=300)

    class Meta:
        constraints: ClassVar = [choices_constraint("stage", Stage, "marketplace_scenario_stage")]

    def __str__(self) -> str:
        return self.in_language(self.name, self.name_en)

    @property
    def title(self) -> str:
        """Its name in the reader's language."""
        return self.in_language(self.name, self.name_en)

    @property
    def lead(self) -> str:
        """Its summary in the reader's language."""
        return self.in_language(self.summary, self.summary_en)

    @property
    def unit(self) -> str:
        """Its unit of volume in the reader's language."""
        return self.in_language(self.volume_unit, self.volume_unit_en)

    @property
    def origin(self) -> str:
        """Where its coefficients come from, in the reader's language."""
        return self.in_language(self.coefficients_source, self.coefficients_source_en)

    @staticmethod
    def in_language(chinese: str, english: str) -> str:
        """Choose by the active language; Chinese is the default."""
        return english if (get_language() or "").startswith("en") else chinese


class CoefficientChange(models.Model):
    """A coefficient as it was stated anew, and why; a fact. `before`: base units until then."""

    scenario = models.ForeignKey(Scenario, on_delete=models.PROTECT, related_name="changes")
    meter = models.CharField(max_length=24, choices=Meter)
    before = models.BigIntegerField()
    after = models.BigIntegerField()
    reason = models.CharField(max_length=200)
    reason_en = models.CharField(max_length=300)
    stated_at = models.DateTimeField()
    stated_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    stated_for = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            choices_constraint("meter", Meter, "marketplace_coefficient_meter"),
            positive("before", "marketplace_coefficient_before"),
            positive("after", "marketplace_coefficient_after"),
            paired("stated", "marketplace_coefficient_stated"),
            models.CheckConstraint(
                condition=~Q(reason="") & ~Q(reason_en=""), name="marketplace_coefficient_reason"
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.scenario.slug}: {self.meter} {self.before} -> {self.after}"

    @property
    def why(self) -> str:
        """The reason in the reader's language."""
        return Scenario.in_language(self.reason, self.reason_en)


class BundleQuerySet(models.QuerySet["Bundle"]):
    """Lookups of bundles."""

    def owned_by(self, actor: "Actor") -> Self:
        """Those of the actor's own provider, in any state; composed ones are nobody's own."""
        own = self.filter(publisher__organization=actor.own())
        return own.exclude(status=BundleStatus.COMPOSED)

    def orderable(self) -> Self:
        """Those on the shelf, and those composed for a need."""
        return self.filter(status__in=[BundleStatus.PUBLISHED, BundleStatus.COMPOSED])

    def visible_to(self, actor: "Actor | None") -> Self:
        """Everybody sees the listed ones; the publisher also its drafts."""
        shown = Q(status=BundleStatus.PUBLISHED)
        if actor is not None and actor.organization is not None:
            shown |= Q(publisher__organization=actor.organization) & ~Q(
                status=BundleStatus.COMPOSED
            )
        return self.filter(shown)


class Bundle(models.Model):
    """A chain of offerings, maybe of several providers: compute + platform + application.

    What makes it lightweight is stated: cost to start (fen), notice period and time to first use
    (days), and who operates it. One composed by the platform for a need stands under its chain's
    key, the provider of its application is who answers for it, and it is on no shelf.
    """

    code = models.CharField(max_length=16, unique=True)
    publisher = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("name"), max_length=100)
    summary = models.CharField(_("summary"), max_length=300)
    scenarios = models.ManyToManyField(Scenario, related_name="bundles")
    offerings = models.ManyToManyField(Offering, through="BundleItem", related_name="bundles")
    start_cost_fen = models.BigIntegerField(_("cost to start"))
    notice_days = models.PositiveSmallIntegerField(_("notice period"))
    days_to_first_use = models.PositiveSmallIntegerField(_("days to first use"))
    operated_by = models.CharField(_("operated by"), max_length=12, choices=OperatedBy)
    status = models.CharField(max_length=12, choices=BundleStatus, default=BundleStatus.DRAFT)
    published_at = models.DateTimeField(null=True)
    published_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    chain_key = models.CharField(max_length=64, blank=True, default="")

    objects = BundleQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            choices_constraint("status", BundleStatus, "marketplace_bundle_status"),
            choices_constraint("operated_by", OperatedBy, "marketplace_bundle_operator"),
            positive("start_cost_fen", "marketplace_bundle_start_cost", zero=True),
            paired("published", "marketplace_bundle_published"),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "composed"]) | Q(published_at__isnull=False),
                name="marketplace_bundle_shown",
            ),
            models.CheckConstraint(
                condition=Q(status="composed") & ~Q(chain_key="")
                | ~Q(status="composed") & Q(chain_key=""),
                name="marketplace_bundle_composed",
            ),
            models.UniqueConstraint(
                fields=["chain_key"],
                condition=~Q(chain_key=""),
                name="marketplace_bundle_chain_once",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class BundleItem(models.Model):
    """One offering in a bundle's chain."""

    bundle = models.ForeignKey(Bundle, on_delete=models.PROTECT, related_name="items")
    offering = models.ForeignKey(Offering, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["bundle", "offering"], name="marketplace_item_once"),
            models.UniqueConstraint(
                fields=["bundle", "position"], name="marketplace_item_position"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position}: {self.offering}"


class ComposingTerms(models.Model):
    """What a provider states so that the platform may compose bundles with an offering.

    Cost to start in fen, once; periods in days. `scenarios` matters for applications alone.
    """

    offering = models.OneToOneField(
        Offering, on_delete=models.PROTECT, related_name="composing_terms"
    )
    scenarios = models.ManyToManyField(Scenario, related_name="+")
    start_cost_fen = models.BigIntegerField(_("cost to start"))
    notice_days = models.PositiveSmallIntegerField(_("notice period"))
    days_to_first_use = models.PositiveSmallIntegerField(_("days to first use"))
    operated_by = models.CharField(_("operated by"), max_length=12, choices=OperatedBy)
    stated_at = models.DateTimeField()
    stated_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            choices_constraint("operated_by", OperatedBy, "marketplace_terms_operator"),
            positive("start_cost_fen", "marketplace_terms_start_cost", zero=True),
            paired("stated", "marketplace_terms_stated"),
        ]

    def __str__(self) -> str:
        return str(self.offering)


class Compatibility(models.Model):
    """The upper offering works with the lower one; where it names none of a layer, with all."""

    upper = models.ForeignKey(Offering, on_delete=models.PROTECT, related_name="works_with")
    lower = models.ForeignKey(Offering, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["upper", "lower"], name="marketplace_compatibility_once"
            ),
            models.CheckConstraint(
                condition=~Q(upper=models.F("lower")), name="marketplace_compatibility_two"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.upper} + {self.lower}"
