"""What holds of usage at all times, as a question that must have no answer."""

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
SELECT NULL, meter, month, d.quantity, used.quantity, NULL, NULL, 'delivered differs from rollups'
FROM vouchers_deliveredusage d FULL JOIN (
    SELECT s.offering_id, date_trunc('month', r.day)::date AS month, r.meter,
           sum(r.quantity) AS quantity
    FROM vouchers_usagerollup r JOIN providers_subscription s ON s.id = r.subscription_id
    GROUP BY 1, 2, 3) used USING (offering_id, month, meter)
WHERE d.quantity IS DISTINCT FROM used.quantity
UNION ALL
SELECT c.subscription_id, c.meter, NULL, c.used_units, used.quantity, NULL, NULL,
       'used of a cap differs from rollups'
FROM vouchers_usagecap c CROSS JOIN LATERAL (
    SELECT coalesce(sum(r.quantity), 0) AS quantity FROM vouchers_usagerollup r
    WHERE r.subscription_id = c.subscription_id AND r.meter = c.meter) used
WHERE c.used_units <> used.quantity
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
UNION ALL
SELECT NULL, NULL, a.month, NULL, NULL, a.events, k.count, 'as many archived keys as events'
FROM vouchers_usagearchive a
CROSS JOIN LATERAL (SELECT count(*) FROM vouchers_archivedevent WHERE archive_id = a.id) k
WHERE a.events <> k.count
"""
