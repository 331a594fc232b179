"""Moves months of events out of the database: what they add up to and their keys stay."""

import gzip
import hashlib
import os
from datetime import date, datetime
from pathlib import Path

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from common.errors import Conflict
from common.periods import local_day, month_start, next_month, start_of_day
from common.statements import plain_cursor
from vouchers.billing.actions.metering import event_log, landing
from vouchers.billing.models import ClosedPeriod, UsageArchive
from vouchers.ledger.actions import seals

AHEAD = 3
"""Months for which partitions are kept ready."""

FOLD = """
INSERT INTO vouchers_archivedusage
    (archive_id, subscription_id, month, meter, context_from, day, quantity, events)
SELECT %s, e.subscription_id, e.month, part.key,
       coalesce((e.contexts->>part.key)::bigint, 0),
       (e.occurred_at AT TIME ZONE 'Asia/Shanghai')::date, sum(part.value::bigint), count(*)
FROM {partition} e CROSS JOIN LATERAL jsonb_each_text(e.quantities) AS part
GROUP BY 2, 3, 4, 5, 6
"""
KEYS = """
INSERT INTO vouchers_archivedevent (key, archive_id) SELECT key, %s FROM {partition} ORDER BY key
"""
PARTITIONS = """
SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
WHERE inhparent = 'vouchers_usageevent'::regclass AND relname ~ '_[0-9]{6}$'
"""


class MonthStillNeeded(Conflict):
    """The month is open, or events of it are still taken."""

    code = "month_still_needed"


def prepare(*, at: datetime) -> int:
    """Make the partitions of this month and the next AHEAD; the number of those that were new."""
    months = [month_start(local_day(at))]
    while len(months) <= AHEAD:
        months.append(next_month(months[-1]))
    return event_log.prepare_months(months)


def archivable(*, before: date) -> list[date]:
    """First days of the months before `before` whose events are in a partition of their own."""
    with plain_cursor() as cursor:
        names = [name for (name,) in cursor.execute(PARTITIONS).fetchall()]
    digits = sorted(name[-6:] for name in names)
    months = [date(int(each[:4]), int(each[4:]), 1) for each in digits]
    return [month for month in months if month < before]


class MonthNotSealed(Conflict):
    """Events of the month are in no block of the seal yet."""

    code = "month_not_sealed"


@transaction.atomic
def archive(*, month: date, folder: Path, at: datetime) -> UsageArchive:
    """Write a closed month's events to a gzipped CSV file, keep their sums, drop their partition.

    The file is on disk before anything is dropped; its SHA-256 is recorded. Writers of the month
    are kept out from the first. A repeat of an archived event is still a duplicate. Raises
    MonthStillNeeded until the month is closed and its last late event would be refused, and
    MonthNotSealed until all its events are sealed: what leaves unsealed could be changed unseen.
    """
    closed = ClosedPeriod.objects.filter(month=month).exists()
    last = start_of_day(next_month(month)) + landing.MAX_AGE
    if not closed or at < last:
        raise MonthStillNeeded(
            _("%(month)s cannot be archived before it is closed and 92 days have passed.")
            % {"month": f"{month:%Y-%m}"}
        )
    partition = f"vouchers_usageevent_{month:%Y%m}"
    with connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {partition} IN SHARE MODE")
        cursor.execute(
            f"SELECT count(*), max(transaction_number) FROM {partition}"  # noqa: S608 - a name of ours
        )
        events, last_written = cursor.fetchone() or (0, None)
        if last_written is not None and last_written >= seals.end():
            raise MonthNotSealed(
                _("Events of %(month)s are not sealed yet. Try again in some minutes.")
                % {"month": f"{month:%Y-%m}"}
            )
        target = folder / f"usage-{month:%Y-%m}.csv.gz"
        archived = UsageArchive.objects.create(
            month=month,
            file_name=target.name,
            file_sha256=_export(partition, target),
            events=events,
            archived_at=at,
        )
        cursor.execute(FOLD.format(partition=partition), [archived.pk])
        cursor.execute(KEYS.format(partition=partition), [archived.pk])
        cursor.execute(f"DROP TABLE {partition}")
    return archived


def _export(partition: str, target: Path) -> bytes:
    """Write the file under another name first, so that a file of this name is whole."""
    draft = target.with_suffix(".draft")
    with draft.open("wb") as raw:
        with gzip.GzipFile(fileobj=raw, mode="wb", filename="", mtime=0) as packed:
            statement = f"COPY (SELECT * FROM {partition} ORDER BY received_at, key) TO STDOUT"  # noqa: S608 - a name of ours
            with plain_cursor() as cursor, cursor.copy(f"{statement} (FORMAT csv, HEADER)") as rows:
                for row in rows:
                    packed.write(row)
        raw.flush()
        os.fsync(raw.fileno())
    with draft.open("rb") as written:
        digest = hashlib.file_digest(written, "sha256").digest()
    draft.rename(target)
    return digest
