"""Burn-down, claims, disputes, settlements, signatures, payments, checked invariants, risk flags, samples, cases."""

from vouchers.audit.models.budgets import BudgetDay, BudgetFold
from vouchers.audit.models.cases import (
    Case,
    CaseEntry,
    CaseLetter,
    CaseSource,
    CaseStatus,
    EntryKind,
)
from vouchers.audit.models.checks import CheckRun
from vouchers.audit.models.claims import Claim, ClaimLine, ClaimStatus
from vouchers.audit.models.conclusions import (
    CaseConclusion,
    CaseOutcome,
    ConclusionSignature,
    Recovery,
)
from vouchers.audit.models.debts import CollectionAccount, Repayment, WriteOff, WriteOffStatus
from vouchers.audit.models.disputes import ClaimWithdrawal, Dispute, DisputeEntry, DisputeStatus
from vouchers.audit.models.payees import PayeeAccount
from vouchers.audit.models.periods import InvoiceMatch, InvoiceMatchReason, PeriodLock
from vouchers.audit.models.refunds import Refund
from vouchers.audit.models.risks import BillHours, FlagStatus, PictureHash, RiskFlag, RiskScan
from vouchers.audit.models.rooms import RoomPass, RoomView, RoomViewKind
from vouchers.audit.models.samples import (
    DrawKind,
    ItemFinding,
    Sample,
    SampleItem,
    SampleStatus,
    SampleStratum,
)
from vouchers.audit.models.settlements import (
    LineFile,
    LineFileForm,
    Payment,
    PaymentShare,
    PaymentStatus,
    Settlement,
    SettlementSignature,
    SettlementStatus,
)

__all__ = [
    "BillHours",
    "BudgetDay",
    "BudgetFold",
    "Case",
    "CaseConclusion",
    "CaseEntry",
    "CaseLetter",
    "CaseOutcome",
    "CaseSource",
    "CaseStatus",
    "CheckRun",
    "Claim",
    "ClaimLine",
    "ClaimStatus",
    "ClaimWithdrawal",
    "CollectionAccount",
    "ConclusionSignature",
    "Dispute",
    "DisputeEntry",
    "DisputeStatus",
    "DrawKind",
    "EntryKind",
    "FlagStatus",
    "InvoiceMatch",
    "InvoiceMatchReason",
    "ItemFinding",
    "LineFile",
    "LineFileForm",
    "PayeeAccount",
    "Payment",
    "PaymentShare",
    "PaymentStatus",
    "PeriodLock",
    "PictureHash",
    "Recovery",
    "Refund",
    "Repayment",
    "RiskFlag",
    "RiskScan",
    "RoomPass",
    "RoomView",
    "RoomViewKind",
    "Sample",
    "SampleItem",
    "SampleStatus",
    "SampleStratum",
    "Settlement",
    "SettlementSignature",
    "SettlementStatus",
    "WriteOff",
    "WriteOffStatus",
]
