"""Months of events that were moved out of the database, and what they added up to."""

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import Q

from common.constraints import choices_constraint, positive
from providers.models import Meter, Subscription
from vouchers.ledger.fields import transaction_number


class UsageArchive(models.Model):
    """A civil month whose events were written to a file and dropped. Append-only."""

    month = models.DateField(unique=True)
    file_name = models.CharField(max_length=200)
    file_sha256 = models.BinaryField(max_length=32)
    events = models.BigIntegerField()
    archived_at = models.DateTimeField()
    transaction_number = transaction_number()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(month__day=1), name="vouchers_archive_month_start"),
            positive("events", "vouchers_archive_events", zero=True),
        ]
        indexes: ClassVar = [
            models.Index(fields=["transaction_number"], name="vouchers_archive_sealing"),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]


class ArchivedEvent(models.Model):
    """Key of an event that was moved to a file, so that the seal does not miss it. Append-only."""

    key = models.UUIDField(primary_key=True)
    archive = models.ForeignKey(UsageArchive, on_delete=models.PROTECT, related_name="+")

    class Meta:
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]


class ArchivedUsage(models.Model):
    """The fold of an archived month's events, with the rollups' own key. Append-only."""

    archive = models.ForeignKey(UsageArchive, on_delete=models.PROTECT, related_name="sums")
    subscription = models.ForeignKey(
        Subscription, on_delete=models.PROTECT, related_name="+", db_index=False
    )  # the unique index begins with it
    month = models.DateField()
    meter = models.CharField(max_length=24, choices=Meter)
    context_from = models.BigIntegerField(default=0)
    day = models.DateField()
    quantity = models.BigIntegerField()
    events = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["subscription", "month", "meter", "context_from", "day"],
                name="vouchers_archived_once",
            ),
            choices_constraint("meter", Meter, "vouchers_archived_meter"),
            positive("context_from", "vouchers_archived_context", zero=True),
            positive("events", "vouchers_archived_events"),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]
