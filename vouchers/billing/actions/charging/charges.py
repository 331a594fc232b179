"""Books what moves for bills: transfers on the ledger, and charges that explain them."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from vouchers.billing.actions.charging.sheets import Move, Name, Sheet
from vouchers.billing.models import Charge
from vouchers.ledger.actions import accounts, cap_rooms, transfers
from vouchers.ledger.columns import joined, run, unnested

REASON = "usage"
REASON_OUTSTANDING = "outstanding"
REASON_UNDONE = "reversal"

WRITE = f"""
INSERT INTO vouchers_charge
    (transfer_id, bill_id, number, payer, voucher_id, pays_outstanding, undoes_id, amount_fen, at)
SELECT id, bill, number, payer, voucher, pays_outstanding, undoes, amount_fen, %(at)s
FROM {
    unnested(
        id="uuid",
        bill="bigint",
        number="integer",
        payer="text",
        voucher="bigint",
        pays_outstanding="boolean",
        undoes="uuid",
        amount_fen="bigint",
    )
}
"""  # noqa: S608 - constant text, values are parameters

WRITE_BOUNDS = f"""
INSERT INTO vouchers_capbound (bill_id, voucher_id, number, cap, key, limit_fen, at)
SELECT bill, voucher, number, cap, coalesce(key, ''), limit_fen, %(at)s
FROM {
    unnested(
        bill="bigint",
        voucher="bigint",
        number="integer",
        cap="text",
        key="text",
        limit_fen="bigint",
    )
}
"""  # noqa: S608 - constant text, values are parameters


def standing(bills: Sequence[int]) -> dict[int, list[Charge]]:
    """The bills' charges that nothing undid, with their transfers, in order. One query."""
    found: dict[int, list[Charge]] = defaultdict(list)
    rows = Charge.objects.standing().filter(bill__in=bills).select_related("transfer")
    for charge in rows.order_by("bill_id", "number"):
        found[charge.bill_id].append(charge)
    return found


def book(sheets: Sequence[Sheet], *, at: datetime) -> None:
    """Post the sheets' moves, each bill's as one linked set with its draws on caps, and number their charges.

    The guarded accounts are locked by the caller. Ids derive from subscription, month and number,
    that of an undoing from what it undoes. Raises what `Answer.require_new` raises; the caller's
    transaction is then undone.
    """
    known = _accounts(sheets)
    _book_bounds(sheets, at)
    posted: list[tuple[Sheet, int, Move, transfers.Entry]] = []
    for sheet in sheets:
        for number, move in enumerate(sheet.moves, start=sheet.bookings + 1):
            posted.append((sheet, number, move, _entry(sheet, number, move, known)))
        sheet.bookings += len(sheet.moves)
    if not posted:
        return
    sets: dict[int, list[transfers.Entry]] = defaultdict(list)
    for sheet, _, move, entry in posted:
        sets[sheet.pk].append(entry)
        if move.draws:
            sets[sheet.pk] += cap_rooms.entries(draws=move.draws, reference=str(entry.id))
    for answer in transfers.post_sets(sets=list(sets.values()), at=at):
        answer.require_new()
    given = {
        "id": joined(entry.id for _, _, _, entry in posted),
        "bill": joined(sheet.pk for sheet, _, _, _ in posted),
        "number": joined(number for _, number, _, _ in posted),
        "payer": joined(move.payer for _, _, move, _ in posted),
        "voucher": joined(move.voucher for _, _, move, _ in posted),
        "pays_outstanding": joined(move.pays_outstanding for _, _, move, _ in posted),
        "undoes": joined(move.undoes for _, _, move, _ in posted),
        "amount_fen": joined(move.amount_fen for _, _, move, _ in posted),
    }
    run(WRITE, {**given, "at": at})


def _book_bounds(sheets: Sequence[Sheet], at: datetime) -> None:
    """Keep which caps bound where something moves, under the number of the first charge."""
    found = [(sheet, each) for sheet in sheets if sheet.moves for each in sheet.bounds]
    if found:
        given = {
            "bill": joined(sheet.pk for sheet, _ in found),
            "voucher": joined(each.voucher for _, each in found),
            "number": joined(sheet.bookings + 1 for sheet, _ in found),
            "cap": joined(each.cap for _, each in found),
            "key": joined(each.key for _, each in found),
            "limit_fen": joined(each.limit_fen for _, each in found),
        }
        run(WRITE_BOUNDS, {**given, "at": at})


def _accounts(sheets: Sequence[Sheet]) -> dict[Name, int]:
    """Primary keys of the accounts that moves name; new ones are opened."""
    names = {
        side
        for sheet in sheets
        for move in sheet.moves
        for side in (move.debit, move.credit)
        if not isinstance(side, int)
    }
    return accounts.numbers(names=names)


def _entry(sheet: Sheet, number: int, move: Move, known: dict[Name, int]) -> transfers.Entry:
    if move.undoes is not None:
        key = transfers.derive_id("reverse", str(move.undoes))
        reason = REASON_UNDONE
    else:
        due = sheet.due
        key = transfers.derive_id("charge", due.code, due.month.isoformat(), number)
        reason = REASON_OUTSTANDING if move.pays_outstanding else REASON
    return transfers.Entry(
        id=key,
        debit=move.debit if isinstance(move.debit, int) else known[move.debit],
        credit=move.credit if isinstance(move.credit, int) else known[move.credit],
        amount_fen=move.amount_fen,
        reason=reason,
        reference=sheet.code,
        reverses=move.undoes,
    )
