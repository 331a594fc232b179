"""The ledger's writing functions: one call locks, looks for the ids, checks funds, writes and moves counters.

Accounts are locked in primary-key order before anything is looked at; each further statement of a function sees what
was committed while it waited. The functions answer in words; the actions turn those into errors.
"""

from django.db import migrations

ENTRY = """
CREATE TYPE vouchers_entry AS (
    set_number integer, id uuid, debit bigint, credit bigint, amount_fen bigint,
    reason text, reference text, reverses uuid, expires_at timestamptz
);
"""

# Writes transfers (kind single or hold) that were checked, and moves the counters of their guarded accounts.
RECORD = """
CREATE FUNCTION vouchers_record(p_kind text, p_at timestamptz, p_entries vouchers_entry[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO vouchers_transfer
        (id, kind, debit_account_id, credit_account_id, amount_fen, reverses_id, reason, reference, at)
    SELECT e.id, p_kind, e.debit, e.credit, e.amount_fen, e.reverses, e.reason, e.reference, p_at
    FROM unnest(p_entries) e ORDER BY e.id;
    IF p_kind = 'hold' THEN
        INSERT INTO vouchers_hold (transfer_id, expires_at)
        SELECT e.id, e.expires_at FROM unnest(p_entries) e ORDER BY e.id;
    END IF;
    UPDATE vouchers_account a SET
        debits_posted_fen = a.debits_posted_fen + CASE p_kind WHEN 'single' THEN m.debit ELSE 0 END,
        credits_posted_fen = a.credits_posted_fen + CASE p_kind WHEN 'single' THEN m.credit ELSE 0 END,
        debits_pending_fen = a.debits_pending_fen + CASE p_kind WHEN 'hold' THEN m.debit ELSE 0 END,
        credits_pending_fen = a.credits_pending_fen + CASE p_kind WHEN 'hold' THEN m.credit ELSE 0 END
    FROM (
        SELECT s.account, sum(s.debit)::bigint AS debit, sum(s.credit)::bigint AS credit
        FROM (
            SELECT e.debit AS account, e.amount_fen AS debit, 0 AS credit FROM unnest(p_entries) e
            UNION ALL
            SELECT e.credit, 0, e.amount_fen FROM unnest(p_entries) e
        ) s GROUP BY s.account
    ) m
    WHERE a.id = m.account AND a.is_guarded;
END $$;
"""

# One linked set, its accounts locked by the caller: written, exists, conflict, reversed or insufficient (account_id
# cannot pay). `known` are the ids that were there before. A concurrent writer of the same id that shares no
# guarded account shares no lock: the loser of the unique index looks again.
WRITE_SET = """
CREATE FUNCTION vouchers_write_set(
    p_kind text, p_at timestamptz, p_entries vouchers_entry[],
    OUT answer text, OUT account_id bigint, OUT known uuid[]
) LANGUAGE plpgsql AS $$
DECLARE
    v_fresh vouchers_entry[];
BEGIN
    FOR v_attempt IN 1..3 LOOP
        SELECT coalesce(array_agg(DISTINCT t.id), '{}') INTO known
        FROM unnest(p_entries) e JOIN vouchers_transfer t ON t.id = e.id;
        IF EXISTS (
            SELECT FROM unnest(p_entries) e JOIN vouchers_transfer t ON t.id = e.id
            WHERE (t.kind, t.debit_account_id, t.credit_account_id, t.amount_fen, t.reason, t.reference)
                  IS DISTINCT FROM (p_kind, e.debit, e.credit, e.amount_fen, e.reason, e.reference)
               OR t.reverses_id IS DISTINCT FROM e.reverses
        ) OR (SELECT count(DISTINCT e) > count(DISTINCT e.id) FROM unnest(p_entries) e) THEN
            answer := 'conflict';
            RETURN;
        END IF;
        v_fresh := ARRAY(
            SELECT DISTINCT ON (e.id) e FROM unnest(p_entries) e WHERE e.id <> ALL (known) ORDER BY e.id
        );
        IF cardinality(v_fresh) = 0 THEN
            answer := 'exists';
            RETURN;
        END IF;
        IF EXISTS (
            SELECT FROM unnest(v_fresh) e JOIN vouchers_transfer t ON t.reverses_id = e.reverses
        ) OR (SELECT count(DISTINCT e.reverses) < count(e.reverses) FROM unnest(v_fresh) e) THEN
            answer := 'reversed';
            RETURN;
        END IF;
        SELECT min(a.id) INTO account_id
        FROM (
            SELECT s.account, sum(s.paid_out) AS paid_out, sum(s.paid_in) AS paid_in
            FROM (
                SELECT e.debit AS account, e.amount_fen AS paid_out, 0 AS paid_in FROM unnest(v_fresh) e
                UNION ALL
                SELECT e.credit, 0, e.amount_fen FROM unnest(v_fresh) e WHERE p_kind = 'single'
            ) s GROUP BY s.account
        ) m JOIN vouchers_account a ON a.id = m.account
        WHERE a.is_guarded
          AND a.credits_posted_fen - a.debits_posted_fen - a.debits_pending_fen + m.paid_in < m.paid_out;
        IF account_id IS NOT NULL THEN
            answer := 'insufficient';
            RETURN;
        END IF;
        BEGIN
            PERFORM vouchers_record(p_kind, p_at, v_fresh);
            answer := 'written';
            RETURN;
        EXCEPTION WHEN unique_violation THEN
            NULL;
        END;
    END LOOP;
    RAISE EXCEPTION 'ids of a linked set keep colliding' USING ERRCODE = 'serialization_failure';
END $$;
"""

# Many independent linked sets in one call. A row for each set that was not written whole and new; no row means so.
# When no id is known and all sets together can be paid, they are written by one statement each for transfers, holds
# and counters; else set by set, in the order given.
WRITE_SETS = """
CREATE FUNCTION vouchers_write_sets(
    p_kind text, p_at timestamptz, p_sets integer[], p_ids uuid[], p_debits bigint[], p_credits bigint[],
    p_amounts bigint[], p_reasons text[], p_references text[], p_reverses uuid[], p_expires timestamptz[]
) RETURNS TABLE (set_number integer, answer text, account_id bigint, known uuid[])
LANGUAGE plpgsql AS $$
DECLARE
    v_entries vouchers_entry[];
    v_set record;
BEGIN
    PERFORM FROM vouchers_account a
    WHERE a.id = ANY (p_debits || p_credits) AND a.is_guarded ORDER BY a.id FOR NO KEY UPDATE;
    v_entries := ARRAY(
        SELECT ROW(e.*)::vouchers_entry
        FROM unnest(
            p_sets, p_ids, p_debits, p_credits, p_amounts, p_reasons, p_references, p_reverses, p_expires
        ) e
    );
    IF NOT EXISTS (SELECT FROM vouchers_transfer t WHERE t.id = ANY (p_ids)) AND NOT EXISTS (
        SELECT FROM (SELECT e.debit, sum(e.amount_fen) AS fen FROM unnest(v_entries) e GROUP BY e.debit) m
        JOIN vouchers_account a ON a.id = m.debit
        WHERE a.is_guarded AND a.credits_posted_fen - a.debits_posted_fen - a.debits_pending_fen < m.fen
    ) THEN
        BEGIN
            PERFORM vouchers_record(p_kind, p_at, v_entries);
            RETURN;
        EXCEPTION WHEN unique_violation THEN
            NULL;  -- an id or an original twice among the sets, or a faster writer: one by one
        END;
    END IF;
    FOR v_set IN
        SELECT e.set_number AS number, array_agg(e) AS entries
        FROM unnest(v_entries) e GROUP BY e.set_number ORDER BY e.set_number
    LOOP
        SELECT v_set.number, w.* INTO set_number, answer, account_id, known
        FROM vouchers_write_set(p_kind, p_at, v_set.entries) w;
        IF answer <> 'written' OR known <> '{}' THEN
            RETURN NEXT;
        END IF;
    END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("vouchers", "0002_usage_partitions")]

    operations = [
        migrations.RunSQL(ENTRY, "DROP TYPE vouchers_entry"),
        migrations.RunSQL(RECORD, "DROP FUNCTION vouchers_record"),
        migrations.RunSQL(WRITE_SET, "DROP FUNCTION vouchers_write_set"),
        migrations.RunSQL(WRITE_SETS, "DROP FUNCTION vouchers_write_sets"),
    ]
