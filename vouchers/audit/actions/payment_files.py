"""The file for the bank, and which head of the sealed books is printed on it."""

from common.exports import csv_bytes
from common.money import yuan_text
from common.periods import local_day
from vouchers.audit.actions import settlements
from vouchers.audit.models import Settlement
from vouchers.audit.rules import payments
from vouchers.ledger.actions import seals


def build(settlement: Settlement) -> bytes:
    """Fixed columns, one row a payee, the control total last; the same bytes at any time.

    CSV, UTF-8 with byte order mark; what a spreadsheet would take for a formula is escaped. The
    signed hash and the head of the books stand on every row. Raises NotSigned and WrongContent.
    """
    settlements.require_signed(settlement)
    rows = settlement.payments.select_related("provider__organization").order_by("pk")
    payees = [
        payments.Payee(
            code=payment.provider.code,
            name=payment.provider.organization.name,
            uscc=payment.provider.organization.uscc,
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
    return csv_bytes(payments.COLUMNS, lines)


def printed_head(settlement: Settlement) -> seals.Head | None:
    """The last block of the days before the last signature: it never changes. None while nobody signed."""
    last = settlement.signatures.order_by("-position").first()
    return seals.head_before(day=local_day(last.signed_at)) if last else None
