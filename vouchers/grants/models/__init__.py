"""Schemes, applications, reviews, public notices, vouchers."""

from vouchers.grants.models.announcements import Announcement
from vouchers.grants.models.applications import (
    Application,
    ApplicationStatus,
    PublicNotice,
    Review,
    ReviewOutcome,
    ReviewStage,
)
from vouchers.grants.models.bulk import (
    BulkItem,
    BulkItemStatus,
    BulkRun,
    BulkStatus,
    BulkVerb,
)
from vouchers.grants.models.changes import Extension, Revocation, RevocationStatus
from vouchers.grants.models.evidence import Evidence, EvidenceKind
from vouchers.grants.models.letters import Letter, LetterKind, LetterTemplate
from vouchers.grants.models.objections import Objection, ObjectionStatus
from vouchers.grants.models.queue import (
    Assignment,
    CannedRemark,
    DeskRules,
    RemarkUse,
)
from vouchers.grants.models.reminders import ExpiryReminder
from vouchers.grants.models.schemes import Scheme, SchemeStatus, VoucherKind
from vouchers.grants.models.supplements import Remark, Supplement, SupplementStatus
from vouchers.grants.models.suspensions import Suspension
from vouchers.grants.models.vouchers import Voucher, VoucherStatus

__all__ = [
    "Announcement",
    "Application",
    "ApplicationStatus",
    "Assignment",
    "BulkItem",
    "BulkItemStatus",
    "BulkRun",
    "BulkStatus",
    "BulkVerb",
    "CannedRemark",
    "DeskRules",
    "Evidence",
    "EvidenceKind",
    "ExpiryReminder",
    "Extension",
    "Letter",
    "LetterKind",
    "LetterTemplate",
    "Objection",
    "ObjectionStatus",
    "PublicNotice",
    "Remark",
    "RemarkUse",
    "Review",
    "ReviewOutcome",
    "ReviewStage",
    "Revocation",
    "RevocationStatus",
    "Scheme",
    "SchemeStatus",
    "Supplement",
    "SupplementStatus",
    "Suspension",
    "Voucher",
    "VoucherKind",
    "VoucherStatus",
]
