"""Where a cap on redemptions kept a voucher from paying its share of a bill."""

from typing import ClassVar

import pgtrigger
from django.db import models

from common.constraints import positive
from vouchers.billing.models.bills import Bill
from vouchers.grants.models import Voucher


class CapBound(models.Model):
    """That a cap left a voucher less of a bill than it would have paid. Append-only.

    `cap` is its id in the voucher's scheme, `key` its ledger account, empty where it limits what one
    voucher pays of one bill; `limit_fen` what it allowed under that key. `number` is that of the
    first charge booked with it, of the same moment.
    """

    bill = models.ForeignKey(
        Bill, on_delete=models.PROTECT, related_name="cap_bounds", db_index=False
    )  # the unique index begins with it
    voucher = models.ForeignKey(
        Voucher, on_delete=models.PROTECT, related_name="+", db_index=False
    )  # found by bill alone
    number = models.PositiveIntegerField()
    cap = models.CharField(max_length=200)
    key = models.CharField(max_length=300, blank=True)
    limit_fen = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["bill", "voucher", "number"], name="vouchers_capbound_once"
            ),
            positive("number", "vouchers_capbound_numbered"),
            positive("limit_fen", "vouchers_capbound_limit", zero=True),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]
