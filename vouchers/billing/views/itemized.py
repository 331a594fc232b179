"""What a bill consists of, who paid it and how far it is, as the page shows it."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from common.components import Moment
from providers import wording
from vouchers.billing.exports.entries import line_words, voucher_sums
from vouchers.billing.models import Bill, BillStatus, LineKind, Payer


@dataclass(slots=True)
class PayerRow:
    """What one payer pays of a bill altogether, in fen."""

    payer: Payer
    name: str
    code: str
    amount_fen: int = 0


@dataclass(frozen=True, slots=True)
class LineRow:
    """A meter's quantity at one price; `is_least` for what was missing to the least charge."""

    meter: str
    label: str
    quantity: int
    price: str
    amount_fen: int
    is_least: bool


def lines_of(bill: Bill) -> list[LineRow]:
    """The lines of a bill with their prices in words."""
    return [
        LineRow(
            line.meter,
            line_words(bill.month, line),
            line.quantity,
            wording.price_text(line.rate.price_yuan, line.rate.per_units, line.meter),
            line.amount_fen,
            line.kind == LineKind.MINIMUM,
        )
        for line in bill.lines.all()
    ]


def payers_of(bill: Bill, *, shows_codes: bool) -> list[PayerRow]:
    """Vouchers in the order they paid, then own money, then what is outstanding.

    The code of a voucher is for its holder alone; others see the scheme.
    """
    rows = [
        PayerRow(Payer.VOUCHER, voucher.scheme.title, voucher.code if shows_codes else "", fen)
        for voucher, fen in voucher_sums(bill)
    ]
    for payer, fen in ((Payer.OWN, bill.own_fen), (Payer.RECEIVABLE, bill.receivable_fen)):
        if fen:
            rows.append(PayerRow(payer, str(payer.label), "", fen))
    return rows


def progress(bill: Bill) -> list[Moment]:
    """Running, closed, answered."""
    running = bill.status == BillStatus.OPEN
    moments = [Moment(_("Usage is billed as it comes in"), "now" if running else "done")]
    if bill.closed_at:
        moments.append(Moment(_("Month closed"), "done", bill.closed_at))
    else:
        moments.append(Moment(_("Month is closed"), "later"))
    if bill.disputed_at:
        moments.append(Moment(_("Disputed"), "stopped", bill.disputed_at, note=bill.dispute_reason))
    if bill.lapsed_at:
        moments.append(Moment(_("Confirmed by silence"), "done", bill.lapsed_at))
    if bill.confirmed_at:
        moments.append(Moment(_("Confirmed"), "done", bill.confirmed_at))
    elif bill.lapsed_at and bill.status == BillStatus.CONFIRMED:
        pass
    elif running:
        moments.append(Moment(_("Enterprise confirms"), "later"))
    else:
        moments.append(Moment(_("Enterprise confirms"), "now", who=bill.enterprise.name))
    return moments
