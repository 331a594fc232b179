"""Folds transfers into sums by scheme and day, each transfer once, and what must be true of the sums."""

from datetime import datetime

from django.db import connection, transaction

from vouchers.audit.models import BudgetFold
from vouchers.ledger.actions import seals

LOCK = 7_318_311
"""Advisory lock: one fold at a time."""
TASK = "vouchers.audit.fold_budgets"

CHANGES = """
SELECT s.id AS scheme_id, (t.at AT TIME ZONE 'Asia/Shanghai')::date AS day,
       coalesce(sum(t.amount_fen) FILTER (WHERE posted AND d.kind = 'treasury'), 0) AS appropriated_fen,
       coalesce(sum(t.amount_fen) FILTER (WHERE posted AND d.kind = 'scheme_budget' AND c.kind = 'voucher'), 0)
     - coalesce(sum(t.amount_fen) FILTER (WHERE posted AND d.kind = 'voucher' AND c.kind = 'scheme_budget'), 0)
       AS issued_fen,
       coalesce(sum(t.amount_fen) FILTER (WHERE t.kind = 'hold' AND d.kind = 'voucher'), 0)
     - coalesce(sum(h.amount_fen) FILTER (WHERE d.kind = 'voucher'), 0) AS held_fen,
       coalesce(sum(t.amount_fen) FILTER (WHERE posted AND d.kind = 'voucher' AND right(c.kind, 8) = '_payable'), 0)
     - coalesce(sum(t.amount_fen) FILTER (WHERE posted AND right(d.kind, 8) = '_payable' AND c.kind = 'voucher'), 0)
       AS redeemed_fen,
       coalesce(sum(t.amount_fen) FILTER (WHERE posted AND right(d.kind, 8) = '_payable' AND c.kind = 'paid_out'), 0)
     - coalesce(sum(t.amount_fen) FILTER (WHERE posted AND d.kind = 'paid_out' AND right(c.kind, 8) = '_payable'), 0)
       AS paid_fen
FROM (SELECT *, kind IN ('single', 'capture') AS posted FROM vouchers_transfer
      WHERE transaction_number >= {start} AND transaction_number < {end}) t
JOIN vouchers_account d ON d.id = t.debit_account_id
JOIN vouchers_account c ON c.id = t.credit_account_id
LEFT JOIN vouchers_transfer h ON h.id = t.hold_id
LEFT JOIN vouchers_voucher v ON v.account_id = CASE WHEN d.kind = 'voucher' THEN d.id END
LEFT JOIN vouchers_scheme own ON own.id = v.scheme_id
JOIN vouchers_scheme s ON s.code = CASE
    WHEN d.kind = 'voucher' THEN own.code
    WHEN d.kind = 'scheme_budget' THEN d.key
    WHEN c.kind = 'scheme_budget' AND d.kind = 'treasury' THEN c.key
    WHEN right(d.kind, 8) = '_payable' THEN split_part(d.key, '/', 1)
    WHEN d.kind = 'paid_out' THEN d.key END
GROUP BY 1, 2
"""
"""Which scheme a movement belongs to is known from its debit side, but for what the treasury gives."""

_STAGES = ("appropriated_fen", "issued_fen", "held_fen", "redeemed_fen", "paid_fen")
_NAMES = ", ".join(_STAGES)
_ADDED = ", ".join(f"{name} = known.{name} + excluded.{name}" for name in _STAGES)
FOLD = f"""
INSERT INTO vouchers_budgetday AS known (scheme_id, day, {_NAMES})
SELECT scheme_id, day, {_NAMES} FROM ({CHANGES.format(start="%(start)s", end="%(end)s")}) AS changes
WHERE ({_NAMES}) <> (0, 0, 0, 0, 0)
ON CONFLICT (scheme_id, day) DO UPDATE SET {_ADDED}
"""  # noqa: S608 - constant text, values are parameters

_END = '(SELECT coalesce(max("end"), 0) FROM vouchers_budgetfold)'
BROKEN = f"""
SELECT s.code AS subject, coalesce(k.day, f.day) AS id, 'burn-down differs from the transfers' AS fault
FROM vouchers_budgetday k
FULL JOIN (SELECT * FROM ({CHANGES.format(start="0", end=_END)}) AS changes
           WHERE ({_NAMES}) <> (0, 0, 0, 0, 0)) f ON f.scheme_id = k.scheme_id AND f.day = k.day
JOIN vouchers_scheme s ON s.id = coalesce(k.scheme_id, f.scheme_id)
WHERE ({", ".join(f"coalesce(k.{name}, 0)" for name in _STAGES)})
   <> ({", ".join(f"coalesce(f.{name}, 0)" for name in _STAGES)})
"""  # noqa: S608 - constant text
"""Part of I11."""


@transaction.atomic
def fold(*, at: datetime) -> int:
    """Add what was committed since the last fold; returns how many days of schemes changed.

    Reads the transactions that are over and were not read before, by their BRIN index: each transfer is added once,
    whatever moment it bears. A second fold at once waits and finds nothing. Locks nothing that money waits for.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        known = BudgetFold.objects.filter(pk=1).first()
        end = seals.horizon()
        start = known.end if known else 0
        changed = 0
        if start < end:
            cursor.execute(FOLD, {"start": start, "end": end})
            changed = cursor.rowcount
    BudgetFold.objects.update_or_create(pk=1, defaults={"end": max(start, end), "folded_at": at})
    return changed
