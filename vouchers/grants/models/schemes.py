"""Schemes and the kinds of vouchers that they issue."""

from typing import TYPE_CHECKING, ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization, User
from common.constraints import choices_constraint, paired, positive

if TYPE_CHECKING:
    from datetime import date

    from accounts.access import Actor


class VoucherKind(models.TextChoices):
    """算力券, 存力券, 运力券."""

    COMPUTE = "compute", _("Compute voucher")
    STORAGE = "storage", _("Storage voucher")
    NETWORK = "network", _("Network voucher")


class SchemeStatus(models.TextChoices):
    """Whether a scheme takes applications."""

    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("Open")
    CLOSED = "closed", _("Closed")


class SchemeQuerySet(models.QuerySet["Scheme"]):
    """Lookups of schemes."""

    def open_on(self, day: "date") -> Self:
        """Published and inside the application window."""
        return self.filter(status=SchemeStatus.PUBLISHED, opens_on__lte=day, closes_on__gte=day)

    def visible_to(self, actor: "Actor | None") -> Self:
        """Published ones are public; drafts belong to their bureau."""
        shown = ~Q(status=SchemeStatus.DRAFT)
        if actor is not None and actor.organization is not None:
            shown |= Q(bureau=actor.organization)
        return self.filter(shown)


class Scheme(models.Model):
    """A published program of vouchers. `rules` is data read by vouchers.grants.rules.schemes.

    A draft is the proposal of the officer who wrote it; another officer publishes it. Rules with missing figures
    (`is_complete` is false) can be kept as a draft and shown, and are never published.

    Every rule value carries its source. The budget lives on the ledger account `scheme_budget:<code>`;
    `budget_fen` is what was appropriated at publication.
    """

    code = models.CharField(max_length=16, unique=True)
    slug = models.SlugField(max_length=50)
    version = models.PositiveSmallIntegerField(default=1)
    bureau = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("name"), max_length=100)
    name_en = models.CharField(_("English name"), max_length=150)
    voucher_kinds = ArrayField(models.CharField(max_length=16, choices=VoucherKind))
    region = models.CharField(_("region"), max_length=6)
    rules = models.JSONField()
    text = models.TextField(blank=True, default="")
    is_complete = models.BooleanField(default=True)
    budget_fen = models.BigIntegerField(_("budget"))
    opens_on = models.DateField(_("opens on"))
    closes_on = models.DateField(_("closes on"))
    source = models.CharField(_("source"), max_length=400)
    status = models.CharField(max_length=16, choices=SchemeStatus, default=SchemeStatus.DRAFT)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    published_at = models.DateTimeField(null=True)
    published_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    objects = SchemeQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["slug", "version"], name="vouchers_scheme_version"),
            choices_constraint("status", SchemeStatus, "vouchers_scheme_status"),
            models.CheckConstraint(
                condition=Q(
                    voucher_kinds__contained_by=VoucherKind.values, voucher_kinds__len__gt=0
                ),
                name="vouchers_scheme_kinds",
            ),
            positive("budget_fen", "vouchers_scheme_budget"),
            models.CheckConstraint(
                condition=Q(closes_on__gte=F("opens_on")), name="vouchers_scheme_window"
            ),
            paired("created", "vouchers_scheme_created"),
            paired("published", "vouchers_scheme_published"),
            models.CheckConstraint(
                condition=Q(status="draft") | Q(published_at__isnull=False),
                name="vouchers_scheme_public",
            ),
            models.CheckConstraint(
                condition=Q(status="draft") | Q(is_complete=True), name="vouchers_scheme_complete"
            ),
            models.CheckConstraint(
                condition=Q(published_by__isnull=True) | ~Q(published_by=F("created_by")),
                name="vouchers_scheme_two_people",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def title(self) -> str:
        """The name in the language of the page."""
        return self.name_en if (get_language() or "zh").startswith("en") else self.name
