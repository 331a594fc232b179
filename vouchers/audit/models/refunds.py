"""What enterprises ask back of bills they paid themselves, in schemes that pay after the fact."""

from typing import ClassVar, Self

import pgtrigger
from django.db import models

from common.constraints import positive
from vouchers.audit.models.claims import Claim
from vouchers.billing.models import Bill
from vouchers.grants.models import Voucher

_POSTED_STAYS = """
IF OLD.transfer_id IS NOT NULL THEN
    RAISE EXCEPTION 'pgtrigger: what was confirmed and posted stays as it is';
END IF;
IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
RETURN NEW;
"""


class RefundQuerySet(models.QuerySet["Refund"]):
    """Lookups of refunds."""

    def posted(self) -> Self:
        """Those that their provider confirmed: they moved money, and the bureau knows them."""
        return self.filter(transfer__isnull=False)


class Refund(models.Model):
    """The share of a voucher in what a firm paid of a bill with own money, in fen: once for each bill and voucher.

    `transfer` moved it from the voucher to what the scheme owes the firm, when the provider confirmed the claim.
    """

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="refunds")
    bill = models.ForeignKey(
        Bill, on_delete=models.PROTECT, related_name="refunds", db_index=False
    )  # the unique index begins with it
    voucher = models.ForeignKey(Voucher, on_delete=models.PROTECT, related_name="refunds")
    amount_fen = models.BigIntegerField()
    transfer = models.OneToOneField(
        "vouchers.Transfer", on_delete=models.PROTECT, null=True, related_name="refund"
    )

    objects = RefundQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["bill", "voucher"], name="vouchers_refund_once"),
            positive("amount_fen", "vouchers_refund_amount"),
        ]
        triggers: ClassVar = [
            pgtrigger.ReadOnly(
                name="amount_frozen", fields=["claim", "bill", "voucher", "amount_fen"]
            ),
            pgtrigger.Trigger(
                name="posted_stays",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func=_POSTED_STAYS,
            ),
        ]
