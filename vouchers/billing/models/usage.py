"""What was used: reported events, how their batches were answered, and sums by day."""

from typing import TYPE_CHECKING, ClassVar, Self

import pgtrigger
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.constraints import choices_constraint, positive
from providers.models import Meter, Offering, Provider, Subscription
from vouchers.ledger.fields import transaction_number

if TYPE_CHECKING:
    from datetime import date

    from accounts.access import Actor


class UsageKey(models.Model):
    """That an event was reported, kept for ever: idempotency outlives archived events. Append-only.

    `key` is made of (provider, source, event id), `content` is the digest of all the event said;
    see `rules.digests`. `received_at` finds the event: the table of events has no unique index.
    """

    key = models.UUIDField(primary_key=True)
    content = models.UUIDField()
    received_at = models.DateTimeField()

    class Meta:
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]


class UsageEvent(models.Model):
    """One reported fact: `quantities` maps meters to integer base units. Append-only.

    The table is partitioned by the civil month of `occurred_at` and has neither unique index nor
    foreign keys: UsageKey holds each key once, and invariant I5 checks the rest. `month` is the
    month in whose bill the event stands. `contexts` holds the tier by the request's length of each
    meter that is not in the first. A correction has the original's key in `corrects`, its moment,
    and signed quantities.
    """

    key = models.UUIDField(primary_key=True)
    provider = models.ForeignKey(
        Provider, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    subscription = models.ForeignKey(
        Subscription,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField()
    month = models.DateField()
    source = models.CharField(max_length=200)
    event_id = models.CharField(max_length=200)
    quantities = models.JSONField()
    contexts = models.JSONField(null=True)
    corrects = models.UUIDField(null=True)
    transaction_number = transaction_number()

    class Meta:
        indexes: ClassVar = [
            BrinIndex(
                fields=["transaction_number"], autosummarize=True, name="vouchers_usage_sealing"
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]


class UsageCorrection(models.Model):
    """That an event was corrected by how much, so that sums never fall below zero. Append-only."""

    key = models.OneToOneField(
        UsageKey, on_delete=models.PROTECT, primary_key=True, related_name="+"
    )
    original = models.ForeignKey(UsageKey, on_delete=models.PROTECT, related_name="+")
    reported_at = models.DateTimeField()
    quantities = models.JSONField()

    class Meta:
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]


class UsageBatchQuerySet(models.QuerySet["UsageBatch"]):
    """Lookups of batches."""

    def visible_to(self, actor: "Actor") -> Self:
        """The provider that sent them."""
        return self.filter(provider__organization=actor.organization)


class Channel(models.TextChoices):
    """How a batch of usage came in."""

    API = "api", _("API")
    FILE = "file", _("File upload")


class UsageBatch(models.Model):
    """One call of a provider's reporting and how its events were answered.

    `refusals` lists the first of those not taken: index, id and code (never what they contained).
    """

    code = models.CharField(max_length=16, unique=True)
    provider = models.ForeignKey(
        Provider, on_delete=models.PROTECT, related_name="+", db_index=False
    )  # the index of the log begins with it
    channel = models.CharField(max_length=8, choices=Channel, default=Channel.API)
    received_at = models.DateTimeField()
    received_from = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    accepted = models.PositiveIntegerField()
    duplicates = models.PositiveIntegerField()
    conflicts = models.PositiveIntegerField()
    rejected = models.PositiveIntegerField()
    refusals = models.JSONField(default=list)

    objects = UsageBatchQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            choices_constraint("channel", Channel, "vouchers_usagebatch_channel"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["provider", "-received_at"], name="vouchers_usagebatch_log"),
        ]

    @property
    def total(self) -> int:
        """Events in the call."""
        return self.accepted + self.duplicates + self.conflicts + self.rejected


class UsageRollupQuerySet(models.QuerySet["UsageRollup"]):
    """Lookups of rollups."""

    def visible_to(self, actor: "Actor") -> Self:
        """The enterprise that used it and the provider that delivered it."""
        return self.filter(
            Q(subscription__enterprise=actor.organization)
            | Q(subscription__offering__provider__organization=actor.organization)
        )

    def in_month(self, month: "date") -> Self:
        """What is billed in the calendar month that begins with `month`."""
        return self.filter(month=month)


class UsageRollup(models.Model):
    """Sum of the events of a subscription, meter, context tier and civil day.

    `month` is the month in whose bill the sum stands: the day's own, or a later one when the own
    was closed before the events came (an adjustment, which may be negative). `context_from` names
    the rate's tier by the request's length.
    """

    subscription = models.ForeignKey(
        Subscription, on_delete=models.PROTECT, related_name="+", db_index=False
    )  # the unique index begins with it
    month = models.DateField()
    meter = models.CharField(max_length=24, choices=Meter)
    context_from = models.BigIntegerField(default=0)
    day = models.DateField()
    quantity = models.BigIntegerField()
    events = models.BigIntegerField()

    objects = UsageRollupQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["subscription", "month", "meter", "context_from", "day"],
                name="vouchers_rollup_once",
            ),
            choices_constraint("meter", Meter, "vouchers_rollup_meter"),
            models.CheckConstraint(
                condition=Q(quantity__gte=0) | Q(day__lt=F("month")),
                name="vouchers_rollup_quantity",
            ),
            models.CheckConstraint(condition=Q(month__day=1), name="vouchers_rollup_month_start"),
            positive("context_from", "vouchers_rollup_context", zero=True),
            positive("events", "vouchers_rollup_events"),
        ]


class UnbilledUsage(models.Model):
    """That a subscription's sums of a month grew and its bill may not show it yet; one for each report that did so.

    The tick removes those that it has seen when it bills the month. One that comes meanwhile waits for the next tick,
    which may find nothing to add: better once too often than never. Nobody who reports ever waits for the tick.
    """

    subscription = models.ForeignKey(
        Subscription, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )  # the index below begins with it; the sum that grew by the same statement holds the reference
    month = models.DateField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(month__day=1), name="vouchers_unbilled_month_start"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["subscription", "month"], name="vouchers_unbilled_usage"),
        ]

    def __str__(self) -> str:
        return f"{self.subscription_id} {self.month:%Y-%m}"


class UsageCap(models.Model):
    """Most base units of a meter that may ever be reported on a subscription, and how many were.

    `used_units` is the sum of its rollups of the meter. `passed_at` says when a report was first
    refused because with it the cap would have been passed.
    """

    subscription = models.ForeignKey(
        Subscription, on_delete=models.PROTECT, related_name="+", db_index=False
    )  # the unique index begins with it
    meter = models.CharField(max_length=24, choices=Meter)
    most_units = models.BigIntegerField()
    used_units = models.BigIntegerField(default=0)
    passed_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["subscription", "meter"], name="vouchers_usagecap_once"
            ),
            choices_constraint("meter", Meter, "vouchers_usagecap_meter"),
            positive("most_units", "vouchers_usagecap_most"),
            positive("used_units", "vouchers_usagecap_used", zero=True),
            models.CheckConstraint(
                condition=Q(used_units__lte=F("most_units")), name="vouchers_usagecap_kept"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subscription_id} {self.meter}: {self.used_units} of {self.most_units}"


class DeliveredUsage(models.Model):
    """What an offering delivered of a meter in a civil month, by the days of the usage.

    Sum of its rollups, in whichever month's bill they stand; held against the capacity stated.
    `quantity` is in base units, an integer with more digits than 64 bits have.
    """

    offering = models.ForeignKey(
        Offering, on_delete=models.PROTECT, related_name="+", db_index=False
    )  # the unique index begins with it
    month = models.DateField()
    meter = models.CharField(max_length=24, choices=Meter)
    quantity = models.DecimalField(max_digits=30, decimal_places=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["offering", "month", "meter"], name="vouchers_delivered_once"
            ),
            choices_constraint("meter", Meter, "vouchers_delivered_meter"),
            positive("quantity", "vouchers_delivered_quantity", zero=True),
            models.CheckConstraint(
                condition=Q(month__day=1), name="vouchers_delivered_month_start"
            ),
        ]
