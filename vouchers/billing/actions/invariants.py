"""What must always be true of usage and bills, as SQL queries that return no rows (docs/money)."""

from vouchers.ledger.actions.invariants import Query

# Archived months are verified against the sums that were kept of them.
I5 = """
WITH fold AS (
    SELECT e.subscription_id, e.month, part.key AS meter,
           coalesce((e.contexts->>part.key)::bigint, 0) AS context_from,
           (e.occurred_at AT TIME ZONE 'Asia/Shanghai')::date AS day,
           sum(part.value::bigint) AS quantity, count(*) AS events
    FROM vouchers_usageevent e CROSS JOIN LATERAL jsonb_each_text(e.quantities) AS part
    GROUP BY 1, 2, 3, 4, 5
), fact AS (
    SELECT subscription_id, month, meter, context_from, day,
           sum(quantity) AS quantity, sum(events) AS events
    FROM (SELECT * FROM fold
          UNION ALL
          SELECT subscription_id, month, meter, context_from, day, quantity, events
          FROM vouchers_archivedusage) AS either
    GROUP BY 1, 2, 3, 4, 5
)
SELECT subscription_id, meter, day, r.quantity, fact.quantity AS folded,
       r.events, fact.events AS folded_events, 'rollup differs from its events' AS fault
FROM vouchers_usagerollup r FULL JOIN fact USING (subscription_id, month, meter, context_from, day)
WHERE r.quantity IS DISTINCT FROM fact.quantity OR r.events IS DISTINCT FROM fact.events
UNION ALL
SELECT e.subscription_id, NULL, NULL, NULL, NULL, NULL, count(*), 'events of another provider'
FROM vouchers_usageevent e
LEFT JOIN providers_subscription s ON s.id = e.subscription_id
LEFT JOIN providers_offering o ON o.id = s.offering_id
WHERE o.provider_id IS DISTINCT FROM e.provider_id
GROUP BY e.subscription_id
UNION ALL
SELECT e.subscription_id, NULL, NULL, NULL, NULL, NULL, count(*), 'events without their key'
FROM vouchers_usageevent e LEFT JOIN vouchers_usagekey k ON k.key = e.key
WHERE k.key IS NULL
GROUP BY e.subscription_id
UNION ALL
SELECT NULL, NULL, NULL, NULL, kept.count, NULL, stored.count + archived.sum,
       'as many keys as events'
FROM (SELECT count(*) FROM vouchers_usagekey) kept,
     (SELECT count(*) FROM vouchers_usageevent) stored,
     (SELECT coalesce(sum(events), 0) AS sum FROM vouchers_usagearchive) archived
WHERE kept.count <> stored.count + archived.sum
"""

# Half up in exact numbers: floor((2·q·price·100 + per) / (2·per)), no quotient with lost digits.
I6 = """
WITH line AS (
    SELECT bill_id, sum(amount_fen) AS fen FROM vouchers_billline GROUP BY bill_id
), charge AS (
    SELECT bill_id,
           coalesce(sum(amount_fen) FILTER (WHERE payer = 'voucher'), 0) AS voucher,
           coalesce(sum(amount_fen) FILTER (WHERE payer = 'own'), 0) AS own,
           coalesce(sum(amount_fen) FILTER (WHERE payer = 'receivable'), 0)
               - coalesce(sum(amount_fen) FILTER (WHERE pays_outstanding), 0) AS receivable
    FROM vouchers_charge GROUP BY bill_id
), used AS (
    SELECT subscription_id, month, meter, day, quantity FROM vouchers_usagerollup
), waiting AS (
    SELECT DISTINCT subscription_id, month FROM vouchers_usagerollup WHERE is_dirty
)
SELECT b.code, 'bill differs from its lines' AS fault
FROM vouchers_bill b LEFT JOIN line ON line.bill_id = b.id
WHERE b.total_fen <> coalesce(line.fen, 0)
UNION ALL
SELECT b.code, 'bill differs from its charges'
FROM vouchers_bill b LEFT JOIN charge c ON c.bill_id = b.id
WHERE b.voucher_fen <> coalesce(c.voucher, 0) OR b.own_fen <> coalesce(c.own, 0)
   OR b.receivable_fen <> coalesce(c.receivable, 0)
   OR b.total_fen <> b.voucher_fen + b.own_fen + b.receivable_fen
UNION ALL
SELECT b.code, 'charge differs from its transfer'
FROM vouchers_charge c
JOIN vouchers_bill b ON b.id = c.bill_id
JOIN vouchers_transfer t ON t.id = c.transfer_id
WHERE t.amount_fen <> c.amount_fen
UNION ALL
SELECT b.code, 'line is not its quantity at its price, rounded once'
FROM vouchers_billline l
JOIN vouchers_bill b ON b.id = l.bill_id
JOIN providers_rate r ON r.id = l.rate_id
WHERE l.amount_fen <> div(2 * l.quantity * r.price_yuan * 100 + r.per_units, 2 * r.per_units)
UNION ALL
SELECT b.code, 'line differs from the usage of its days'
FROM vouchers_billline l
JOIN vouchers_bill b ON b.id = l.bill_id
JOIN providers_rate r ON r.id = l.rate_id
LEFT JOIN waiting w ON w.subscription_id = b.subscription_id AND w.month = b.month
WHERE w.month IS NULL AND l.quantity <> (
    SELECT coalesce(sum(u.quantity), 0) FROM used u
    WHERE u.subscription_id = b.subscription_id AND u.month = b.month AND u.meter = l.meter
      AND u.day <@ r.effective)
UNION ALL
SELECT s.code, 'rated usage without a bill line'
FROM used u
JOIN providers_subscription s ON s.id = u.subscription_id
LEFT JOIN vouchers_bill b ON b.subscription_id = u.subscription_id AND b.month = u.month
LEFT JOIN waiting w ON w.subscription_id = u.subscription_id AND w.month = u.month
WHERE w.month IS NULL AND NOT EXISTS (
    SELECT 1 FROM vouchers_billline l WHERE l.bill_id = b.id AND l.meter = u.meter)
"""

# Of two vouchers that both paid one bill, the later in order may only pay when the earlier was
# empty at that moment, or pays a smaller share (the later then tops up).
I7 = """
WITH moved AS (
    SELECT t.debit_account_id AS account_id, t.at, -t.amount_fen AS change
    FROM vouchers_transfer t WHERE t.kind IN ('single', 'hold')
    UNION ALL
    SELECT t.credit_account_id, t.at, t.amount_fen
    FROM vouchers_transfer t WHERE t.kind IN ('single', 'capture')
    UNION ALL
    SELECT r.debit_account_id, r.at, h.amount_fen
    FROM vouchers_transfer r JOIN vouchers_transfer h ON h.id = r.hold_id
    UNION ALL
    SELECT r.debit_account_id, r.at, -r.amount_fen
    FROM vouchers_transfer r WHERE r.kind = 'capture'
)
SELECT b.code AS bill, early.code AS passed_over, late.code AS paid, c.at
FROM vouchers_charge c
JOIN vouchers_bill b ON b.id = c.bill_id
JOIN vouchers_voucher late ON late.id = c.voucher_id
JOIN (SELECT DISTINCT bill_id, voucher_id FROM vouchers_charge WHERE voucher_id IS NOT NULL) other
     ON other.bill_id = c.bill_id AND other.voucher_id <> c.voucher_id
JOIN vouchers_voucher early ON early.id = other.voucher_id
WHERE (early.priority, early.expires_at, early.issued_at, early.id)
      < (late.priority, late.expires_at, late.issued_at, late.id)
  AND early.issued_at <= c.at AND early.expires_at > c.at AND early.status = 'active'
  AND early.share_numerator::numeric * late.share_denominator
      >= late.share_numerator::numeric * early.share_denominator
  AND (SELECT sum(m.change) FROM moved m WHERE m.account_id = early.account_id AND m.at <= c.at) > 0
"""

QUERIES: dict[str, Query] = {
    "I5": Query("I5", "Each day's usage equals the fold of its events", I5),
    "I6": Query("I6", "Each bill equals its lines, its usage at its prices, and its charges", I6),
    "I7": Query("I7", "Vouchers pay in burn-down order", I7),
}
