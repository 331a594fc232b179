"""What must always be true of debts, as SQL that returns no rows: part of I8."""

BROKEN = """
WITH paid AS (
    SELECT recovery_id, sum(CASE WHEN undoes_id IS NULL THEN amount_fen ELSE -amount_fen END) AS fen
    FROM vouchers_repayment GROUP BY recovery_id
), given_up AS (
    SELECT recovery_id, sum(amount_fen) AS fen FROM vouchers_writeoff
    WHERE status = 'approved' GROUP BY recovery_id
), debt AS (
    SELECT k.code, s.code || '/' || o.code AS account, s.code AS scheme, u.code AS bureau, r.case_id,
           r.due_fen - coalesce(p.fen, 0) - coalesce(g.fen, 0) AS left_fen, coalesce(g.fen, 0) AS given_up_fen
    FROM vouchers_recovery r
    JOIN vouchers_case k ON k.id = r.case_id
    JOIN vouchers_scheme s ON s.id = r.scheme_id
    JOIN accounts_organization o ON o.id = r.debtor_id
    JOIN accounts_organization u ON u.id = s.bureau_id
    LEFT JOIN paid p ON p.recovery_id = r.case_id
    LEFT JOIN given_up g ON g.recovery_id = r.case_id
)
SELECT 'debt' AS subject, code AS id, 'more was paid back and written off than is owed' AS fault,
       left_fen AS has_fen, 0::numeric AS should_fen
FROM debt WHERE left_fen < 0
UNION ALL
SELECT 'repayment', p.id::text, 'differs from its transfer', p.amount_fen, t.amount_fen
FROM vouchers_repayment p
JOIN debt ON debt.case_id = p.recovery_id
LEFT JOIN vouchers_transfer t ON t.id = p.transfer_id
LEFT JOIN vouchers_account d ON d.id = t.debit_account_id
LEFT JOIN vouchers_account c ON c.id = t.credit_account_id
LEFT JOIN vouchers_repayment o ON o.id = p.undoes_id
WHERE t.amount_fen IS DISTINCT FROM p.amount_fen OR t.reverses_id IS DISTINCT FROM o.transfer_id
   OR (o.id IS NOT NULL AND (o.amount_fen <> p.amount_fen OR o.recovery_id <> p.recovery_id))
   OR (o.id IS NULL AND (d.kind, d.key, c.kind, c.key)
       IS DISTINCT FROM ('bank', debt.bureau, 'receivable', debt.account))
UNION ALL
SELECT 'write-off', w.code, 'differs from its transfer', w.amount_fen, t.amount_fen
FROM vouchers_writeoff w
JOIN debt ON debt.case_id = w.recovery_id
LEFT JOIN vouchers_transfer t ON t.id = w.transfer_id
LEFT JOIN vouchers_account d ON d.id = t.debit_account_id
LEFT JOIN vouchers_account c ON c.id = t.credit_account_id
WHERE w.status = 'approved' AND (t.amount_fen IS DISTINCT FROM w.amount_fen OR (d.kind, d.key, c.kind, c.key)
      IS DISTINCT FROM ('written_off', debt.scheme, 'receivable', debt.account))
UNION ALL
SELECT 'receivable', coalesce(f.key, n.account), 'is not what the debts of its debtor leave',
       coalesce(f.fen, 0), coalesce(n.fen, 0)
FROM (SELECT a.key, sum(CASE WHEN t.debit_account_id = a.id THEN t.amount_fen ELSE -t.amount_fen END) AS fen
      FROM vouchers_account a
      JOIN vouchers_transfer t ON t.debit_account_id = a.id OR t.credit_account_id = a.id
      WHERE a.kind = 'receivable' AND a.key LIKE '%/%' GROUP BY a.key) f
FULL JOIN (SELECT account, sum(left_fen) AS fen FROM debt GROUP BY account) n ON n.account = f.key
WHERE coalesce(f.fen, 0) <> coalesce(n.fen, 0)
"""
