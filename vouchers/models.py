"""Table of contents: the models of the wings, lowest first.

`vouchers.ledger` is imported as a module on purpose: only the ledger itself writes transfers.
"""

from vouchers.audit.models import (
    CheckRun,
    Claim,
    ClaimLine,
    Payment,
    Settlement,
    SettlementSignature,
)
from vouchers.billing.models import (
    Bill,
    BillLine,
    Charge,
    ClosedPeriod,
    UsageBatch,
    UsageEvent,
    UsageRollup,
)
from vouchers.grants.models import (
    Application,
    Evidence,
    PublicNotice,
    Remark,
    Review,
    Scheme,
    Supplement,
    Voucher,
)
from vouchers.ledger import models as ledger

__all__ = [
    "Application",
    "Bill",
    "BillLine",
    "Charge",
    "CheckRun",
    "Claim",
    "ClaimLine",
    "ClosedPeriod",
    "Evidence",
    "Payment",
    "PublicNotice",
    "Remark",
    "Review",
    "Scheme",
    "Settlement",
    "SettlementSignature",
    "Supplement",
    "UsageBatch",
    "UsageEvent",
    "UsageRollup",
    "Voucher",
    "ledger",
]
