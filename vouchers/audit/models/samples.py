"""Samples: a frozen list, the draw of a seed that came later, and what was found in each item."""

from typing import TYPE_CHECKING, ClassVar, Self

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.constraints import choices_constraint, paired, positive
from common.models import StoredFile
from vouchers.billing.models import Bill
from vouchers.grants.models import Scheme, Voucher

if TYPE_CHECKING:
    from accounts.access import Actor

_MONTH_START = "vouchers_sample_month_start"


class SampleStatus(models.TextChoices):
    """Where a sample stands."""

    FROZEN = "frozen", _("List frozen, waiting for the seed")
    DRAWN = "drawn", _("Being looked at")
    DONE = "done", _("Done")


class SampleQuerySet(models.QuerySet["Sample"]):
    """Lookups of samples."""

    def visible_to(self, actor: "Actor") -> Self:
        """The bureau of the scheme."""
        return self.filter(scheme__bureau=actor.organization)


class Sample(models.Model):
    """Some of a scheme's claimed redemptions, drawn so that anybody can draw them again.

    `frame` keeps the list byte for byte; its SHA-256 is the list's name. The plan is fixed with the
    list, the seed only becomes known after: the hash of the first block sealed later. `sample_sha256`
    is the digest of the whole draw as `rules.sampling` writes it. Amounts in fen.
    """

    code = models.CharField(max_length=16, unique=True)
    scheme = models.ForeignKey(Scheme, on_delete=models.PROTECT, related_name="samples")
    first_month = models.DateField()
    last_month = models.DateField()
    random_size = models.PositiveIntegerField()
    risk_size = models.PositiveIntegerField()
    bounds_fen = ArrayField(models.BigIntegerField(), default=list)
    named_providers = models.PositiveSmallIntegerField()
    least_each = models.PositiveSmallIntegerField()
    frame = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    frame_sha256 = models.CharField(max_length=64)
    population = models.PositiveIntegerField()
    population_fen = models.BigIntegerField()
    status = models.CharField(max_length=8, choices=SampleStatus, default=SampleStatus.FROZEN)
    frozen_at = models.DateTimeField()
    frozen_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    seed = models.CharField(max_length=80, blank=True, default="")
    seed_block = models.BigIntegerField(null=True)
    sample_sha256 = models.CharField(max_length=64, blank=True, default="")
    drawn_at = models.DateTimeField(null=True)
    drawn_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    objects = SampleQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            choices_constraint("status", SampleStatus, "vouchers_sample_status"),
            paired("frozen", "vouchers_sample_frozen"),
            paired("drawn", "vouchers_sample_drawn"),
            positive("population", "vouchers_sample_population"),
            models.CheckConstraint(
                condition=Q(first_month__day=1, last_month__day=1), name=_MONTH_START
            ),
            models.CheckConstraint(
                condition=Q(last_month__gte=F("first_month")), name="vouchers_sample_months"
            ),
            models.CheckConstraint(
                condition=Q(status="frozen", drawn_at__isnull=True, seed="", sample_sha256="")
                | Q(status__in=["drawn", "done"], drawn_at__isnull=False)
                & ~Q(seed="")
                & ~Q(sample_sha256=""),
                name="vouchers_sample_seeded",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["scheme", "-frozen_at"], name="vouchers_sample_list"),
        ]
        triggers: ClassVar = [
            pgtrigger.ReadOnly(
                name="list_and_plan",
                fields=[
                    "code", "scheme", "first_month", "last_month", "random_size", "risk_size",
                    "bounds_fen", "named_providers", "least_each", "frame", "frame_sha256",
                    "population", "population_fen", "frozen_at", "frozen_by",
                ],
            ),
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.code


class SampleStratum(models.Model):
    """How many redemptions of one provider and band of amounts there are and were drawn at random.

    Append-only.
    """

    sample = models.ForeignKey(
        Sample, on_delete=models.PROTECT, related_name="strata", db_index=False
    )  # the unique index begins with it
    name = models.CharField(max_length=40)
    population = models.PositiveIntegerField()
    drawn = models.PositiveIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["sample", "name"], name="vouchers_stratum_once"),
            models.CheckConstraint(
                condition=Q(drawn__lte=F("population")), name="vouchers_stratum_drawn"
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]


class DrawKind(models.TextChoices):
    """By which draw an item came: only the random one may be counted."""

    RANDOM = "random", _("At random")
    RISK = "risk", _("For its risk")


class ItemFinding(models.TextChoices):
    """What was found in one item."""

    WAITING = "waiting", _("To look at")
    RIGHT = "right", _("In order")
    WRONG = "wrong", _("Wrong")


class SampleItem(models.Model):
    """One redemption drawn, and what an officer found. `wrong_fen` is how much should not have been paid."""

    sample = models.ForeignKey(
        Sample, on_delete=models.PROTECT, related_name="items", db_index=False
    )  # the unique index begins with it
    position = models.PositiveIntegerField()
    bill = models.ForeignKey(Bill, on_delete=models.PROTECT, related_name="sample_items")
    voucher = models.ForeignKey(Voucher, on_delete=models.PROTECT, related_name="sample_items")
    stratum = models.CharField(max_length=40)
    draw = models.CharField(max_length=8, choices=DrawKind)
    amount_fen = models.BigIntegerField()
    finding = models.CharField(max_length=8, choices=ItemFinding, default=ItemFinding.WAITING)
    wrong_fen = models.BigIntegerField(default=0)
    remark = models.TextField(blank=True, default="", max_length=2000)
    looked_at = models.DateTimeField(null=True)
    looked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["sample", "position"], name="vouchers_item_position"),
            models.UniqueConstraint(
                fields=["sample", "bill", "voucher"], name="vouchers_item_once"
            ),
            choices_constraint("draw", DrawKind, "vouchers_item_draw"),
            choices_constraint("finding", ItemFinding, "vouchers_item_finding"),
            paired("looked", "vouchers_item_looked"),
            models.CheckConstraint(
                condition=Q(finding="waiting", looked_at__isnull=True, wrong_fen=0)
                | Q(finding="right", looked_at__isnull=False, wrong_fen=0)
                | Q(finding="wrong", looked_at__isnull=False, wrong_fen__gt=0)
                & ~Q(remark="")
                & Q(wrong_fen__lte=F("amount_fen")),
                name="vouchers_item_found",
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.ReadOnly(
                name="draw_frozen",
                fields=["sample", "position", "bill", "voucher", "stratum", "draw", "amount_fen"],
            ),
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
        ]
