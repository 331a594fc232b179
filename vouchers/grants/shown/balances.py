"""How the balance and the movements of a voucher are laid out on pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from django.utils.translation import gettext_lazy as _

from common.components import VoucherShares
from vouchers.grants import wording
from vouchers.grants.actions.redeemed_caps import Standing
from vouchers.grants.actions.wallets import WalletEntry
from vouchers.grants.models import Voucher
from vouchers.grants.rules import wording as rule_words
from vouchers.ledger.actions.statements import Line
from vouchers.ledger.kinds import POSTED_KINDS

REASONS = {
    "issue": _("Issued"),
    "usage": _("Paid for a bill"),
    "expiry": _("Expired, returned to the budget"),
    "revocation": _("Revoked, returned to the budget"),
    "reversal": _("Correction"),
}
HOLD_KINDS = {
    "hold": _("Reserved"),
    "release": _("Reservation released"),
    "expire": _("Reservation lapsed"),
}


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One movement of a voucher; `change_fen` is None where only a reservation came or went."""

    at: datetime
    what: str
    change_fen: int | None
    amount_fen: int
    reference: str


@dataclass(frozen=True, slots=True)
class LimitLine:
    """A cap on what is redeemed, on the page of a voucher; `used_fen` is None where it limits each bill."""

    title: str
    limit_fen: int
    used_fen: int | None
    is_used_up: bool


def limits(found: Sequence[Standing]) -> list[LimitLine]:
    """Caps on what is redeemed in words."""
    return [
        LimitLine(wording.said(each.cap.title), each.limit_fen, each.used_fen, each.is_used_up)
        for each in found
    ]


def voucher_share(voucher: Voucher) -> str:
    """The part of a bill that a voucher pays, such as 30%."""
    return rule_words.share(Fraction(voucher.share_numerator, voucher.share_denominator))


def history(lines: Sequence[Line]) -> list[HistoryLine]:
    """Movements of a voucher in words."""
    return [
        HistoryLine(
            line.at,
            str(REASONS.get(line.reason, line.reason))
            if line.kind in POSTED_KINDS
            else str(HOLD_KINDS[line.kind]),
            line.change_fen if line.kind in POSTED_KINDS else None,
            abs(line.change_fen),
            line.reference,
        )
        for line in lines
    ]


def shares(entry: WalletEntry) -> VoucherShares:
    """A wallet entry as the bar of the page."""
    return VoucherShares(
        entry.face_fen,
        entry.available_fen,
        entry.held_fen,
        entry.redeemed_fen,
        entry.expired_fen,
        entry.revoked_fen,
    )
