"""What must always be true of usage and bills, as SQL queries that return no rows (docs/money)."""

from vouchers.billing.actions.metering.invariants import I5
from vouchers.ledger.actions.invariants import Query

# Half up in exact numbers: floor((2·q·price·100 + per) / (2·per)), no quotient with lost digits.
# Amounts and quantities are folded per month of origin up to each bill, so that a line which adjusts
# a closed month is right when all lines of that month up to it are. The least charge is that of the
# first day of use, which the lines do not tell: every price of the month could have stated it.
I6 = """
WITH line AS (
    SELECT bill_id, sum(amount_fen) AS fen FROM vouchers_billline GROUP BY bill_id
), standing AS (
    SELECT c.* FROM vouchers_charge c
    LEFT JOIN vouchers_charge u ON u.undoes_id = c.transfer_id
    WHERE c.undoes_id IS NULL AND u.transfer_id IS NULL
), charge AS (
    SELECT bill_id,
           coalesce(sum(amount_fen) FILTER (WHERE payer = 'voucher'), 0) AS voucher,
           coalesce(sum(amount_fen) FILTER (WHERE payer = 'own'), 0) AS own,
           coalesce(sum(amount_fen) FILTER (WHERE payer = 'receivable'), 0)
               - coalesce(sum(amount_fen) FILTER (WHERE pays_outstanding), 0) AS receivable
    FROM standing GROUP BY bill_id
), numbered AS (
    SELECT bill_id, count(*) AS charges, max(number) AS last FROM vouchers_charge GROUP BY bill_id
), waiting AS (
    SELECT DISTINCT subscription_id, month FROM vouchers_unbilledusage
), used AS (
    SELECT subscription_id, month, date_trunc('month', day)::date AS origin, meter,
           sum(quantity) AS quantity
    FROM vouchers_usagerollup GROUP BY 1, 2, 3, 4
), lined AS (
    SELECT b.subscription_id, b.month, l.origin, l.meter, sum(l.quantity) AS quantity
    FROM vouchers_billline l JOIN vouchers_bill b ON b.id = l.bill_id
    WHERE l.kind = 'usage' GROUP BY 1, 2, 3, 4
), folded AS (
    SELECT b.code, l.kind, l.rate_id, b.subscription_id, b.month, l.origin, l.meter,
           sum(l.quantity) OVER upto AS quantity, sum(l.amount_fen) OVER upto AS fen
    FROM vouchers_billline l JOIN vouchers_bill b ON b.id = l.bill_id
    WINDOW upto AS (PARTITION BY b.subscription_id, l.origin, l.rate_id, l.kind ORDER BY b.month)
), least AS (
    SELECT b.subscription_id, l.origin, l.meter, sum(l.quantity) AS quantity,
           sum(l.amount_fen) AS fen, sum(l.amount_fen) FILTER (WHERE l.kind = 'minimum') AS lacked,
           max(r.minimum_fen) FILTER (WHERE l.kind = 'minimum') AS stated,
           (SELECT min(a.minimum_fen) FROM providers_rate a
            WHERE a.offering_id = r.offering_id AND a.meter = l.meter
              AND a.context_from = 0 AND a.volume_from = 0
              AND (a.effective && daterange(l.origin, (l.origin + interval '1 month')::date)
                   OR a.effective @> (s.starts_at AT TIME ZONE 'Asia/Shanghai')::date)
           ) AS smallest,
           max(b.code) AS code
    FROM vouchers_billline l
    JOIN vouchers_bill b ON b.id = l.bill_id
    JOIN providers_rate r ON r.id = l.rate_id
    JOIN providers_subscription s ON s.id = b.subscription_id
    GROUP BY b.subscription_id, l.origin, l.meter, r.offering_id, s.starts_at
), carried AS (
    SELECT subscription_id, sum(credit_in_fen) AS taken,
           sum(credit_out_fen) FILTER (WHERE status <> 'open') AS left_over
    FROM vouchers_bill GROUP BY subscription_id
), held AS (
    SELECT DISTINCT s.id AS subscription_id, a.meter, s.prices_held_until AS until,
           (s.starts_at AT TIME ZONE 'Asia/Shanghai')::date AS day
    FROM providers_subscription s
    JOIN providers_rate a ON a.offering_id = s.offering_id
     AND a.effective @> (s.starts_at AT TIME ZONE 'Asia/Shanghai')::date
), stepped AS (
    SELECT DISTINCT offering_id, meter FROM providers_rate WHERE volume_from > 0 OR context_from > 0
)
SELECT b.code, 'bill differs from its lines' AS fault
FROM vouchers_bill b LEFT JOIN line ON line.bill_id = b.id
WHERE b.total_fen - b.credit_out_fen <> coalesce(line.fen, 0) - b.credit_in_fen - b.corrected_fen
UNION ALL
SELECT b.code, 'bill differs from its charges'
FROM vouchers_bill b LEFT JOIN charge c ON c.bill_id = b.id
WHERE b.voucher_fen <> coalesce(c.voucher, 0) OR b.own_fen <> coalesce(c.own, 0)
   OR b.receivable_fen <> coalesce(c.receivable, 0)
   OR b.total_fen <> b.voucher_fen + b.own_fen + b.receivable_fen
UNION ALL
SELECT b.code, 'charges are not numbered without a gap'
FROM vouchers_bill b LEFT JOIN numbered n ON n.bill_id = b.id
WHERE b.bookings <> coalesce(n.charges, 0) OR b.bookings <> coalesce(n.last, 0)
UNION ALL
SELECT b.code, 'charge differs from its transfer'
FROM vouchers_charge c
JOIN vouchers_bill b ON b.id = c.bill_id
JOIN vouchers_transfer t ON t.id = c.transfer_id
WHERE t.amount_fen <> c.amount_fen OR t.reverses_id IS DISTINCT FROM c.undoes_id
UNION ALL
SELECT b.code, 'undoing differs from what it undoes'
FROM vouchers_charge c
JOIN vouchers_bill b ON b.id = c.bill_id
JOIN vouchers_charge o ON o.transfer_id = c.undoes_id
WHERE o.bill_id <> c.bill_id OR o.number >= c.number OR o.payer <> c.payer
   OR o.amount_fen <> c.amount_fen OR o.voucher_id IS DISTINCT FROM c.voucher_id
   OR o.pays_outstanding <> c.pays_outstanding
UNION ALL
SELECT f.code, 'line is not its quantity at its price, rounded once'
FROM folded f JOIN providers_rate r ON r.id = f.rate_id
WHERE f.kind = 'usage'
  AND f.fen <> div(2 * f.quantity * r.price_yuan * 100 + r.per_units, 2 * r.per_units)
UNION ALL
SELECT b.code, 'line differs from the usage of its days'
FROM vouchers_billline l
JOIN vouchers_bill b ON b.id = l.bill_id
JOIN providers_rate r ON r.id = l.rate_id
LEFT JOIN stepped p ON p.offering_id = r.offering_id AND p.meter = r.meter
LEFT JOIN waiting w ON w.subscription_id = b.subscription_id AND w.month = b.month
LEFT JOIN held h ON h.subscription_id = b.subscription_id AND h.meter = l.meter
WHERE w.month IS NULL AND p.meter IS NULL AND l.kind = 'usage' AND l.quantity <> (
    SELECT coalesce(sum(u.quantity), 0) FROM vouchers_usagerollup u
    WHERE u.subscription_id = b.subscription_id AND u.month = b.month AND u.meter = l.meter
      AND u.day >= l.origin AND u.day < l.origin + interval '1 month'
      AND CASE WHEN h.until IS NULL OR u.day < h.until THEN coalesce(h.day, u.day) ELSE u.day END
          <@ r.effective)
UNION ALL
SELECT s.code, 'usage and bill lines differ'
FROM used u FULL JOIN lined l USING (subscription_id, month, origin, meter)
JOIN providers_subscription s ON s.id = subscription_id
LEFT JOIN waiting w USING (subscription_id, month)
WHERE w.month IS NULL AND coalesce(u.quantity, 0) <> coalesce(l.quantity, 0)
UNION ALL
SELECT code, 'least charge is missing or wrong'
FROM least
WHERE coalesce(lacked, 0) < 0 OR (lacked > 0 AND fen <> stated)
   OR (quantity > 0 AND fen < smallest)
UNION ALL
SELECT s.code, 'credits taken differ from credits left over'
FROM carried c JOIN providers_subscription s ON s.id = c.subscription_id
WHERE c.taken <> coalesce(c.left_over, 0)
"""

# Of two vouchers that both paid one bill, the later in order may only pay when the earlier was
# empty at that moment, or pays a smaller share (the later then tops up). And when own money paid or
# something stayed outstanding at a bill's last booking, no usable voucher that covers the offering
# was left with money and room: it covers where its scheme narrows nothing, or when it has paid for
# the same offering before; the room is counted in whole yuan, the coarsest rounding there is. What
# came back at that very moment is not counted: it may have come after the bill was split.
I7 = """
WITH moved AS (
    SELECT t.debit_account_id AS account_id, t.at, -t.amount_fen AS change, false AS is_back
    FROM vouchers_transfer t WHERE t.kind IN ('single', 'hold')
    UNION ALL
    SELECT t.credit_account_id, t.at, t.amount_fen, t.reverses_id IS NOT NULL
    FROM vouchers_transfer t WHERE t.kind IN ('single', 'capture')
    UNION ALL
    SELECT r.debit_account_id, r.at,
           CASE r.kind WHEN 'capture' THEN h.amount_fen - r.amount_fen ELSE h.amount_fen END, true
    FROM vouchers_transfer r JOIN vouchers_transfer h ON h.id = r.hold_id
), standing AS (
    SELECT c.* FROM vouchers_charge c
    LEFT JOIN vouchers_charge u ON u.undoes_id = c.transfer_id
    WHERE c.undoes_id IS NULL AND u.transfer_id IS NULL
), last AS (
    SELECT bill_id, max(at) AS at FROM vouchers_charge WHERE NOT pays_outstanding GROUP BY bill_id
), short AS (
    SELECT b.id, b.code, b.enterprise_id, b.total_fen, b.voucher_fen, s.offering_id, o.layer,
           last.at, least(last.at, (b.month + interval '1 month') AT TIME ZONE 'Asia/Shanghai'
                                   - interval '1 microsecond') AS moment
    FROM vouchers_bill b
    JOIN last ON last.bill_id = b.id
    JOIN providers_subscription s ON s.id = b.subscription_id
    JOIN providers_offering o ON o.id = s.offering_id
    WHERE EXISTS (
        SELECT 1 FROM standing c WHERE c.bill_id = b.id AND c.at = last.at
          AND c.payer IN ('own', 'receivable') AND NOT c.pays_outstanding)
), known AS (
    SELECT DISTINCT c.voucher_id, s.offering_id
    FROM vouchers_charge c
    JOIN vouchers_bill b ON b.id = c.bill_id
    JOIN providers_subscription s ON s.id = b.subscription_id
    WHERE c.voucher_id IS NOT NULL
)
SELECT b.code AS bill, early.code AS passed_over, late.code AS paid, c.at
FROM standing c
JOIN vouchers_bill b ON b.id = c.bill_id
JOIN vouchers_voucher late ON late.id = c.voucher_id
JOIN (SELECT DISTINCT bill_id, voucher_id FROM standing WHERE voucher_id IS NOT NULL) other
     ON other.bill_id = c.bill_id AND other.voucher_id <> c.voucher_id
JOIN vouchers_voucher early ON early.id = other.voucher_id
WHERE (early.priority, early.expires_at, early.issued_at, early.id)
      < (late.priority, late.expires_at, late.issued_at, late.id)
  AND early.issued_at <= c.at AND early.expires_at > c.at AND early.status = 'active'
  AND early.share_numerator::numeric * late.share_denominator
      >= late.share_numerator::numeric * early.share_denominator
  AND NOT EXISTS (SELECT FROM vouchers_capbound x
                  WHERE x.bill_id = b.id AND x.voucher_id = early.id AND x.at = c.at)
  AND (SELECT sum(m.change) FROM moved m WHERE m.account_id = early.account_id
         AND (m.at < c.at OR (m.at = c.at AND NOT m.is_back))) > 0
UNION ALL
SELECT b.code, v.code, 'own money or outstanding', b.at
FROM short b
JOIN vouchers_voucher v ON v.enterprise_id = b.enterprise_id
JOIN vouchers_scheme m ON m.id = v.scheme_id
WHERE v.status = 'active' AND NOT v.pays_back AND v.issued_at <= b.moment AND v.expires_at > b.moment
  AND NOT EXISTS (SELECT FROM vouchers_capbound x
                  WHERE x.bill_id = b.id AND x.voucher_id = v.id AND x.at = b.at)
  AND (EXISTS (SELECT 1 FROM known k WHERE k.voucher_id = v.id AND k.offering_id = b.offering_id)
       OR (coalesce(m.rules -> 'covers', '{}') = '{}'
           AND CASE v.kind
               WHEN 'compute' THEN b.layer IN ('compute', 'platform', 'application', 'dataset')
               ELSE b.layer = v.kind END))
  AND b.total_fen * v.share_numerator / (v.share_denominator * 100::bigint) * 100
      > b.voucher_fen
  AND (SELECT sum(e.change) FROM moved e WHERE e.account_id = v.account_id
         AND (e.at < b.at OR (e.at = b.at AND NOT e.is_back))) > 0
UNION ALL
SELECT b.code, v.code, 'the cap said to have bound left room', x.at
FROM vouchers_capbound x
JOIN vouchers_bill b ON b.id = x.bill_id
JOIN vouchers_voucher v ON v.id = x.voucher_id
WHERE x.limit_fen > CASE x.key
    WHEN '' THEN (
        SELECT coalesce(sum(CASE WHEN c.undoes_id IS NULL THEN c.amount_fen
                                 WHEN c.at < x.at THEN -c.amount_fen ELSE 0 END), 0)
        FROM vouchers_charge c
        WHERE c.bill_id = x.bill_id AND c.voucher_id = x.voucher_id AND c.at <= x.at)
    ELSE (
        SELECT coalesce(sum(CASE WHEN t.debit_account_id = a.id THEN t.amount_fen
                                 WHEN t.at < x.at THEN -t.amount_fen ELSE 0 END), 0)
        FROM vouchers_account a
        JOIN vouchers_transfer t ON t.at <= x.at
         AND (t.debit_account_id = a.id AND t.reason = 'redeemed'
              OR t.credit_account_id = a.id AND t.reverses_id IS NOT NULL)
        WHERE a.kind = 'cap' AND a.key = x.key) END
"""

# A draw on a cap carries the id of the charge that it was taken for.
I11 = """
WITH draw AS (
    SELECT d.id, d.debit_account_id AS cap, d.reference, d.amount_fen, r.id IS NOT NULL AS is_undone
    FROM vouchers_transfer d LEFT JOIN vouchers_transfer r ON r.reverses_id = d.id
    WHERE d.reason = 'redeemed'
), redeemed AS (
    SELECT cap, coalesce(sum(amount_fen) FILTER (WHERE NOT is_undone), 0) AS fen
    FROM draw GROUP BY cap
), credited AS (
    SELECT t.credit_account_id AS cap, sum(t.amount_fen) AS fen
    FROM vouchers_transfer t JOIN vouchers_account s ON s.id = t.debit_account_id
    WHERE s.kind = 'cap_source' GROUP BY 1
)
SELECT a.key AS cap, r.fen, coalesce(c.fen, 0) AS due, 'more is redeemed than the cap allows' AS fault
FROM redeemed r
JOIN vouchers_account a ON a.id = r.cap
LEFT JOIN credited c ON c.cap = r.cap
WHERE r.fen > coalesce(c.fen, 0)
UNION ALL
SELECT a.key, d.amount_fen, c.amount_fen, 'draw differs from its charge'
FROM draw d
JOIN vouchers_account a ON a.id = d.cap
LEFT JOIN vouchers_charge c ON c.transfer_id::text = d.reference
LEFT JOIN vouchers_charge u ON u.undoes_id = c.transfer_id
LEFT JOIN vouchers_refund f ON f.transfer_id::text = d.reference
WHERE (c.voucher_id IS NULL AND f.id IS NULL) OR coalesce(c.amount_fen, f.amount_fen) <> d.amount_fen
   OR d.is_undone <> (u.transfer_id IS NOT NULL)
"""

QUERIES: dict[str, Query] = {
    "I5": Query("I5", "Each day's usage equals the fold of its events", I5),
    "I6": Query("I6", "Each bill equals its lines, its usage at its prices, and its charges", I6),
    "I7": Query("I7", "Vouchers pay in burn-down order", I7),
    "I11": Query("I11", "What is redeemed under a cap stays within it", I11),
}
