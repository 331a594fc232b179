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
    Assignment,
    BulkItem,
    BulkRun,
    CannedRemark,
    DeskRules,
    Evidence,
    Extension,
    Letter,
    LetterTemplate,
    PublicNotice,
    Remark,
    Review,
    Revocation,
    Scheme,
    Supplement,
    Voucher,
)
from vouchers.ledger import models as ledger

__all__ = [
    "Application",
    "Assignment",
    "Bill",
    "BillLine",
    "BulkItem",
    "BulkRun",
    "CannedRemark",
    "Charge",
    "CheckRun",
    "Claim",
    "ClaimLine",
    "ClosedPeriod",
    "DeskRules",
    "Evidence",
    "Extension",
    "Letter",
    "LetterTemplate",
    "Payment",
    "PublicNotice",
    "Remark",
    "Review",
    "Revocation",
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
