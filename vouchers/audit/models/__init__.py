"""Claims, settlements, signatures, payments, the record of checked invariants, risk flags and samples."""

from vouchers.audit.models.checks import CheckRun
from vouchers.audit.models.claims import Claim, ClaimLine, ClaimStatus
from vouchers.audit.models.payees import PayeeAccount
from vouchers.audit.models.risks import BillHours, FlagStatus, PictureHash, RiskFlag, RiskScan
from vouchers.audit.models.samples import (
    DrawKind,
    ItemFinding,
    Sample,
    SampleItem,
    SampleStatus,
    SampleStratum,
)
from vouchers.audit.models.settlements import (
    Payment,
    PaymentShare,
    PaymentStatus,
    Settlement,
    SettlementSignature,
    SettlementStatus,
)

__all__ = [
    "BillHours",
    "CheckRun",
    "Claim",
    "ClaimLine",
    "ClaimStatus",
    "DrawKind",
    "FlagStatus",
    "ItemFinding",
    "PayeeAccount",
    "Payment",
    "PaymentShare",
    "PaymentStatus",
    "PictureHash",
    "RiskFlag",
    "RiskScan",
    "Sample",
    "SampleItem",
    "SampleStatus",
    "SampleStratum",
    "Settlement",
    "SettlementSignature",
    "SettlementStatus",
]
