"""Which reminders of a voucher's last day were sent."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from vouchers.grants.models.vouchers import Voucher
from vouchers.grants.rules.reminding import THRESHOLDS


class ExpiryReminder(models.Model):
    """One reminder: each threshold at most once for each last day, so an extension arms them again."""

    voucher = models.ForeignKey(Voucher, on_delete=models.PROTECT, related_name="reminders")
    last_day = models.DateField()
    threshold_days = models.PositiveSmallIntegerField()
    sent_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["voucher", "last_day", "threshold_days"], name="vouchers_reminder_once"
            ),
            models.CheckConstraint(
                condition=Q(threshold_days__in=THRESHOLDS), name="vouchers_reminder_threshold"
            ),
        ]
