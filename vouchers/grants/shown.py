"""How assessments, rules and vouchers are laid out on pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.components import Reason, Verdict, VoucherShares
from vouchers.grants import wording
from vouchers.grants.actions.wallets import WalletEntry
from vouchers.grants.models import Voucher
from vouchers.grants.rules import saying
from vouchers.grants.rules import wording as rule_words
from vouchers.grants.rules.answers import Assessment, CapLine
from vouchers.ledger.actions.statements import Line
from vouchers.ledger.kinds import POSTED_KINDS


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One movement of a voucher; `change_fen` is None where only a reservation came or went."""

    at: datetime
    what: str
    change_fen: int | None
    amount_fen: int
    reference: str


REASONS = {
    "issue": gettext_lazy("Issued"),
    "usage": gettext_lazy("Paid for a bill"),
    "expiry": gettext_lazy("Expired, returned to the budget"),
    "revocation": gettext_lazy("Revoked, returned to the budget"),
    "reversal": gettext_lazy("Correction"),
}
HOLD_KINDS = {
    "hold": gettext_lazy("Reserved"),
    "release": gettext_lazy("Reservation released"),
    "expire": gettext_lazy("Reservation lapsed"),
}


def reasons(assessment: Assessment) -> list[Reason]:
    """Every rule of a live assessment."""
    return [
        Reason(
            text=f"{wording.said(check.title)}{wording.colon()}{wording.said(check.words)}",
            verdict=Verdict(check.outcome),
            detail=_("Seen: %(value)s") % {"value": wording.said(check.saw)},
            source=wording.cited(check.source, check.article),
        )
        for check in assessment.checks
    ]


def stored_reasons(record: dict[str, Any]) -> list[Reason]:
    """Every rule of the record kept with a decision, as it was said then."""
    return [
        Reason(
            text=f"{_stored(check['title'])}{wording.colon()}{_stored(check['words'])}",
            verdict=Verdict(check["outcome"]),
            detail=_("Seen: %(value)s") % {"value": _stored(check["saw"])},
            source=wording.cited(check["source"], check["article"]),
        )
        for check in record.get("checks", [])
    ]


def sum_in_words(assessment: Assessment) -> str:
    """How the amount came about: base × rate, rounding, cap."""
    if assessment.base_fen is None and not assessment.wanted_fen:
        return ""
    unit = assessment.unit
    text = _("%(base)s × %(rate)s = %(wanted)s (%(rounding)s)") % {
        "base": _amount(unit, assessment.base_fen),
        "rate": rule_words.share(assessment.rate),
        "wanted": _amount(unit, assessment.wanted_fen),
        "rounding": wording.said(rule_words.NAMES[assessment.rounding]),
    }
    cap = next((cap for cap in assessment.caps if cap.name == assessment.binding_cap), None)
    return text + _limited(cap, assessment) if cap and assessment.amount_fen else text


def _limited(cap: CapLine, assessment: Assessment) -> str:
    return _("; limited to %(amount)s by the %(cap)s") % {
        "amount": _amount(assessment.unit, assessment.amount_fen),
        "cap": wording.said(cap.title),
    }


def _amount(unit: str, value: int | None) -> str:
    return wording.said(saying.value(unit, value))


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


def _stored(words: dict[str, str]) -> str:
    return words["zh" if wording.is_chinese() else "en"]
