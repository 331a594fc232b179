"""What must always be true of the ledger, as SQL queries that return no rows (docs/money)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Query:
    """One invariant: its short name, a sentence, and SQL that lists the rows that break it."""

    name: str
    title: str
    sql: str


I1 = """
WITH side AS (
    SELECT is_guarded,
           sum(debits_pending_fen) AS debits_pending, sum(credits_pending_fen) AS credits_pending,
           sum(debits_posted_fen) AS debits_posted, sum(credits_posted_fen) AS credits_posted
    FROM vouchers_account WHERE is_guarded GROUP BY is_guarded
), fold AS (
    SELECT
        coalesce(sum(t.amount_fen) FILTER (WHERE t.kind = 'hold' AND r.id IS NULL AND NOT d.is_guarded), 0)
            AS debits_pending,
        coalesce(sum(t.amount_fen) FILTER (WHERE t.kind = 'hold' AND r.id IS NULL AND NOT c.is_guarded), 0)
            AS credits_pending,
        coalesce(sum(t.amount_fen) FILTER (WHERE t.kind IN ('single', 'capture') AND NOT d.is_guarded), 0)
            AS debits_posted,
        coalesce(sum(t.amount_fen) FILTER (WHERE t.kind IN ('single', 'capture') AND NOT c.is_guarded), 0)
            AS credits_posted
    FROM vouchers_transfer t
    LEFT JOIN vouchers_account d ON d.id = t.debit_account_id
    LEFT JOIN vouchers_account c ON c.id = t.credit_account_id
    LEFT JOIN vouchers_transfer r ON r.hold_id = t.id
), total AS (
    SELECT coalesce(s.debits_pending, 0) + f.debits_pending AS debits_pending,
           coalesce(s.credits_pending, 0) + f.credits_pending AS credits_pending,
           coalesce(s.debits_posted, 0) + f.debits_posted AS debits_posted,
           coalesce(s.credits_posted, 0) + f.credits_posted AS credits_posted
    FROM fold f LEFT JOIN side s ON true
)
SELECT * FROM total WHERE debits_pending <> credits_pending OR debits_posted <> credits_posted
"""

I2 = """
WITH moved AS (
    SELECT t.debit_account_id AS account_id,
           t.amount_fen AS debit, 0 AS credit, t.kind, r.id IS NOT NULL AS resolved
    FROM vouchers_transfer t LEFT JOIN vouchers_transfer r ON r.hold_id = t.id
    UNION ALL
    SELECT t.credit_account_id, 0, t.amount_fen, t.kind, r.id IS NOT NULL
    FROM vouchers_transfer t LEFT JOIN vouchers_transfer r ON r.hold_id = t.id
), fold AS (
    SELECT account_id,
           coalesce(sum(debit) FILTER (WHERE kind = 'hold' AND NOT resolved), 0) AS debits_pending,
           coalesce(sum(credit) FILTER (WHERE kind = 'hold' AND NOT resolved), 0) AS credits_pending,
           coalesce(sum(debit) FILTER (WHERE kind IN ('single', 'capture')), 0) AS debits_posted,
           coalesce(sum(credit) FILTER (WHERE kind IN ('single', 'capture')), 0) AS credits_posted
    FROM moved GROUP BY account_id
)
SELECT a.kind, a.key, a.debits_pending_fen, a.debits_posted_fen, a.credits_pending_fen, a.credits_posted_fen,
       f.debits_pending, f.debits_posted, f.credits_pending, f.credits_posted
FROM vouchers_account a LEFT JOIN fold f ON f.account_id = a.id
WHERE (a.is_guarded AND (
        a.debits_pending_fen <> coalesce(f.debits_pending, 0)
        OR a.debits_posted_fen <> coalesce(f.debits_posted, 0)
        OR a.credits_pending_fen <> coalesce(f.credits_pending, 0)
        OR a.credits_posted_fen <> coalesce(f.credits_posted, 0)))
   OR (NOT a.is_guarded AND (
        a.debits_pending_fen <> 0 OR a.debits_posted_fen <> 0
        OR a.credits_pending_fen <> 0 OR a.credits_posted_fen <> 0))
"""

I3 = """
WITH moved AS (
    SELECT t.debit_account_id AS account_id, -t.amount_fen AS change
    FROM vouchers_transfer t LEFT JOIN vouchers_transfer r ON r.hold_id = t.id
    WHERE t.kind IN ('single', 'capture') OR (t.kind = 'hold' AND r.id IS NULL)
    UNION ALL
    SELECT t.credit_account_id, t.amount_fen FROM vouchers_transfer t WHERE t.kind IN ('single', 'capture')
), fold AS (
    SELECT account_id, sum(change) AS available FROM moved GROUP BY account_id
)
SELECT a.kind, a.key, a.credits_posted_fen - a.debits_posted_fen - a.debits_pending_fen AS counted, f.available
FROM vouchers_account a LEFT JOIN fold f ON f.account_id = a.id
WHERE a.is_guarded
  AND (a.debits_pending_fen + a.debits_posted_fen > a.credits_posted_fen OR coalesce(f.available, 0) < 0)
"""

I4 = """
SELECT t.id, 'resolved more than once' AS fault
FROM vouchers_transfer t JOIN vouchers_transfer r ON r.hold_id = t.id
WHERE t.kind = 'hold' GROUP BY t.id HAVING count(*) > 1
UNION ALL
SELECT r.id, 'resolves something else than its hold'
FROM vouchers_transfer r JOIN vouchers_transfer t ON t.id = r.hold_id
WHERE t.kind <> 'hold' OR r.amount_fen > t.amount_fen
   OR r.debit_account_id <> t.debit_account_id OR r.credit_account_id <> t.credit_account_id
   OR (r.kind IN ('release', 'expire') AND r.amount_fen <> t.amount_fen)
UNION ALL
SELECT t.id, 'hold and its row disagree'
FROM vouchers_transfer t
LEFT JOIN vouchers_hold h ON h.transfer_id = t.id
LEFT JOIN vouchers_transfer r ON r.hold_id = t.id
WHERE t.kind = 'hold' AND (h.transfer_id IS NULL OR h.resolved_with_id IS DISTINCT FROM r.id)
UNION ALL
SELECT h.transfer_id, 'open past its expiry and the grace of 15 minutes'
FROM vouchers_hold h
WHERE h.resolved_with_id IS NULL AND h.expires_at < now() - interval '15 minutes'
"""

QUERIES: dict[str, Query] = {
    "I1": Query("I1", "Sum of debits equals sum of credits, pending and posted", I1),
    "I2": Query("I2", "Counters of each account equal the fold of its transfers", I2),
    "I3": Query("I3", "No guarded account is overdrawn", I3),
    "I4": Query(
        "I4", "Each hold is resolved at most once, none open past its expiry and grace", I4
    ),
}
