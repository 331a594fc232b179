"""What must always be true of claims, disputes, settlements and recoveries, as SQL that returns no rows."""

I8 = """
WITH payee AS (
    SELECT p.id, coalesce(v.code, e.code) AS code FROM vouchers_payment p
    LEFT JOIN providers_provider v ON v.id = p.provider_id
    LEFT JOIN accounts_organization e ON e.id = p.enterprise_id
)
SELECT 'claim line' AS subject, l.transfer_id::text AS id,
       'differs from its voucher payment' AS fault,
       l.amount_fen AS has_fen, t.amount_fen AS should_fen
FROM (SELECT * FROM vouchers_claimline x
      WHERE NOT EXISTS (SELECT FROM vouchers_claimwithdrawal w WHERE w.line_id = x.transfer_id)) l
JOIN vouchers_claim m ON m.id = l.claim_id
JOIN vouchers_bill b ON b.id = l.bill_id
LEFT JOIN vouchers_transfer t ON t.id = l.transfer_id
LEFT JOIN vouchers_charge c ON c.transfer_id = l.transfer_id
LEFT JOIN vouchers_refund f ON f.transfer_id = l.transfer_id
LEFT JOIN vouchers_voucher v ON v.id = coalesce(c.voucher_id, f.voucher_id)
WHERE t.id IS NULL OR t.kind NOT IN ('single', 'capture') OR t.amount_fen <> l.amount_fen
   OR c.undoes_id IS NOT NULL
   OR EXISTS (SELECT 1 FROM vouchers_charge u WHERE u.undoes_id = c.transfer_id)
   OR coalesce(c.bill_id, f.bill_id) IS DISTINCT FROM l.bill_id OR v.scheme_id IS DISTINCT FROM m.scheme_id
   OR (f.id IS NULL) <> (m.enterprise_id IS NULL) OR v.pays_back <> (m.enterprise_id IS NOT NULL)
   OR coalesce(m.enterprise_id, b.enterprise_id) <> b.enterprise_id OR f.claim_id <> l.claim_id
   OR b.provider_id <> m.provider_id OR b.status <> 'confirmed' OR b.month > m.month
   OR (b.month < m.month AND NOT EXISTS (SELECT FROM vouchers_periodlock p
                                         WHERE p.scheme_id = m.scheme_id AND p.month = b.month))
UNION ALL
SELECT 'locked period', s.code || ' ' || p.month, 'lines came or went after it was locked',
       coalesce(sum(l.amount_fen), 0), p.amount_fen
FROM vouchers_periodlock p
JOIN vouchers_scheme s ON s.id = p.scheme_id
LEFT JOIN vouchers_claim m ON m.scheme_id = p.scheme_id AND m.month = p.month
LEFT JOIN (SELECT * FROM vouchers_claimline x
           WHERE NOT EXISTS (SELECT FROM vouchers_claimwithdrawal w WHERE w.line_id = x.transfer_id)) l
  ON l.claim_id = m.id
GROUP BY p.id, s.code, p.month, p.amount_fen, p.lines
HAVING coalesce(sum(l.amount_fen), 0) <> p.amount_fen OR count(l.transfer_id) <> p.lines
UNION ALL
SELECT 'claim line', l.transfer_id::text, 'claimed more than once',
       sum(l.amount_fen), min(l.amount_fen)
FROM vouchers_claimline l GROUP BY l.transfer_id HAVING count(*) > 1
UNION ALL
SELECT 'claim', m.code, 'amount is not the sum of its lines',
       m.amount_fen, coalesce(sum(l.amount_fen) FILTER (WHERE w.line_id IS NULL), 0)
FROM vouchers_claim m
LEFT JOIN vouchers_claimline l ON l.claim_id = m.id
LEFT JOIN vouchers_claimwithdrawal w ON w.line_id = l.transfer_id
WHERE m.enterprise_id IS NULL OR m.status NOT IN ('draft', 'confirming')
GROUP BY m.id, m.code, m.amount_fen
HAVING m.amount_fen <> coalesce(sum(l.amount_fen) FILTER (WHERE w.line_id IS NULL), 0)
UNION ALL
SELECT 'claim', m.code, 'amount is not the sum of what is asked back, or a line was posted too early or not at all',
       m.amount_fen, coalesce(sum(f.amount_fen), 0)
FROM vouchers_claim m
LEFT JOIN vouchers_refund f ON f.claim_id = m.id
WHERE m.enterprise_id IS NOT NULL OR f.id IS NOT NULL
GROUP BY m.id, m.code, m.amount_fen, m.status, m.enterprise_id
HAVING m.amount_fen <> coalesce(sum(f.amount_fen), 0) OR m.enterprise_id IS NULL
    OR (m.status <> 'emptied' AND bool_or((f.transfer_id IS NULL) <> (m.status IN ('draft', 'confirming'))))
UNION ALL
SELECT 'refund', b.code || ' ' || v.code, 'differs from its transfer', f.amount_fen, t.amount_fen
FROM vouchers_refund f
JOIN vouchers_bill b ON b.id = f.bill_id
JOIN vouchers_voucher v ON v.id = f.voucher_id
JOIN vouchers_scheme s ON s.id = v.scheme_id
JOIN vouchers_claim m ON m.id = f.claim_id
JOIN accounts_organization e ON e.id = m.enterprise_id
JOIN vouchers_transfer t ON t.id = f.transfer_id
JOIN vouchers_account d ON d.id = t.debit_account_id
JOIN vouchers_account c ON c.id = t.credit_account_id
WHERE t.amount_fen <> f.amount_fen OR d.id <> v.account_id OR c.kind <> 'enterprise_payable'
   OR c.key <> s.code || '/' || e.code OR v.enterprise_id <> e.id
UNION ALL
SELECT 'refund', b.code, 'more was paid back than its firm paid', sum(f.amount_fen), b.own_fen
FROM vouchers_refund f JOIN vouchers_bill b ON b.id = f.bill_id
WHERE f.transfer_id IS NOT NULL
GROUP BY b.id, b.code, b.own_fen HAVING sum(f.amount_fen) > b.own_fen
UNION ALL
SELECT 'enterprise payable', a.key, 'is not what was paid back less what was paid out', x.fen, y.fen
FROM vouchers_account a
CROSS JOIN LATERAL (
    SELECT coalesce(sum(CASE WHEN t.credit_account_id = a.id THEN t.amount_fen ELSE -t.amount_fen END), 0) AS fen
    FROM vouchers_transfer t WHERE t.credit_account_id = a.id OR t.debit_account_id = a.id) x
CROSS JOIN LATERAL (
    SELECT coalesce((SELECT sum(f.amount_fen) FROM vouchers_refund f JOIN vouchers_transfer t ON t.id = f.transfer_id
                     WHERE t.credit_account_id = a.id), 0)
         - coalesce((SELECT sum(p.amount_fen) FROM vouchers_payment p JOIN vouchers_transfer t ON t.id = p.transfer_id
                     WHERE t.debit_account_id = a.id AND p.reversal_id IS NULL), 0) AS fen) y
WHERE a.kind = 'enterprise_payable' AND x.fen <> y.fen
UNION ALL
SELECT 'dispute', d.code, 'its bill does not stand as it says', b.total_fen, coalesce(d.outcome_fen, d.before_fen)
FROM vouchers_dispute d JOIN vouchers_bill b ON b.id = d.bill_id
WHERE (d.status = 'open') <> (b.status = 'disputed')
   OR b.total_fen <> coalesce(d.outcome_fen, d.before_fen)
   OR b.corrected_fen <> d.before_fen - coalesce(d.outcome_fen, d.before_fen)
UNION ALL
SELECT 'claim line', l.transfer_id::text, 'taken off by a dispute of another bill, or paid although the dispute ended',
       l.amount_fen, 0
FROM vouchers_claimwithdrawal w
JOIN vouchers_claimline l ON l.transfer_id = w.line_id
JOIN vouchers_dispute d ON d.id = w.dispute_id
WHERE d.bill_id <> l.bill_id
   OR (d.status <> 'open'
       AND NOT EXISTS (SELECT FROM vouchers_charge u WHERE u.undoes_id = l.transfer_id))
UNION ALL
SELECT 'payment', s.code || ' ' || v.code, 'repeats what was not returned, or another amount',
       p.amount_fen, o.amount_fen
FROM vouchers_payment p
JOIN vouchers_payment o ON o.id = p.replaces_id
JOIN vouchers_settlement s ON s.id = p.settlement_id
JOIN payee v ON v.id = p.id
WHERE o.status <> 'returned' OR o.amount_fen <> p.amount_fen
   OR (o.provider_id, o.enterprise_id) IS DISTINCT FROM (p.provider_id, p.enterprise_id)
   OR o.settlement_id = p.settlement_id
UNION ALL
SELECT 'payment', s.code || ' ' || v.code, 'differs from its transfers',
       p.amount_fen, coalesce(r.amount_fen, t.amount_fen)
FROM vouchers_payment p
JOIN vouchers_transfer t ON t.id = p.transfer_id
LEFT JOIN vouchers_transfer r ON r.id = p.reversal_id
JOIN vouchers_settlement s ON s.id = p.settlement_id
JOIN payee v ON v.id = p.id
WHERE t.amount_fen <> p.amount_fen OR r.reverses_id <> t.id OR r.amount_fen <> t.amount_fen
UNION ALL
SELECT 'settlement', s.code, 'total is not the sum of its payments',
       s.total_fen, coalesce(sum(p.amount_fen), 0)
FROM vouchers_settlement s LEFT JOIN vouchers_payment p ON p.settlement_id = s.id
GROUP BY s.id, s.code, s.total_fen HAVING s.total_fen <> coalesce(sum(p.amount_fen), 0)
UNION ALL
SELECT 'payment', s.code || ' ' || coalesce(v.code, ''), 'is not the sum of the payee''s claims',
       coalesce(p.amount_fen, 0), coalesce(o.owed, 0)
FROM (SELECT settlement_id, who, sum(fen) AS owed FROM (
          SELECT settlement_id, coalesce(-enterprise_id, provider_id) AS who, amount_fen AS fen FROM vouchers_claim
          UNION ALL
          SELECT settlement_id, provider_id, -clawed_fen FROM vouchers_recovery) b
      WHERE settlement_id IS NOT NULL GROUP BY settlement_id, who) o
FULL JOIN (SELECT *, coalesce(-enterprise_id, provider_id) AS who FROM vouchers_payment WHERE replaces_id IS NULL) p
  ON p.settlement_id = o.settlement_id AND p.who = o.who
JOIN vouchers_settlement s ON s.id = coalesce(p.settlement_id, o.settlement_id)
LEFT JOIN payee v ON v.id = p.id
WHERE p.amount_fen IS DISTINCT FROM o.owed
UNION ALL
SELECT 'payment', s.code || ' ' || v.code, 'is not the sum of its contributors'' shares',
       p.amount_fen, coalesce(sum(h.amount_fen), 0)
FROM vouchers_payment p
JOIN vouchers_settlement s ON s.id = p.settlement_id
JOIN providers_provider v ON v.id = p.provider_id
JOIN vouchers_paymentshare h ON h.payment_id = p.id
GROUP BY p.id, s.code, v.code, p.amount_fen HAVING p.amount_fen <> sum(h.amount_fen)
UNION ALL
SELECT 'recovery', k.code, 'differs from its transfers, or is more than its voucher paid',
       r.amount_fen, coalesce(c.amount_fen, 0) + coalesce(d.amount_fen, 0)
FROM vouchers_recovery r
JOIN vouchers_case k ON k.id = r.case_id
JOIN vouchers_scheme s ON s.id = r.scheme_id
LEFT JOIN vouchers_transfer c ON c.id = r.clawback_id
LEFT JOIN vouchers_account ca ON ca.id = c.debit_account_id
LEFT JOIN vouchers_account cc ON cc.id = c.credit_account_id
LEFT JOIN vouchers_transfer d ON d.id = r.debt_id
LEFT JOIN vouchers_account da ON da.id = d.debit_account_id
LEFT JOIN vouchers_account dc ON dc.id = d.credit_account_id
WHERE coalesce(c.amount_fen, 0) <> r.clawed_fen OR coalesce(d.amount_fen, 0) <> r.due_fen
   OR (c.id IS NOT NULL AND (ca.kind <> 'provider_payable' OR cc.kind <> 'recovered' OR cc.key <> s.code))
   OR (d.id IS NOT NULL AND (da.kind <> 'receivable' OR dc.kind <> 'recovered' OR dc.key <> s.code))
   OR k.status <> 'closed'
   OR r.amount_fen > (SELECT coalesce(sum(x.amount_fen), 0) FROM vouchers_charge x
                      WHERE x.bill_id = r.bill_id AND x.voucher_id = r.voucher_id AND x.undoes_id IS NULL
                        AND NOT EXISTS (SELECT FROM vouchers_charge u WHERE u.undoes_id = x.transfer_id))
                   + (SELECT coalesce(sum(f.amount_fen), 0) FROM vouchers_refund f
                      WHERE f.bill_id = r.bill_id AND f.voucher_id = r.voucher_id AND f.transfer_id IS NOT NULL)
UNION ALL
SELECT 'recovered', a.key, 'is not the sum of the recoveries of its scheme', sum(t.amount_fen),
       coalesce((SELECT sum(r.amount_fen) FROM vouchers_recovery r
                 JOIN vouchers_scheme s ON s.id = r.scheme_id WHERE s.code = a.key), 0)
FROM vouchers_account a JOIN vouchers_transfer t ON t.credit_account_id = a.id
WHERE a.kind = 'recovered'
GROUP BY a.key
HAVING sum(t.amount_fen) <> coalesce((SELECT sum(r.amount_fen) FROM vouchers_recovery r
                                      JOIN vouchers_scheme s ON s.id = r.scheme_id WHERE s.code = a.key), 0)
UNION ALL
SELECT 'pool', f.code || ' ' || x.number, 'version whose shares are not one', coalesce(sum(q.parts), 0), 1000000
FROM providers_poolsplit x
JOIN providers_facility f ON f.id = x.facility_id
LEFT JOIN providers_poolshare q ON q.split_id = x.id
GROUP BY x.id, f.code, x.number HAVING coalesce(sum(q.parts), 0) <> 1000000
"""
