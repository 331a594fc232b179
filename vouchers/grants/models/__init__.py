"""Schemes, applications, reviews, public notices, vouchers."""

from vouchers.grants.models.applications import (
    Application,
    ApplicationStatus,
    PublicNotice,
    Review,
    ReviewOutcome,
    ReviewStage,
)
from vouchers.grants.models.schemes import Scheme, SchemeStatus, VoucherKind
from vouchers.grants.models.vouchers import Voucher, VoucherStatus

__all__ = [
    "Application",
    "ApplicationStatus",
    "PublicNotice",
    "Review",
    "ReviewOutcome",
    "ReviewStage",
    "Scheme",
    "SchemeStatus",
    "Voucher",
    "VoucherKind",
    "VoucherStatus",
]
