"""The file for the bank, and which head of the sealed books is printed on it."""

from common.exports import csv_bytes, workbook_bytes
from common.money import yuan_text
from common.periods import local_day
from vouchers.audit.actions import settlements
from vouchers.audit.models import Settlement
from vouchers.audit.rules import payments
from vouchers.ledger.actions import seals

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def build(settlement: Settlement, *, present_sha256: str | None = None) -> bytes:
    """Fixed columns, one row a payee, the control total last; the same bytes at any time.

    CSV, UTF-8 with byte order mark; what a spreadsheet would take for a formula is escaped. The
    signed hash and the head of the books stand on every row. Raises NotSigned and WrongContent;
    `present_sha256` as in `settlements.require_signed`.
    """
    return csv_bytes(payments.COLUMNS, _lines(settlement, present_sha256))


def build_workbook(settlement: Settlement) -> bytes:
    """The same as XLSX: every cell is text but the amount, so no account number loses a digit."""
    return workbook_bytes(payments.COLUMNS, _lines(settlement, None), amounts=("amount",))


def _lines(settlement: Settlement, present_sha256: str | None) -> list[tuple[str, ...]]:
    settlements.require_signed(settlement, present_sha256=present_sha256)
    rows = settlement.payments.with_payees().select_related("account").order_by("pk")
    payees = [
        payments.Payee(
            code=payment.payee_code,
            name=payment.payee.name,
            uscc=payment.payee.uscc,
            bank=payment.account.bank_name,
            account=payment.account.account_number,
            amount=yuan_text(payment.amount_fen),
        )
        for payment in rows
    ]
    head = printed_head(settlement)
    lines = payments.rows(
        settlement=settlement.code,
        purpose=settlement.scheme.name,
        payees=payees,
        control_total=yuan_text(settlement.total_fen),
        content_sha256=settlement.content_sha256,
        seal=payments.Seal(str(head.number), head.hash) if head else payments.Seal(),
    )
    return list(lines)


def printed_head(settlement: Settlement) -> seals.Head | None:
    """The last block of the days before the last signature: it never changes. None while nobody signed."""
    last = settlement.signatures.order_by("-position").first()
    return seals.head_before(day=local_day(last.signed_at)) if last else None
