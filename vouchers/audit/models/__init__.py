"""Claims, settlements, signatures, payments, and the record of checked invariants."""

from vouchers.audit.models.checks import CheckRun
from vouchers.audit.models.claims import Claim, ClaimLine, ClaimStatus
from vouchers.audit.models.payees import PayeeAccount
from vouchers.audit.models.settlements import (
    Payment,
    PaymentShare,
    PaymentStatus,
    Settlement,
    SettlementSignature,
    SettlementStatus,
)

__all__ = [
    "CheckRun",
    "Claim",
    "ClaimLine",
    "ClaimStatus",
    "PayeeAccount",
    "Payment",
    "PaymentShare",
    "PaymentStatus",
    "Settlement",
    "SettlementSignature",
    "SettlementStatus",
]
