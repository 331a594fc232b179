"""Schemes, applications, reviews, public notices, vouchers."""

from vouchers.grants.models.applications import (
    Application,
    ApplicationStatus,
    PublicNotice,
    Review,
    ReviewOutcome,
    ReviewStage,
)
from vouchers.grants.models.evidence import Evidence, EvidenceKind
from vouchers.grants.models.schemes import Scheme, SchemeStatus, VoucherKind
from vouchers.grants.models.supplements import Remark, Supplement, SupplementStatus
from vouchers.grants.models.vouchers import Voucher, VoucherStatus

__all__ = [
    "Application",
    "ApplicationStatus",
    "Evidence",
    "EvidenceKind",
    "PublicNotice",
    "Remark",
    "Review",
    "ReviewOutcome",
    "ReviewStage",
    "Scheme",
    "SchemeStatus",
    "Supplement",
    "SupplementStatus",
    "Voucher",
    "VoucherKind",
    "VoucherStatus",
]
