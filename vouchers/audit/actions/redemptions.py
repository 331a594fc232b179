"""Redemptions: what one voucher paid of one closed bill, or paid back, read in sets for scans and samples.

A redemption has no row of its own. Its code is that of the bill and of the voucher. What a scheme that pays after
the fact paid back counts from its provider's confirmation on.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection

SEPARATOR = "/"

ROWS = """
SELECT b.id, v.id, b.code, v.code, firm.code, seller.code, o.code, b.subscription_id, b.month,
       b.total_fen, sum(c.amount_fen)::bigint,
       to_timestamp(sum(extract(epoch FROM c.at) * c.amount_fen) / sum(c.amount_fen)),
       max(line.claim_id), FALSE
FROM vouchers_charge c
JOIN vouchers_bill b ON b.id = c.bill_id
JOIN vouchers_voucher v ON v.id = c.voucher_id
JOIN accounts_organization firm ON firm.id = b.enterprise_id
JOIN providers_provider p ON p.id = b.provider_id
JOIN accounts_organization seller ON seller.id = p.organization_id
JOIN providers_subscription s ON s.id = b.subscription_id
JOIN providers_offering o ON o.id = s.offering_id
LEFT JOIN vouchers_claimline line ON line.transfer_id = c.transfer_id
WHERE c.payer = 'voucher' AND c.undoes_id IS NULL AND b.status <> 'open'
  AND b.month >= %(first)s AND b.month <= %(last)s
  AND (%(scheme)s::bigint IS NULL OR v.scheme_id = %(scheme)s)
  AND NOT EXISTS (SELECT FROM vouchers_charge undo WHERE undo.undoes_id = c.transfer_id)
GROUP BY b.id, v.id, firm.code, seller.code, o.code
UNION ALL
SELECT b.id, v.id, b.code, v.code, firm.code, seller.code, o.code, b.subscription_id, b.month,
       b.total_fen, back.amount_fen, coalesce(own.at, b.closed_at, moved.at), back.claim_id, TRUE
FROM vouchers_refund back
JOIN vouchers_transfer moved ON moved.id = back.transfer_id
JOIN vouchers_bill b ON b.id = back.bill_id
JOIN vouchers_voucher v ON v.id = back.voucher_id
JOIN accounts_organization firm ON firm.id = b.enterprise_id
JOIN providers_provider p ON p.id = b.provider_id
JOIN accounts_organization seller ON seller.id = p.organization_id
JOIN providers_subscription s ON s.id = b.subscription_id
JOIN providers_offering o ON o.id = s.offering_id
CROSS JOIN LATERAL (
    SELECT to_timestamp(sum(extract(epoch FROM c.at) * c.amount_fen) / sum(c.amount_fen)) AS at
    FROM vouchers_charge c
    WHERE c.bill_id = b.id AND c.payer = 'own' AND c.undoes_id IS NULL
      AND NOT EXISTS (SELECT FROM vouchers_charge undo WHERE undo.undoes_id = c.transfer_id)
) AS own
WHERE b.month >= %(first)s AND b.month <= %(last)s
  AND (%(scheme)s::bigint IS NULL OR v.scheme_id = %(scheme)s)
ORDER BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class Redeemed:
    """What a voucher paid of a closed bill (fen). `at` is the mean moment of its payments, by amount.

    Of a refund it is that of the firm's own payments of the bill.
    """

    bill_id: int
    voucher_id: int
    bill: str
    voucher: str
    firm: str
    provider: str
    offering: str
    subscription_id: int
    month: date
    total_fen: int
    paid_fen: int
    at: datetime
    claim_id: int | None
    is_refund: bool

    @property
    def code(self) -> str:
        """Of the bill and of the voucher."""
        return code_of(self.bill, self.voucher)


def code_of(bill: str, voucher: str) -> str:
    """The code of what a voucher paid of a bill."""
    return f"{bill}{SEPARATOR}{voucher}"


def read(*, first: date, last: date, scheme_id: int | None = None) -> Iterator[Redeemed]:
    """All of the bills of those months (first days), of one scheme or of all. One query.

    Charges that were undone, or undo, are left out; so are bills that still run, and refunds not yet confirmed.
    """
    with connection.cursor() as cursor:
        cursor.execute(ROWS, {"first": first, "last": last, "scheme": scheme_id})
        while rows := cursor.fetchmany(5_000):
            yield from (Redeemed(*row) for row in rows)
