"""What providers state of a month's usage, to be held against our meter."""

from typing import TYPE_CHECKING, ClassVar, Self

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.constraints import choices_constraint, paired, positive
from providers.models import Meter, Provider, Subscription

if TYPE_CHECKING:
    from accounts.access import Actor


class UsageStatementQuerySet(models.QuerySet["UsageStatement"]):
    """Lookups of statements."""

    def visible_to(self, actor: "Actor") -> Self:
        """The provider that stated it."""
        return self.filter(provider__organization=actor.organization)


class UsageStatement(models.Model):
    """A provider's own figures of one month, as uploaded; the highest number counts. Append-only."""

    provider = models.ForeignKey(
        Provider, on_delete=models.PROTECT, related_name="+", db_index=False
    )  # the unique index begins with it
    month = models.DateField(_("month"))
    number = models.PositiveIntegerField()
    file_name = models.CharField(max_length=200)
    file_sha256 = models.CharField(max_length=64)
    rows = models.PositiveIntegerField()
    stated_at = models.DateTimeField()
    stated_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    objects = UsageStatementQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["provider", "month", "number"], name="vouchers_statement_number"
            ),
            models.CheckConstraint(
                condition=Q(month__day=1), name="vouchers_statement_month_start"
            ),
            positive("number", "vouchers_statement_numbered"),
            paired("stated", "vouchers_statement_stated"),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]


class StatedUsage(models.Model):
    """What a statement says of a subscription, meter and civil day, in base units. Append-only."""

    statement = models.ForeignKey(
        UsageStatement, on_delete=models.PROTECT, related_name="days", db_index=False
    )  # the unique index begins with it
    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="+")
    meter = models.CharField(max_length=24, choices=Meter)
    day = models.DateField()
    quantity = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["statement", "subscription", "meter", "day"], name="vouchers_stated_once"
            ),
            choices_constraint("meter", Meter, "vouchers_stated_meter"),
            positive("quantity", "vouchers_stated_quantity", zero=True),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]
