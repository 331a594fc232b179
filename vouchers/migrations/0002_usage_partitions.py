"""Usage events in partitions by civil month; the model's table of 0001 is replaced, empty as it is.

No unique index and no foreign keys: those cost half of ingest, UsageKey holds each key once and
invariant I5 checks provider and subscription. BRIN on the moment of receipt finds single events
(their keys say when they were received). Triggers of the model's table are carried over; they guard
every partition. `received_at` only grows within a partition, so the index stays a few pages.
"""

from typing import ClassVar

from django.db import migrations

TABLE = """
DO $$
DECLARE
    guard record;
    guards text[] := '{}';
    statement text;
BEGIN
    FOR guard IN
        SELECT tgname, pg_get_triggerdef(oid) AS definition,
               obj_description(oid, 'pg_trigger') AS remark
        FROM pg_trigger WHERE tgrelid = 'vouchers_usageevent'::regclass AND NOT tgisinternal
    LOOP
        guards := guards || guard.definition;
        IF guard.remark IS NOT NULL THEN
            guards := guards || format('COMMENT ON TRIGGER %I ON vouchers_usageevent IS %L',
                                       guard.tgname, guard.remark);
        END IF;
    END LOOP;
    CREATE TABLE partitioned (LIKE vouchers_usageevent INCLUDING DEFAULTS)
        PARTITION BY RANGE (occurred_at);
    DROP TABLE vouchers_usageevent;
    ALTER TABLE partitioned RENAME TO vouchers_usageevent;
    FOREACH statement IN ARRAY guards LOOP
        EXECUTE statement;
    END LOOP;
END $$;
CREATE INDEX vouchers_usageevent_received ON vouchers_usageevent USING brin (received_at);
CREATE TABLE vouchers_usageevent_default PARTITION OF vouchers_usageevent DEFAULT;
"""

# A month whose events lie in the default partition already keeps them there, and so does one whose
# partition could not be made within the time: an event is never lost and never waits for long.
PARTITION = """
CREATE FUNCTION vouchers_usage_partition(first date) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET lock_timeout = '2s' AS $$
DECLARE
    name text := 'vouchers_usageevent_' || to_char(first, 'YYYYMM');
    starts timestamptz := date_trunc('month', first)::timestamp AT TIME ZONE 'Asia/Shanghai';
    ends timestamptz :=
        (date_trunc('month', first)::timestamp + interval '1 month') AT TIME ZONE 'Asia/Shanghai';
BEGIN
    IF to_regclass(name) IS NOT NULL THEN
        RETURN false;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('vouchers_usage_partition'));
    IF to_regclass(name) IS NOT NULL OR EXISTS (
        SELECT FROM vouchers_usageevent_default WHERE occurred_at >= starts AND occurred_at < ends
    ) THEN
        RETURN false;
    END IF;
    EXECUTE format('CREATE TABLE %I (LIKE vouchers_usageevent INCLUDING DEFAULTS)', name);
    EXECUTE format('ALTER TABLE vouchers_usageevent ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                   name, starts, ends);
    RETURN true;
EXCEPTION WHEN lock_not_available THEN
    RETURN false;
END $$;
"""

# Closing a month waits for those that hold it, so what is closed is read behind the locks: each
# statement of a volatile function sees what was committed when it began.
HOLD = """
CREATE FUNCTION vouchers_hold_months(
    lock_class integer, numbers integer[], months date[], used date[]
) RETURNS date[]
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(lock_class, number) FROM unnest(numbers) AS number;
    PERFORM vouchers_usage_partition(month) FROM unnest(used) AS month;
    RETURN ARRAY(SELECT month FROM vouchers_closedperiod WHERE month = ANY(months));
END $$;
"""

FIRST_YEAR = """
SELECT vouchers_usage_partition((date '2026-07-01' + make_interval(months => number))::date)
FROM generate_series(0, 11) AS number
"""


class Migration(migrations.Migration):
    """Partitions of usage events."""

    dependencies: ClassVar = [("vouchers", "0001_initial")]

    operations: ClassVar = [
        migrations.RunSQL(TABLE, migrations.RunSQL.noop),
        migrations.RunSQL(
            PARTITION, "DROP FUNCTION IF EXISTS vouchers_usage_partition(date)"
        ),
        migrations.RunSQL(
            HOLD, "DROP FUNCTION IF EXISTS vouchers_hold_months(integer, integer[], date[], date[])"
        ),
        migrations.RunSQL(FIRST_YEAR, migrations.RunSQL.noop),
    ]
