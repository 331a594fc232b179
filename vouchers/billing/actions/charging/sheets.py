"""Bills while they are worked on: locked or opened together, written back together."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from common.codes import new_codes
from vouchers.billing.actions.charging.dues import Due, Key
from vouchers.billing.models import BillStatus, Payer
from vouchers.billing.rules.burndown import Paid
from vouchers.ledger.actions.cap_rooms import Draw
from vouchers.ledger.columns import joined, run, unnested
from vouchers.ledger.kinds import AccountKind

LOCK = f"""
SELECT b.id, b.subscription_id, b.month, b.code, b.status, b.total_fen, b.voucher_fen, b.own_fen,
       b.receivable_fen, b.credit_in_fen, b.credit_out_fen, b.bookings
FROM vouchers_bill b
JOIN {unnested(subscription="bigint", month="date")}
  ON b.subscription_id = given.subscription AND b.month = given.month
ORDER BY b.id
FOR NO KEY UPDATE OF b
"""  # noqa: S608 - constant text, values are parameters
OPEN = f"""
INSERT INTO vouchers_bill
    (code, subscription_id, enterprise_id, provider_id, month, status, total_fen, voucher_fen,
     own_fen, receivable_fen, credit_in_fen, credit_out_fen, bookings, dispute_reason)
SELECT code, subscription, enterprise, provider, month, 'open', 0, 0, 0, 0, 0, 0, 0, ''
FROM {
    unnested(
        code="text", subscription="bigint", enterprise="bigint", provider="bigint", month="date"
    )
}
ON CONFLICT (subscription_id, month) DO NOTHING
"""  # noqa: S608
WRITE = f"""
UPDATE vouchers_bill b
SET total_fen = given.total, voucher_fen = given.voucher, own_fen = given.own,
    receivable_fen = given.receivable, credit_in_fen = given.credit_in,
    credit_out_fen = given.credit_out, bookings = given.bookings
FROM {
    unnested(
        id="bigint",
        total="bigint",
        voucher="bigint",
        own="bigint",
        receivable="bigint",
        credit_in="bigint",
        credit_out="bigint",
        bookings="integer",
    )
}
WHERE b.id = given.id
"""  # noqa: S608
_LINE = unnested(
    bill="bigint", rate="bigint", kind="text", origin="date", meter="text",
    quantity="bigint", amount_fen="bigint",
)  # fmt: skip
WRITE_LINES = f"""
INSERT INTO vouchers_billline AS line
    (bill_id, rate_id, kind, origin, meter, quantity, amount_fen)
SELECT bill, rate, kind, origin, meter, quantity, amount_fen FROM {_LINE}
ON CONFLICT (bill_id, rate_id, origin, kind) DO UPDATE
SET quantity = excluded.quantity, amount_fen = excluded.amount_fen
WHERE (line.quantity, line.amount_fen) <> (excluded.quantity, excluded.amount_fen)
"""  # noqa: S608
DROP_LINES = f"""
DELETE FROM vouchers_billline line
WHERE line.bill_id = ANY(string_to_array(%(bills)s, chr(31))::bigint[]) AND NOT EXISTS (
    SELECT FROM {_LINE}
    WHERE given.bill = line.bill_id AND given.rate = line.rate_id AND given.kind = line.kind
      AND given.origin = line.origin)
"""  # noqa: S608

Name = tuple[AccountKind, str]


class Line(NamedTuple):
    """One line of a bill as it should stand."""

    rate: int
    kind: str
    origin: date
    meter: str
    quantity: int
    amount_fen: int


class Move(NamedTuple):
    """One transfer that a bill causes; accounts by primary key, or by name until they are known.

    `draws` is what it takes of caps on redemptions, or gives back, in the same linked set.
    """

    payer: Payer
    debit: int | Name
    credit: int | Name
    amount_fen: int
    voucher: int | None = None
    pays_outstanding: bool = False
    undoes: UUID | None = None
    draws: tuple[Draw, ...] = ()


class CapPassed(NamedTuple):
    """A cap that left a voucher, by primary key, less of the bill than it would have paid."""

    voucher: int
    cap: str
    key: str
    limit_fen: int


@dataclass(slots=True)
class Sheet:
    """A bill in work: as it was locked, the lines it should have, and what moves for it.

    `pk` is zero until a new bill is opened.
    """

    due: Due
    pk: int = 0
    code: str = ""
    is_open: bool = True
    total_fen: int = 0
    paid: Paid = field(default_factory=Paid)
    credit_in_fen: int = 0
    credit_out_fen: int = 0
    bookings: int = 0
    lines: list[Line] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)
    bounds: list[CapPassed] = field(default_factory=list)
    is_new: bool = False
    was_owing: bool = False

    def fill(self, row: Sequence[Any]) -> None:
        """Take over the locked row."""
        self.pk, self.code, self.is_open = row[0], row[3], row[4] == BillStatus.OPEN
        self.total_fen, self.paid = row[5], Paid(*row[6:9])
        self.credit_in_fen, self.credit_out_fen, self.bookings = row[9:12]
        self.was_owing = self.paid.receivable_fen > 0


def locked(dues: Sequence[Due]) -> list[Sheet]:
    """A sheet for each due, those with a bill behind its row lock, in primary-key order. One query."""
    rows = _locked_rows(dues)
    sheets = [Sheet(due) for due in dues]
    for sheet in sheets:
        row = rows.get(sheet.due.key)
        if row:
            sheet.fill(row)
    return sheets


def open_missing(sheets: Sequence[Sheet], providers: Sequence[int]) -> None:
    """Open and lock the bills of the sheets that have none; `providers` by primary key."""
    missing = [pair for pair in zip(sheets, providers, strict=True) if not pair[0].pk]
    if not missing:
        return
    given = {
        "code": joined(new_codes("BL", len(missing))),
        "subscription": joined(sheet.due.subscription for sheet, _ in missing),
        "enterprise": joined(sheet.due.enterprise for sheet, _ in missing),
        "provider": joined(provider for _, provider in missing),
        "month": joined(sheet.due.month for sheet, _ in missing),
    }
    run(OPEN, given)
    rows = _locked_rows([sheet.due for sheet, _ in missing])
    for sheet, _ in missing:
        sheet.fill(rows[sheet.due.key])
        sheet.is_new = True


def write(sheets: Sequence[Sheet]) -> None:
    """Write the sums of bills back. One statement."""
    if sheets:
        given = {
            "id": joined(sheet.pk for sheet in sheets),
            "total": joined(sheet.total_fen for sheet in sheets),
            "voucher": joined(sheet.paid.voucher_fen for sheet in sheets),
            "own": joined(sheet.paid.own_fen for sheet in sheets),
            "receivable": joined(sheet.paid.receivable_fen for sheet in sheets),
            "credit_in": joined(sheet.credit_in_fen for sheet in sheets),
            "credit_out": joined(sheet.credit_out_fen for sheet in sheets),
            "bookings": joined(sheet.bookings for sheet in sheets),
        }
        run(WRITE, given)


def write_lines(sheets: Sequence[Sheet]) -> None:
    """Make the bills' lines what the sheets say: at most two statements."""
    pairs = [(sheet.pk, line) for sheet in sheets for line in sheet.lines]
    given = {
        "bill": joined(bill for bill, _ in pairs),
        "rate": joined(line.rate for _, line in pairs),
        "kind": joined(line.kind for _, line in pairs),
        "origin": joined(line.origin for _, line in pairs),
        "meter": joined(line.meter for _, line in pairs),
        "quantity": joined(line.quantity for _, line in pairs),
        "amount_fen": joined(line.amount_fen for _, line in pairs),
    }
    older = [sheet.pk for sheet in sheets if not sheet.is_new]
    if older:
        run(DROP_LINES, {**given, "bills": joined(older)})
    if pairs:
        run(WRITE_LINES, given)


def _locked_rows(dues: Sequence[Due]) -> dict[Key, Any]:
    given = {
        "subscription": joined(due.subscription for due in dues),
        "month": joined(due.month for due in dues),
    }
    return {(row[1], row[2]): row for row in run(LOCK, given)}
