"""Usage events, rollups, bills and what paid them."""

from vouchers.billing.models.archives import ArchivedEvent, ArchivedUsage, UsageArchive
from vouchers.billing.models.bills import (
    Bill,
    BillLine,
    BillStatus,
    Charge,
    ClosedPeriod,
    LineKind,
    Payer,
)
from vouchers.billing.models.usage import (
    Channel,
    UsageBatch,
    UsageCorrection,
    UsageEvent,
    UsageKey,
    UsageRollup,
)

__all__ = [
    "ArchivedEvent",
    "ArchivedUsage",
    "Bill",
    "BillLine",
    "BillStatus",
    "Channel",
    "Charge",
    "ClosedPeriod",
    "LineKind",
    "Payer",
    "UsageArchive",
    "UsageBatch",
    "UsageCorrection",
    "UsageEvent",
    "UsageKey",
    "UsageRollup",
]
