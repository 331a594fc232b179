"""Books a closed bill again at a lower total, as a dispute ended: by undoing and splitting, never by editing."""

from datetime import datetime

from vouchers.billing.actions.charging import charges, dues, payments, sheets
from vouchers.billing.actions.charging.prices import PriceBook
from vouchers.billing.models import Bill


def rebook(*, bill: Bill, total_fen: int, anew: bool, at: datetime) -> None:
    """Lower the bill to `total_fen` and split that over its payers, inside the caller's transaction.

    What it is less by is kept as `corrected_fen`; lines stay what was metered. Payments are undone from the last one
    back until what stands fits; with `anew` all of them, so that each fen is paid by a transfer no claim has seen.
    Vouchers may pay again what they got back. The bill is locked; locks the payers' accounts, then caps.
    """
    if not 0 <= total_fen <= bill.total_fen:
        raise ValueError("a correction takes something off, and no more than there is")
    found = dues.named([(bill.subscription_id, bill.month)])
    [sheet] = sheets.locked(found)
    book = PriceBook()
    book.read([(due.offering, due.month) for due in found])
    taken_fen = sheet.total_fen - total_fen
    payments.split(
        [(sheet, total_fen)], book=book, at=at, anew=frozenset({sheet.pk} if anew else ())
    )
    charges.book([sheet], at=at)
    sheets.write([sheet])
    Bill.objects.filter(pk=bill.pk).update(corrected_fen=bill.corrected_fen + taken_fen)
    payments.signal([sheet], at=at)
