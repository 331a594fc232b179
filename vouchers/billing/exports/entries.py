"""A bill as a list of entries: what it charges, then who paid it, each to the fen."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from common.display import money_text, quantity
from providers import wording
from vouchers.billing.exports.scope import Reader
from vouchers.billing.models import Bill, BillLine, CapBound, LineKind, Payer
from vouchers.grants.models import Voucher
from vouchers.grants.rules import schemes
from vouchers.grants.wording import said


@dataclass(frozen=True, slots=True)
class Entry:
    """One amount in fen, with its words; `quantity` counts base units of `meter` where it has any.

    Charges of a bill add up to its total, and so do its payments.
    """

    is_payment: bool
    kind: str
    words: str
    amount_fen: int
    meter: str = ""
    quantity: int | None = None
    price: str = ""

    @property
    def quantity_text(self) -> str:
        """The quantity in the unit of its price; where that has no end, rounded beside the exact."""
        if self.quantity is None:
            return ""
        exact = wording.volume_text(self.quantity, self.meter)
        shown = quantity(self.quantity, self.meter)
        return exact if exact != shown.exact else f"{shown.text} {shown.unit} ({exact})"


def charges_of(bill: Bill) -> Iterator[Entry]:
    """Its lines, then what it takes over from the month before and hands on to the next."""
    for line in bill.lines.all():
        if line.quantity or line.amount_fen:
            yield _line(bill.month, line)
    if bill.credit_in_fen:
        yield _carried(_("Credit brought forward from the month before"), -bill.credit_in_fen)
    if bill.credit_out_fen:
        yield _carried(_("Credit carried forward to the next month"), bill.credit_out_fen)
    if bill.corrected_fen:
        yield _carried(_("Taken off after a dispute"), -bill.corrected_fen)


def payments_of(bill: Bill, reader: Reader) -> Iterator[Entry]:
    """Vouchers in the order they paid, own funds, what is outstanding; then caps that bound, at nothing."""
    for voucher, fen in voucher_sums(bill):
        code = reader.voucher_code(voucher)
        words = f"{voucher.scheme.title} {code}".strip()
        yield Entry(True, str(Payer.VOUCHER.label), words, fen)
    if bill.own_fen:
        yield Entry(True, str(Payer.OWN.label), "", bill.own_fen)
    if bill.receivable_fen:
        yield Entry(True, str(Payer.RECEIVABLE.label), "", bill.receivable_fen)
    for capped in caps_of(bill):
        yield Entry(True, _("Limit"), capped.words, 0)


def voucher_sums(bill: Bill) -> list[tuple[Voucher, int]]:
    """What each voucher paid of the bill after all that was undone; those with nothing left out."""
    sums: dict[int, int] = {}
    vouchers = {}
    for charge in bill.charges.all():
        if charge.voucher is not None:
            vouchers[charge.voucher.pk] = charge.voucher
            signed = -charge.amount_fen if charge.undoes_id else charge.amount_fen
            sums[charge.voucher.pk] = sums.get(charge.voucher.pk, 0) + signed
    return [(vouchers[pk], fen) for pk, fen in sums.items() if fen]


@dataclass(frozen=True, slots=True)
class Capped:
    """That a cap on redemptions bound when the bill was last split: `left_fen` is all it left."""

    voucher: Voucher
    title: str
    limit_fen: int
    left_fen: int

    @property
    def words(self) -> str:
        """Which cap it was and what it left."""
        return _(
            "“%(cap)s”, %(limit)s: it left %(left)s of this bill to the voucher of %(scheme)s."
        ) % {
            "cap": self.title,
            "limit": money_text(self.limit_fen),
            "left": money_text(self.left_fen),
            "scheme": self.voucher.scheme.title,
        }


def caps_of(bill: Bill) -> list[Capped]:
    """The caps that bound when the bill was last split, in the order of their vouchers' payments."""
    split = [charge.at for charge in bill.charges.all() if not charge.pays_outstanding]
    paid = {voucher.pk: fen for voucher, fen in voucher_sums(bill)}
    latest = {
        bound.voucher_id: bound
        for bound in sorted(bill.cap_bounds.all(), key=lambda each: each.number)
        if bound.at == max(split)
    }
    return [
        Capped(bound.voucher, _title(bound), bound.limit_fen, paid.get(bound.voucher_id, 0))
        for bound in latest.values()
    ]


def _title(bound: CapBound) -> str:
    caps = schemes.from_json(bound.voucher.scheme.rules).caps
    found = next((cap for cap in caps if cap.id == bound.cap), None)
    return said(found.title) or bound.cap if found else bound.cap


def line_words(month: date, line: BillLine) -> str:
    """The meter with its tier, and the month of the usage where it is not the bill's own."""
    parts = [str(line.get_meter_display())]
    tier = wording.tier_text(line.rate)
    if line.kind == LineKind.MINIMUM:
        parts.append(_("least charge of the month"))
    elif tier:
        parts.append(tier)
    if line.origin != month:
        parts.append(_("usage of %(month)s") % {"month": f"{line.origin:%Y-%m}"})
    return " · ".join(parts)


def _line(month: date, line: BillLine) -> Entry:
    kind = _("Correction") if line.origin != month else str(LineKind(line.kind).label)
    if line.kind == LineKind.MINIMUM:
        return Entry(False, kind, line_words(month, line), line.amount_fen)
    return Entry(
        False,
        kind,
        line_words(month, line),
        line.amount_fen,
        line.meter,
        line.quantity,
        wording.price_text(line.rate.price_yuan, line.rate.per_units, line.meter),
    )


def _carried(words: str, fen: int) -> Entry:
    return Entry(False, _("Credit"), words, fen)
