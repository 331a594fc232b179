"""What must always be true of vouchers and schemes, as SQL queries that return no rows."""

from vouchers.ledger.actions.invariants import Query

I10 = """
WITH moved AS (
    SELECT t.debit_account_id AS account_id, c.kind AS counterpart,
           coalesce(o.reason, t.reason) AS reason, t.amount_fen AS gone
    FROM vouchers_transfer t
    JOIN vouchers_account c ON c.id = t.credit_account_id
    LEFT JOIN vouchers_transfer o ON o.id = t.reverses_id
    WHERE t.kind IN ('single', 'capture')
    UNION ALL
    SELECT t.credit_account_id, d.kind, coalesce(o.reason, t.reason), -t.amount_fen
    FROM vouchers_transfer t
    JOIN vouchers_account d ON d.id = t.debit_account_id
    LEFT JOIN vouchers_transfer o ON o.id = t.reverses_id
    WHERE t.kind IN ('single', 'capture')
), fold AS (
    SELECT account_id,
           coalesce(-sum(gone) FILTER (
               WHERE counterpart = 'scheme_budget' AND reason NOT IN ('expiry', 'revocation')), 0) AS issued,
           coalesce(sum(gone) FILTER (WHERE counterpart IN ('provider_payable', 'enterprise_payable')), 0) AS redeemed,
           coalesce(sum(gone) FILTER (
               WHERE counterpart = 'scheme_budget' AND reason = 'expiry'), 0) AS expired,
           coalesce(sum(gone) FILTER (
               WHERE counterpart = 'scheme_budget' AND reason = 'revocation'), 0) AS revoked
    FROM moved GROUP BY account_id
)
SELECT v.code, v.face_fen, f.issued, f.redeemed, f.expired, f.revoked, a.debits_pending_fen AS held,
       a.credits_posted_fen - a.debits_posted_fen - a.debits_pending_fen AS available
FROM vouchers_voucher v
LEFT JOIN vouchers_account a ON a.id = v.account_id
LEFT JOIN fold f ON f.account_id = v.account_id
WHERE f.account_id IS NULL
   OR a.kind <> 'voucher' OR a.key <> v.code
   OR v.face_fen <> f.issued
   OR f.issued - f.redeemed - f.expired - f.revoked - a.debits_pending_fen
      <> a.credits_posted_fen - a.debits_posted_fen - a.debits_pending_fen
   OR least(f.redeemed, f.expired, f.revoked) < 0
"""

I11 = """
WITH posted AS (
    SELECT d.kind AS debit_kind, d.key AS debit_key, c.kind AS credit_kind, c.key AS credit_key,
           sum(t.amount_fen) AS fen
    FROM vouchers_transfer t
    JOIN vouchers_account d ON d.id = t.debit_account_id
    JOIN vouchers_account c ON c.id = t.credit_account_id
    WHERE t.kind IN ('single', 'capture')
      AND (d.kind IN ('scheme_budget', 'voucher', 'provider_payable', 'enterprise_payable')
           OR c.kind IN ('scheme_budget', 'voucher', 'provider_payable', 'enterprise_payable'))
    GROUP BY d.kind, d.key, c.kind, c.key
), appropriated AS (
    SELECT credit_key AS scheme, sum(fen) AS fen
    FROM posted WHERE debit_kind = 'treasury' AND credit_kind = 'scheme_budget' GROUP BY credit_key
), issued AS (
    SELECT scheme, sum(fen) AS fen FROM (
        SELECT debit_key AS scheme, fen
        FROM posted WHERE debit_kind = 'scheme_budget' AND credit_kind = 'voucher'
        UNION ALL
        SELECT credit_key, -fen FROM posted WHERE debit_kind = 'voucher' AND credit_kind = 'scheme_budget'
    ) net GROUP BY scheme
), redeemed AS (
    SELECT scheme, sum(fen) AS fen FROM (
        SELECT split_part(credit_key, '/', 1) AS scheme, fen
        FROM posted WHERE debit_kind = 'voucher' AND credit_kind IN ('provider_payable', 'enterprise_payable')
        UNION ALL
        SELECT split_part(debit_key, '/', 1), -fen
        FROM posted WHERE debit_kind IN ('provider_payable', 'enterprise_payable') AND credit_kind = 'voucher'
    ) net GROUP BY scheme
), paid AS (
    SELECT scheme, sum(fen) AS fen FROM (
        SELECT split_part(debit_key, '/', 1) AS scheme, fen
        FROM posted WHERE debit_kind IN ('provider_payable', 'enterprise_payable') AND credit_kind = 'paid_out'
        UNION ALL
        SELECT split_part(credit_key, '/', 1), -fen
        FROM posted WHERE debit_kind = 'paid_out' AND credit_kind IN ('provider_payable', 'enterprise_payable')
    ) net GROUP BY scheme
), faces AS (
    SELECT scheme_id, sum(face_fen) AS fen FROM vouchers_voucher GROUP BY scheme_id
), returned AS (
    SELECT credit_key AS scheme, sum(fen) AS fen
    FROM posted WHERE debit_kind = 'voucher' AND credit_kind = 'scheme_budget' GROUP BY credit_key
), total AS (
    SELECT s.code, s.status, s.budget_fen, coalesce(a.fen, 0) AS appropriated, coalesce(i.fen, 0) AS issued,
           coalesce(r.fen, 0) AS redeemed, coalesce(p.fen, 0) AS paid,
           coalesce(f.fen, 0) - coalesce(b.fen, 0) AS faces
    FROM vouchers_scheme s
    LEFT JOIN appropriated a ON a.scheme = s.code
    LEFT JOIN issued i ON i.scheme = s.code
    LEFT JOIN redeemed r ON r.scheme = s.code
    LEFT JOIN paid p ON p.scheme = s.code
    LEFT JOIN faces f ON f.scheme_id = s.id
    LEFT JOIN returned b ON b.scheme = s.code
)
SELECT code, budget_fen, appropriated, issued, faces, redeemed, paid FROM total
WHERE appropriated <> CASE WHEN status = 'draft' THEN 0 ELSE budget_fen END
   OR issued > appropriated OR issued <> faces OR redeemed > issued OR paid > redeemed
"""

QUERIES: dict[str, Query] = {
    "I10": Query(
        "I10", "Issued − redeemed − expired − revoked − held = available, for each voucher", I10
    ),
    "I11": Query("I11", "Each scheme: appropriated ≥ issued ≥ redeemed ≥ paid", I11),
}
