"""How fast money goes, from what bills booked: never from usage events."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from vouchers.billing.rules.alerts import DAY_HOURS, WEEK_HOURS, Pot

SUMS = """
    coalesce(sum(CASE WHEN c.undoes_id IS NULL THEN c.amount_fen ELSE -c.amount_fen END)
             FILTER (WHERE c.at > %(day_ago)s), 0)::bigint AS day_fen,
    sum(CASE WHEN c.undoes_id IS NULL THEN c.amount_fen ELSE -c.amount_fen END)::bigint AS week_fen
"""

FUNDS = f"""
WITH spent AS (
    SELECT b.enterprise_id, {SUMS}
    FROM vouchers_charge c
    JOIN vouchers_bill b ON b.id = c.bill_id
    WHERE c.at > %(week_ago)s AND c.at <= %(at)s
      AND c.payer <> 'voucher' AND NOT c.pays_outstanding
      AND (%(enterprise)s::bigint IS NULL OR b.enterprise_id = %(enterprise)s::bigint)
    GROUP BY b.enterprise_id
)
SELECT e.id, receipt.id::text, receipt.amount_fen, s.day_fen, s.week_fen,
       a.credits_posted_fen - a.debits_posted_fen - a.debits_pending_fen
FROM spent s
JOIN accounts_organization e ON e.id = s.enterprise_id
JOIN vouchers_account a ON a.kind = 'enterprise_funds' AND a.key = e.code
CROSS JOIN LATERAL (
    SELECT t.id, t.amount_fen
    FROM vouchers_transfer t
    JOIN vouchers_account bank ON bank.id = t.debit_account_id AND bank.kind = 'bank'
    WHERE t.credit_account_id = a.id
    ORDER BY t.at DESC, t.recorded_at DESC, t.id
    LIMIT 1
) receipt
ORDER BY e.id
"""  # noqa: S608 - constant text, values are parameters

VOUCHERS = f"""
WITH spent AS (
    SELECT c.voucher_id, {SUMS}
    FROM vouchers_charge c
    WHERE c.at > %(week_ago)s AND c.at <= %(at)s AND c.payer = 'voucher'
    GROUP BY c.voucher_id
)
SELECT v.enterprise_id, v.code, v.face_fen, s.day_fen, s.week_fen,
       a.credits_posted_fen - a.debits_posted_fen - a.debits_pending_fen
FROM spent s
JOIN vouchers_voucher v ON v.id = s.voucher_id
JOIN vouchers_account a ON a.id = v.account_id
WHERE v.status = 'active' AND v.issued_at <= %(at)s AND v.expires_at > %(at)s
ORDER BY v.enterprise_id, v.id
"""  # noqa: S608 - constant text, values are parameters


@dataclass(frozen=True, slots=True)
class Spent:
    """A pot of an enterprise from which bills took money within 7 days.

    `episode` is the id of the latest payment in, or the voucher's code.
    """

    enterprise: int
    episode: str
    pot: Pot


def funds(*, at: datetime, enterprise: int | None = None) -> list[Spent]:
    """Own money that is being spent, of all enterprises or of one. One query.

    Counts what vouchers did not pay, also what was left outstanding: it would have been own money.
    Settling it later is no new spending. What is left is held against the latest payment in.
    """
    return _read(FUNDS, at, enterprise=enterprise)


def vouchers(*, at: datetime) -> list[Spent]:
    """Usable vouchers that are being spent, held against their face value. One query."""
    return _read(VOUCHERS, at)


def _read(statement: str, at: datetime, **more: Any) -> list[Spent]:
    moments = {
        "at": at,
        "day_ago": at - timedelta(hours=DAY_HOURS),
        "week_ago": at - timedelta(hours=WEEK_HOURS),
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, moments | more)
        rows: Sequence[tuple[Any, ...]] = cursor.fetchall()
    return [
        Spent(enterprise, episode, Pot(left_fen, full_fen, day_fen, week_fen))
        for enterprise, episode, full_fen, day_fen, week_fen, left_fen in rows
    ]
