"""Numbers of transactions for the seal, and how its manifests are stored.

A transaction's number is PostgreSQL's own plus an offset. The offset is 0 until a dump is restored into another
cluster, whose own numbers begin low again: then `manage.py seal --restored` raises it (docs/money, "Seal").
The functions are STABLE, as what they call: a volatile default would make COPY insert row by row.
"""

from django.db import migrations

SEALED = [
    "vouchers_account",
    "vouchers_transfer",
    "vouchers_usageevent",
    "vouchers_usagearchive",
    "vouchers_review",
    "vouchers_claimline",
    "vouchers_settlementsignature",
    "vouchers_conclusionsignature",
    "vouchers_recovery",
    "vouchers_repayment",
]

FUNCTIONS = """
CREATE FUNCTION vouchers_number_transactions(by bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format(
        'CREATE OR REPLACE FUNCTION vouchers_transaction_number() RETURNS bigint LANGUAGE sql STABLE'
        ' AS ''SELECT pg_current_xact_id()::text::bigint + %s::bigint''', by);
    EXECUTE format(
        'CREATE OR REPLACE FUNCTION vouchers_seal_horizon() RETURNS bigint LANGUAGE sql STABLE'
        ' AS ''SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint + %s::bigint''', by);
END $$;
SELECT vouchers_number_transactions(0);
"""
DEFAULTS = "".join(
    f"ALTER TABLE {table} ALTER COLUMN transaction_number SET DEFAULT vouchers_transaction_number();"
    for table in SEALED
)
STORAGE = """
CREATE INDEX IF NOT EXISTS vouchers_usage_sealing
    ON vouchers_usageevent USING brin (transaction_number) WITH (autosummarize = on);
ALTER TABLE vouchers_sealpart ALTER COLUMN keys SET STORAGE EXTERNAL,
                              ALTER COLUMN digests SET STORAGE EXTERNAL;
"""


class Migration(migrations.Migration):
    """Functions first: the defaults name them."""

    dependencies = [("vouchers", "0003_ledger_functions")]
    operations = [
        migrations.RunSQL(FUNCTIONS, migrations.RunSQL.noop),
        migrations.RunSQL(DEFAULTS, migrations.RunSQL.noop),
        migrations.RunSQL(STORAGE, migrations.RunSQL.noop),
    ]
