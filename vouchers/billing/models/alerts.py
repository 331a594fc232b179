"""Budgets that enterprises set themselves, and which alerts they were sent."""

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization, User
from common.constraints import choices_constraint, paired, positive
from common.money import MAX_FEN


class MonthlyBudget(models.Model):
    """What an enterprise means to spend of its own money in a month, in fen. Append-only.

    The latest row holds; without an amount there is no budget any more.
    """

    enterprise = models.ForeignKey(
        Organization, on_delete=models.PROTECT, related_name="+", db_index=False
    )  # the index below begins with it
    amount_fen = models.BigIntegerField(null=True)
    set_at = models.DateTimeField()
    set_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            positive("amount_fen", "vouchers_budget_amount"),
            models.CheckConstraint(
                condition=Q(amount_fen__isnull=True) | Q(amount_fen__lte=MAX_FEN),
                name="vouchers_budget_limit",
            ),
            paired("set", "vouchers_budget_set"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["enterprise", "-id"], name="vouchers_budget_latest"),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]


class AlertKind(models.TextChoices):
    """What an alert tells of; the threshold is in hours or in percent."""

    FUNDS_HOURS = "funds_hours", _("Own funds last for a few hours")
    FUNDS_SHARE = "funds_share", _("Own funds are nearly used up")
    VOUCHER_HOURS = "voucher_hours", _("A voucher lasts for a few hours")
    VOUCHER_SHARE = "voucher_share", _("A voucher is nearly used up")
    BUDGET = "budget", _("A part of the monthly budget is used")


class Alert(models.Model):
    """That an enterprise was told of a threshold, once for each episode. Append-only.

    An episode of own funds begins with each payment in (the transfer's id), that of a voucher is
    its life (its code), that of a budget is a month for which it was set (its id and the month).
    """

    enterprise = models.ForeignKey(
        Organization, on_delete=models.PROTECT, related_name="+", db_index=False
    )  # the unique index of episodes names it
    kind = models.CharField(max_length=16, choices=AlertKind)
    threshold = models.PositiveSmallIntegerField()
    episode = models.CharField(max_length=60)
    sent_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["episode", "enterprise", "kind", "threshold"], name="vouchers_alert_once"
            ),
            choices_constraint("kind", AlertKind, "vouchers_alert_kind"),
            positive("threshold", "vouchers_alert_threshold"),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]
