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

# One hold alone, the hot path: placed, exists, conflict or insufficient. The insert itself looks for the id.
PLACE_HOLD = """
CREATE FUNCTION vouchers_place_hold(
    p_id uuid, p_debit bigint, p_credit bigint, p_amount bigint, p_reason text, p_reference text,
    p_expires timestamptz, p_at timestamptz, OUT answer text, OUT account_id bigint
) LANGUAGE plpgsql AS $$
DECLARE
    v_account record;
    v_known vouchers_transfer;
    v_guards_credit boolean := false;
BEGIN
    FOR v_account IN
        SELECT a.id, a.credits_posted_fen - a.debits_posted_fen - a.debits_pending_fen AS available
        FROM vouchers_account a WHERE a.id IN (p_debit, p_credit) AND a.is_guarded
        ORDER BY a.id FOR NO KEY UPDATE
    LOOP
        IF v_account.id = p_credit THEN
            v_guards_credit := true;
        ELSIF v_account.available < p_amount THEN
            account_id := v_account.id;
        END IF;
    END LOOP;
    IF account_id IS NULL THEN
        INSERT INTO vouchers_transfer
            (id, kind, debit_account_id, credit_account_id, amount_fen, reason, reference, at)
        VALUES (p_id, 'hold', p_debit, p_credit, p_amount, p_reason, p_reference, p_at)
        ON CONFLICT (id) DO NOTHING;
        IF FOUND THEN
            INSERT INTO vouchers_hold (transfer_id, expires_at) VALUES (p_id, p_expires);
            UPDATE vouchers_account SET debits_pending_fen = debits_pending_fen + p_amount
            WHERE id = p_debit AND is_guarded;
            IF v_guards_credit THEN
                UPDATE vouchers_account SET credits_pending_fen = credits_pending_fen + p_amount
                WHERE id = p_credit;
            END IF;
            answer := 'written';
            RETURN;
        END IF;
    END IF;
    SELECT * INTO v_known FROM vouchers_transfer t WHERE t.id = p_id;
    IF NOT FOUND THEN
        answer := 'insufficient';
        RETURN;
    END IF;
    account_id := NULL;
    answer := CASE
        WHEN (v_known.kind, v_known.debit_account_id, v_known.credit_account_id, v_known.amount_fen,
              v_known.reason, v_known.reference)
             IS DISTINCT FROM ('hold', p_debit, p_credit, p_amount, p_reason, p_reference)
        THEN 'conflict' ELSE 'exists' END;
END $$;
"""

# Ends one hold by capture, release or expire: written, exists (the same end again), resolved (another end),
# lapsed, open (not lapsed yet), small (more than was held) or unknown. Locks accounts, then the hold.
RESOLVE_HOLD = """
CREATE FUNCTION vouchers_resolve_hold(
    p_hold uuid, p_id uuid, p_kind text, p_amount bigint, p_at timestamptz, OUT answer text
) LANGUAGE plpgsql AS $$
DECLARE
    v_held vouchers_transfer;
    v_row vouchers_hold;
    v_posted bigint := CASE p_kind WHEN 'capture' THEN p_amount ELSE 0 END;
BEGIN
    SELECT * INTO v_held FROM vouchers_transfer t WHERE t.id = p_hold AND t.kind = 'hold';
    IF NOT FOUND THEN
        answer := 'unknown';
        RETURN;
    END IF;
    PERFORM FROM vouchers_account a
    WHERE a.id IN (v_held.debit_account_id, v_held.credit_account_id) AND a.is_guarded
    ORDER BY a.id FOR NO KEY UPDATE;
    SELECT * INTO v_row FROM vouchers_hold h WHERE h.transfer_id = p_hold FOR NO KEY UPDATE;
    IF v_row.resolved_with_id IS NOT NULL THEN
        answer := CASE WHEN p_kind <> 'expire' AND EXISTS (
            SELECT FROM vouchers_transfer t
            WHERE t.id = v_row.resolved_with_id AND t.kind = p_kind AND t.amount_fen = p_amount
        ) THEN 'exists' ELSE 'resolved' END;
    ELSIF p_amount > v_held.amount_fen THEN
        answer := 'small';
    ELSIF p_kind = 'capture' AND v_row.expires_at <= p_at THEN
        answer := 'lapsed';
    ELSIF p_kind = 'expire' AND v_row.expires_at > p_at THEN
        answer := 'open';
    ELSE
        INSERT INTO vouchers_transfer
            (id, kind, debit_account_id, credit_account_id, amount_fen, hold_id, reason, reference, at)
        VALUES (p_id, p_kind, v_held.debit_account_id, v_held.credit_account_id, p_amount, p_hold,
                v_held.reason, v_held.reference, p_at);
        UPDATE vouchers_hold SET resolved_with_id = p_id WHERE transfer_id = p_hold;
        UPDATE vouchers_account a SET
            debits_pending_fen = a.debits_pending_fen - v_held.amount_fen,
            debits_posted_fen = a.debits_posted_fen + v_posted
        WHERE a.id = v_held.debit_account_id AND a.is_guarded;
        UPDATE vouchers_account a SET
            credits_pending_fen = a.credits_pending_fen - v_held.amount_fen,
            credits_posted_fen = a.credits_posted_fen + v_posted
        WHERE a.id = v_held.credit_account_id AND a.is_guarded;
        answer := 'written';
    END IF;
END $$;
"""

# Gives back those of the holds that are open and past their expiry; p_ids are the ids of the resolutions. Answers
# how many. Locks their accounts, then the holds, both in primary-key order.
EXPIRE_HOLDS = """
CREATE FUNCTION vouchers_expire_holds(p_holds uuid[], p_ids uuid[], p_at timestamptz) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    v_due uuid[];
BEGIN
    PERFORM FROM vouchers_account a
    WHERE a.is_guarded AND a.id IN (
        SELECT t.debit_account_id FROM vouchers_transfer t WHERE t.id = ANY (p_holds)
        UNION ALL
        SELECT t.credit_account_id FROM vouchers_transfer t WHERE t.id = ANY (p_holds)
    ) ORDER BY a.id FOR NO KEY UPDATE;
    v_due := ARRAY(
        SELECT h.transfer_id FROM vouchers_hold h
        WHERE h.transfer_id = ANY (p_holds) AND h.resolved_with_id IS NULL AND h.expires_at <= p_at
        ORDER BY h.transfer_id FOR NO KEY UPDATE
    );
    INSERT INTO vouchers_transfer
        (id, kind, debit_account_id, credit_account_id, amount_fen, hold_id, reason, reference, at)
    SELECT e.id, 'expire', t.debit_account_id, t.credit_account_id, t.amount_fen, t.id, t.reason, t.reference, p_at
    FROM unnest(p_holds, p_ids) e(hold, id) JOIN vouchers_transfer t ON t.id = e.hold
    WHERE e.hold = ANY (v_due) ORDER BY e.id;
    UPDATE vouchers_hold h SET resolved_with_id = e.id
    FROM unnest(p_holds, p_ids) e(hold, id)
    WHERE h.transfer_id = e.hold AND e.hold = ANY (v_due);
    UPDATE vouchers_account a SET
        debits_pending_fen = a.debits_pending_fen - m.debit,
        credits_pending_fen = a.credits_pending_fen - m.credit
    FROM (
        SELECT s.account, sum(s.debit)::bigint AS debit, sum(s.credit)::bigint AS credit
        FROM (
            SELECT t.debit_account_id AS account, t.amount_fen AS debit, 0 AS credit
            FROM vouchers_transfer t WHERE t.id = ANY (v_due)
            UNION ALL
            SELECT t.credit_account_id, 0, t.amount_fen FROM vouchers_transfer t WHERE t.id = ANY (v_due)
        ) s GROUP BY s.account
    ) m
    WHERE a.id = m.account AND a.is_guarded;
    RETURN cardinality(v_due);
END $$;
"""

# Counters change far more often than accounts are opened: room on the page keeps the change off the indexes.
ROOM = "ALTER TABLE vouchers_account SET (fillfactor = 70)"


class Migration(migrations.Migration):
    dependencies = [("vouchers", "0002_usage_partitions")]

    operations = [
        migrations.RunSQL(ENTRY, "DROP TYPE vouchers_entry"),
        migrations.RunSQL(RECORD, "DROP FUNCTION vouchers_record"),
        migrations.RunSQL(WRITE_SET, "DROP FUNCTION vouchers_write_set"),
        migrations.RunSQL(WRITE_SETS, "DROP FUNCTION vouchers_write_sets"),
        migrations.RunSQL(PLACE_HOLD, "DROP FUNCTION vouchers_place_hold"),
        migrations.RunSQL(RESOLVE_HOLD, "DROP FUNCTION vouchers_resolve_hold"),
        migrations.RunSQL(EXPIRE_HOLDS, "DROP FUNCTION vouchers_expire_holds"),
        migrations.RunSQL(ROOM, "ALTER TABLE vouchers_account RESET (fillfactor)"),
    ]
