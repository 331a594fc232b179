"""Usage events, rollups, bills and what paid them."""

from vouchers.billing.models.alerts import Alert, AlertKind, MonthlyBudget
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
from vouchers.billing.models.cap_bounds import CapBound
from vouchers.billing.models.statements import StatedUsage, UsageStatement
from vouchers.billing.models.usage import (
    Channel,
    DeliveredUsage,
    UnbilledUsage,
    UsageBatch,
    UsageCap,
    UsageCorrection,
    UsageEvent,
    UsageKey,
    UsageRollup,
)

__all__ = [
    "Alert",
    "AlertKind",
    "ArchivedEvent",
    "ArchivedUsage",
    "Bill",
    "BillLine",
    "BillStatus",
    "CapBound",
    "Channel",
    "Charge",
    "ClosedPeriod",
    "DeliveredUsage",
    "LineKind",
    "MonthlyBudget",
    "Payer",
    "StatedUsage",
    "UnbilledUsage",
    "UsageArchive",
    "UsageBatch",
    "UsageCap",
    "UsageCorrection",
    "UsageEvent",
    "UsageKey",
    "UsageRollup",
    "UsageStatement",
]
