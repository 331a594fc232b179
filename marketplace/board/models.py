"""The operation board: small sums folded from facts, and what bureaus recognized."""

from typing import TYPE_CHECKING, ClassVar, Self

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization, User
from common.constraints import choices_constraint, paired

if TYPE_CHECKING:
    from accounts.access import Actor


class Figure(models.TextChoices):
    """The closed list of figures, in the order in which the board shows them."""

    SERVED = "served", _("Enterprises served by section and region")
    SIZES = "sizes", _("Enterprises by size")
    FUNNEL = "funnel", _("From application to lasting use")
    DAYS = "days", _("Median days of each step")
    COST = "cost", _("Cost of a unit before and after vouchers")
    SPEND = "spend", _("Funds guided")
    BUNDLES = "bundles", _("Bundles in use")
    RETENTION = "retention", _("Orders retained after 3 and 6 months")
    SCENARIOS = "scenarios", _("Scenarios and their replications")
    RECOGNIZED = "recognized", _("Industrial agents, capability centers, benchmark firms, carriers")
    PROVIDERS = "providers", _("Concentration of providers")
    IDLE = "idle", _("Idle capacity absorbed")


class KpiSnapshot(models.Model):
    """One sum of one figure, for the firms of a region, section and size.

    A fold of facts that can be rebuilt at any time. `key` and `step` say what is summed, see
    marketplace.board.actions.folding: money in fen, quantities in base units, else counts.
    """

    figure = models.CharField(max_length=16, choices=Figure)
    region = models.CharField(max_length=6, blank=True, default="")
    section = models.CharField(max_length=1, blank=True, default="")
    size = models.CharField(max_length=16, blank=True, default="")
    key = models.CharField(max_length=64, blank=True, default="")
    step = models.IntegerField(default=0)
    value = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["figure", "region", "section", "size", "key", "step"],
                name="marketplace_kpi_once",
            ),
            choices_constraint("figure", Figure, "marketplace_kpi_figure"),
        ]

    def __str__(self) -> str:
        return f"{self.figure} {self.key} {self.value}"


class RecognitionKind(models.TextChoices):
    """What a bureau recognizes in a document."""

    AGENT = "agent", _("Industrial agent")
    CENTER = "center", _("Capability center")
    BENCHMARK = "benchmark", _("Benchmark firm")
    CARRIER = "carrier", _("Carrier")


class RecognitionQuerySet(models.QuerySet["Recognition"]):
    """Lookups of recognitions."""

    def visible_to(self, actor: "Actor") -> Self:
        """Those that the bureau recorded."""
        return self.filter(bureau=actor.organization)


class Recognition(models.Model):
    """Something that a bureau recognized, with the document that says so. Append-only."""

    bureau = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=RecognitionKind)
    name = models.CharField(_("name"), max_length=100)
    region = models.CharField(_("region"), max_length=6)
    document = models.CharField(_("document"), max_length=200)
    recognized_on = models.DateField(_("recognized on"))
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    objects = RecognitionQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            choices_constraint("kind", RecognitionKind, "marketplace_recognition_kind"),
            models.UniqueConstraint(
                fields=["bureau", "kind", "name"], name="marketplace_recognition_once"
            ),
            models.CheckConstraint(
                condition=Q(region__regex=r"^[0-9]{6}$"), name="marketplace_recognition_region"
            ),
            paired("recorded", "marketplace_recognition_recorded"),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return self.name
