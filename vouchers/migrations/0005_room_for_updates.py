"""Room on the pages of rows that each tick or report writes anew, so that their indexes are left alone."""

from typing import ClassVar

from django.db import migrations

TABLES = ("vouchers_account", "vouchers_bill", "vouchers_billline", "vouchers_usagerollup")


class Migration(migrations.Migration):
    dependencies: ClassVar = [("vouchers", "0004_seal")]

    operations: ClassVar = [
        migrations.RunSQL(
            f"ALTER TABLE {table} SET (fillfactor = 60)", f"ALTER TABLE {table} RESET (fillfactor)"
        )
        for table in TABLES
    ]
