"""Seals facts: what was committed goes into blocks, each carrying the hash of the block before it (docs/money)."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from common.errors import Conflict
from common.periods import end_of_day, start_of_day
from vouchers.ledger.actions import fact_rows
from vouchers.ledger.facts import FactTable, tables
from vouchers.ledger.models import SealBlock, SealPart
from vouchers.ledger.rules import blocks

MOST_ROWS = 50_000
"""Rows of one table in a block, unless a single transaction wrote more."""
LOCK = 0x5EA1
"""Advisory lock: one sealer at a time."""


class SealBehind(Conflict):
    """Transactions are numbered below what is sealed: the database was restored from a dump."""

    code = "seal_behind"


@dataclass(frozen=True, slots=True)
class Head:
    """A block to be printed: who has its number and hash can tell a changed history."""

    number: int
    hash: str
    algorithm: str
    sealed_at: datetime


def seal(*, at: datetime) -> int:
    """Seal everything behind the snapshot horizon; return how many blocks were written.

    One short transaction a block, under an advisory lock: a second sealer finds it taken and writes nothing.
    Takes no lock that a money transaction waits for. Raises SealBehind.
    """
    written = 0
    while True:
        with transaction.atomic():
            made = _one("SELECT pg_try_advisory_xact_lock(%s)", LOCK) and _seal_next(at, horizon())
        if not made:
            return written
        written += 1


def horizon() -> int:
    """Every transaction below this number is over: its rows are all visible, and it writes no more."""
    return int(_one("SELECT vouchers_seal_horizon()"))


@transaction.atomic
def resume() -> int:
    """After a logical restore: number transactions above all that is stored; return what is added to their own.

    To be called before anything writes to the restored database. Changes nothing where numbers go on upward.
    """
    _one("SELECT pg_advisory_xact_lock(%s)", LOCK)
    last = SealBlock.objects.order_by("-number").first()
    floor = max([last.end if last else 0, *(fact_rows.latest(table) + 1 for table in tables())])
    present = int(_one("SELECT vouchers_transaction_number()"))
    raw = int(_one("SELECT pg_current_xact_id()::text::bigint"))
    if present >= floor:
        return present - raw
    _one("SELECT vouchers_number_transactions(%s)", floor - raw)
    return floor - raw


def end() -> int:
    """The first transaction that no block covers; 0 before the first block."""
    last = SealBlock.objects.order_by("-number").values_list("end", flat=True).first()
    return last or 0


def head() -> Head | None:
    """The last block; None before the first."""
    return _head(SealBlock.objects.order_by("-number").first())


def head_before(*, day: date) -> Head | None:
    """The last block sealed before a civil day began: the same at any later time."""
    rows = SealBlock.objects.filter(sealed_at__lt=start_of_day(day))
    return _head(rows.order_by("-sealed_at", "-number").first())


def first_after(*, moment: datetime) -> Head | None:
    """The first block sealed after a moment: what nobody could know at that moment."""
    return _head(SealBlock.objects.filter(sealed_at__gt=moment).order_by("number").first())


def daily_heads(*, until: date, days: int = 7) -> list[Head]:
    """The last block of each civil day that has one, the newest day first. One query, an index look-up a day."""
    spans = [until - timedelta(days=back) for back in range(days)]
    found = SealBlock.objects.none()
    for day in spans:
        of_day = SealBlock.objects.filter(
            sealed_at__gte=start_of_day(day), sealed_at__lt=end_of_day(day)
        )
        last = of_day.order_by("-sealed_at", "-number")[:1]
        found = found.union(last, all=True) if day != spans[0] else last
    rows = sorted(found, key=lambda row: row.number, reverse=True)
    return [_of(row) for row in rows]


def _seal_next(at: datetime, limit: int) -> bool:
    """Write the next block with rows of transactions below `limit`; false when there are none."""
    last = SealBlock.objects.order_by("-number").first()
    start = last.end if last else 0
    if limit < start:
        raise SealBehind(
            _("The database was restored. Run `manage.py seal --restored` before anything else.")
        )
    end = _reach(start, limit)
    made = [found for table in tables() if (found := _part(table, start, end))]
    if not made:
        return False
    number = last.number + 1 if last else 1
    previous = last.hash if last else blocks.NOTHING
    algorithm = settings.SEAL_ALGORITHM
    text = blocks.header(
        number=number,
        algorithm=algorithm,
        previous=previous,
        start=start,
        end=end,
        sealed_at=at,
        parts=[blocks.Part(part.table, part.rows, part.digest) for part in made],
    )
    block = SealBlock.objects.create(
        number=number,
        algorithm=algorithm,
        previous_hash=previous,
        hash=blocks.digest(algorithm, text),
        start=start,
        end=end,
        sealed_at=at,
    )
    for part in made:
        part.block = block
    SealPart.objects.bulk_create(made)
    return True


def _part(table: FactTable, start: int, end: int) -> SealPart | None:
    if start >= end:
        return None
    algorithm = settings.SEAL_ALGORITHM
    rows = (fact_rows.split(line) for line in fact_rows.lines(table, start, end))
    entries = [(key, blocks.digest(algorithm, content)) for key, content in rows]
    if not entries:
        return None
    return SealPart(
        table=table.name,
        rows=len(entries),
        digest=blocks.digest(algorithm, blocks.manifest(entries)),
        keys=blocks.packed_keys((key for key, _made in entries), table.key),
        digests=bytes.fromhex("".join(made for _key, made in entries)),
    )


def _reach(start: int, limit: int) -> int:
    """Where a block that begins at `start` ends: at `limit`, or earlier so that it stays of a size."""

    def rows(end: int) -> int:
        return max(fact_rows.count(table, start, end, MOST_ROWS + 1) for table in tables())

    if rows(limit) <= MOST_ROWS:
        return limit
    few, many = start, limit
    while many - few > 1:
        middle = (few + many) // 2
        counted = rows(middle)
        if counted > MOST_ROWS:
            many = middle
        else:
            few = middle
            if counted > MOST_ROWS // 2:
                return few
    return few if rows(few) else many


def _head(row: SealBlock | None) -> Head | None:
    return _of(row) if row else None


def _of(row: SealBlock) -> Head:
    return Head(row.number, row.hash, row.algorithm, row.sealed_at)


def _one(statement: str, *values: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        found: int = cursor.fetchone()[0]
        return found
