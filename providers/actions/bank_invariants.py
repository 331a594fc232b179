"""What must always be true of the compute bank, as SQL that returns no rows (docs/money)."""

I12 = """
WITH fold AS (
    SELECT d.id,
           coalesce(sum(e.card_seconds) FILTER (WHERE e.credit_id = d.id AND e.kind = 'deposit'), 0) AS credited,
           coalesce(sum(CASE e.kind WHEN 'release' THEN -e.card_seconds ELSE e.card_seconds END)
                    FILTER (WHERE e.credit_id = d.id AND e.kind <> 'deposit'), 0) AS spent,
           coalesce(sum(CASE e.kind WHEN 'release' THEN -e.card_seconds ELSE e.card_seconds END)
                    FILTER (WHERE e.supply_id = d.id), 0) AS given
    FROM providers_bankdeposit d
    LEFT JOIN providers_bankentry e ON e.credit_id = d.id OR e.supply_id = d.id
    GROUP BY d.id
)
SELECT d.code, 'counters are not the fold of the entries' AS fault, d.spent_seconds AS has, f.spent AS should
FROM providers_bankdeposit d JOIN fold f ON f.id = d.id
WHERE d.spent_seconds <> f.spent OR d.given_seconds <> f.given
   OR f.credited <> CASE d.status WHEN 'approved' THEN d.card_seconds ELSE 0 END
UNION ALL
SELECT d.code, 'more was drawn or given than deposited', greatest(f.spent, f.given), f.credited
FROM providers_bankdeposit d JOIN fold f ON f.id = d.id
WHERE f.spent > f.credited OR f.given > f.credited OR f.spent < 0 OR f.given < 0
UNION ALL
SELECT w.code, 'a draw is not the sum of its entries',
       coalesce(sum(e.card_seconds) FILTER (WHERE e.kind = 'draw'), 0), w.card_seconds
FROM providers_bankdraw w LEFT JOIN providers_bankentry e ON e.draw_id = w.id
GROUP BY w.id, w.code, w.card_seconds, w.status
HAVING coalesce(sum(e.card_seconds) FILTER (WHERE e.kind = 'draw'), 0) <> w.card_seconds
    OR coalesce(sum(e.card_seconds) FILTER (WHERE e.kind = 'release'), 0)
       <> CASE w.status WHEN 'released' THEN w.card_seconds ELSE 0 END
UNION ALL
SELECT w.code, 'hours went to another enterprise, place or month than they may', e.card_seconds, 0
FROM providers_bankentry e
JOIN providers_bankdraw w ON w.id = e.draw_id
JOIN providers_bankdeposit c ON c.id = e.credit_id
JOIN providers_bankdeposit s ON s.id = e.supply_id
JOIN providers_subscription b ON b.id = w.subscription_id
WHERE c.enterprise_id <> w.enterprise_id OR b.enterprise_id <> w.enterprise_id
   OR s.enterprise_id = w.enterprise_id
   OR s.offering_id <> w.offering_id OR s.month <> w.month OR b.offering_id <> w.offering_id
"""
