"""The split sheet of a settlement: what a pool's seller passes on to each contributor."""

from collections import defaultdict

from django.db.models import QuerySet

from accounts.access import Actor
from accounts.models import OrganizationKind
from common.exports import csv_bytes
from common.money import yuan_text
from providers.models import Facility
from vouchers.audit.actions import contents, settlements
from vouchers.audit.models import Payment, PaymentShare, Settlement

COLUMNS = (
    "record",
    "settlement",
    "seller_code",
    "seller_name",
    "pool",
    "version",
    "contributor_code",
    "contributor_name",
    "contributor_uscc",
    "amount",
    "currency",
    "content_sha256",
)
"""Of the split sheet."""


def build(*, by: Actor, settlement: Settlement) -> bytes:
    """The split sheet: one row a contributor, then each seller's total, which is its payment.

    CSV, UTF-8 with byte order mark; the signed hash stands on every row. A bureau gets all of it, a
    seller its own part. Raises NotSigned and WrongContent.
    """
    settlements.require_signed(settlement)
    lines: list[tuple[str, ...]] = []
    by_payment: dict[Payment, list[PaymentShare]] = defaultdict(list)
    for row in _rows(by, settlement):
        by_payment[row.payment].append(row)
    for payment, parts in by_payment.items():
        lines.extend(_line(settlement, payment, part) for part in parts)
        lines.append(_line(settlement, payment, None))
    return csv_bytes(COLUMNS, lines)


def _rows(by: Actor, settlement: Settlement) -> QuerySet[PaymentShare]:
    rows = contents.settlement_shares(settlement)
    if by.is_kind(OrganizationKind.BUREAU):
        return rows
    return rows.filter(payment__provider__organization=by.own())


def _line(settlement: Settlement, payment: Payment, part: PaymentShare | None) -> tuple[str, ...]:
    seller = payment.provider
    if seller is None:
        raise ValueError("only a provider's payment has parts")
    pool: Facility | None = part.split.facility if part and part.split else None
    return (
        "share" if part else "total",
        settlement.code,
        seller.code,
        seller.organization.name,
        pool.code if pool else "",
        str(part.split.number) if part and part.split else "",
        part.organization.code if part else "",
        part.organization.name if part else "",
        part.organization.uscc if part else "",
        yuan_text(part.amount_fen if part else payment.amount_fen),
        "CNY",
        settlement.content_sha256,
    )
