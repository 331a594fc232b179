"""Usage events, rollups, bills and what paid them."""

from vouchers.billing.models.bills import (
    Bill,
    BillLine,
    BillStatus,
    Charge,
    ClosedPeriod,
    LineKind,
    Payer,
)
from vouchers.billing.models.usage import Channel, UsageBatch, UsageEvent, UsageRollup

__all__ = [
    "Bill",
    "BillLine",
    "BillStatus",
    "Channel",
    "Charge",
    "ClosedPeriod",
    "LineKind",
    "Payer",
    "UsageBatch",
    "UsageEvent",
    "UsageRollup",
]
