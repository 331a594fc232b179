"""Writes usage events, their keys and their rollups; reads back which keys are stored.

COPY writes a page of rows at a time, several times cheaper than INSERT; rows are spelled in its
binary form.
"""

import struct
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime

import psycopg
from django.db import transaction
from psycopg import pq
from psycopg.abc import Buffer
from psycopg.adapt import Dumper, Loader

from common.statements import plain_cursor
from vouchers.billing.actions.metering import rollups
from vouchers.billing.actions.metering.acceptance import Slot
from vouchers.billing.actions.metering.sifting import Entry
from vouchers.billing.rules import digests

STORED = "SELECT key, content FROM vouchers_usagekey WHERE key = ANY(%b)"
MONTH_PARTITIONS = "SELECT vouchers_usage_partition(month) FROM unnest(%s::date[]) AS month"
COPY_KEYS = "COPY vouchers_usagekey (key, content, received_at) FROM STDIN (FORMAT binary)"
COPY_EVENTS = """
COPY vouchers_usageevent (key, occurred_at, event_id, quantities, provider_id, subscription_id,
                          received_at, month, source, contexts, corrects)
FROM STDIN (FORMAT binary)
"""
SURPRISES = psycopg.errors.UniqueViolation, psycopg.errors.NumericValueOutOfRange
"""What a batch cannot know before it writes."""
HEAD = b"PGCOPY\n\xff\r\n\0" + bytes(8)
END = b"\xff\xff"
SHORT_LENGTH = struct.Struct("!hi")
EVENT_ROW = struct.Struct("!hi 16s iq i")
JSONB = struct.Struct("!iB")
LONG = struct.Struct("!iq")
SHORT = struct.Struct("!ii")
LENGTH = struct.Struct("!i")
ABSENT = LENGTH.pack(-1)
JSONB_VERSION = 1
UUIDS = struct.Struct("!iiiii")
UUID_OID, UUID_ARRAY_OID = 2950, 2951


class _Uuids(bytes):
    """An array of UUIDs in PostgreSQL's binary form."""


class _UuidsDumper(Dumper):
    format = pq.Format.BINARY
    oid = UUID_ARRAY_OID

    def dump(self, obj: _Uuids) -> Buffer:
        return obj


class _BytesLoader(Loader):
    format = pq.Format.BINARY

    def load(self, data: Buffer) -> bytes:
        return bytes(data)


def stored(keys: Iterable[bytes]) -> dict[bytes, bytes]:
    """Digests of content of those of the keys that are stored."""
    asked = list(keys)
    if not asked:
        return {}
    length = LENGTH.pack(digests.SIZE)
    array = UUIDS.pack(1, 0, UUID_OID, len(asked), 1) + length + length.join(asked)
    with plain_cursor(binary=True) as cursor:
        cursor.adapters.register_dumper(_Uuids, _UuidsDumper)
        cursor.adapters.register_loader(UUID_OID, _BytesLoader)
        return dict(cursor.execute(STORED, [_Uuids(array)]).fetchall())


def append(
    *,
    provider: int,
    entries: Sequence[Entry],
    at: datetime,
    summed: list[rollups.Row],
    carefully: bool,
) -> set[bytes]:
    """Store the events whose keys are new, add them to the rollups, and return those keys.

    Each key comes at most once in `entries`. Waits for a running batch that holds one of the keys or
    rollups. `summed` learns what was added to the rollups. Raises one of `SURPRISES` when another
    batch stored a key first, or an event would carry a day's sum out of 64 bits; then the caller
    undoes all it wrote and comes again `carefully`: with savepoints, only the others are written.
    """
    if not carefully:
        if entries:
            summed += _write(provider, entries, at)
        return {entry.key for entry in entries}
    while entries:
        try:
            with transaction.atomic():
                rows = _write(provider, entries, at)
        except psycopg.errors.UniqueViolation:
            known = stored(entry.key for entry in entries)
            entries = [entry for entry in entries if entry.key not in known]
        except psycopg.errors.NumericValueOutOfRange:
            if len(entries) == 1:
                return set()
            half = len(entries) // 2
            first, second = (
                append(provider=provider, entries=part, at=at, summed=summed, carefully=True)
                for part in (entries[:half], entries[half:])
            )
            return first | second
        else:
            summed += rows
            return {entry.key for entry in entries}
    return set()


def prepare_months(months: Collection[date]) -> int:
    """Make the partitions of the months' events that do not exist yet; their number."""
    with plain_cursor() as cursor:
        rows = cursor.execute(MONTH_PARTITIONS, [sorted(months)]).fetchall()
    return sum(made for (made,) in rows)


def _write(provider: int, entries: Sequence[Entry], at: datetime) -> list[rollups.Row]:
    """Keys are written and rollups touched in sorted order.

    So batches with common ids or subscriptions wait for each other but never in a circle.
    """
    received = LONG.pack(8, digests.micros(at))
    _copy(COPY_KEYS, _key_rows(entries, received))
    _copy(COPY_EVENTS, _event_rows(provider, entries, received))
    return rollups.add(entries)


def _key_rows(entries: Sequence[Entry], received: bytes) -> list[bytes]:
    """Spell the keys in order; but for key and content all rows are the same."""
    between = LENGTH.pack(digests.SIZE)
    start = SHORT_LENGTH.pack(3, digests.SIZE)
    rows = sorted([each.key + between + each.content for each in entries])
    return [start, (received + start).join(rows), received]


def _event_rows(provider: int, entries: Sequence[Entry], received: bytes) -> list[bytes]:
    """Spell the events; what those of a slot have in common is spelled once."""
    pack, pack_json = EVENT_ROW.pack, JSONB.pack
    slots: dict[int, bytes] = {}
    rows: list[bytes] = []
    for entry in entries:
        slot, quantities = entry.slot, entry.quantities
        common = slots.get(id(slot))
        if common is None:
            common = slots[id(slot)] = _common(provider, slot, received)
        event_id = entry.event.id.encode()
        rows += (
            pack(11, 16, entry.key, 8, entry.moment, len(event_id)),
            event_id,
            pack_json(len(quantities) + 1, JSONB_VERSION),
            quantities,
            common if entry.corrects is None and not slot.is_tiered else common[:-8] + _end(entry),
        )
    return rows


def _common(provider: int, slot: Slot, received: bytes) -> bytes:
    """Provider, subscription, moment of receipt, month of the bill, source; neither tier nor original."""
    source, month = slot.source.encode(), (slot.landed - digests.EPOCH.date()).days
    return b"".join(
        (
            LONG.pack(8, provider),
            LONG.pack(8, slot.subscription),
            received,
            SHORT.pack(4, month),
            LENGTH.pack(len(source)),
            source,
            ABSENT,
            ABSENT,
        )
    )


def _end(entry: Entry) -> bytes:
    contexts = entry.tiers()
    first = second = ABSENT
    if contexts:
        spelled = digests.canonical(contexts)
        first = JSONB.pack(len(spelled) + 1, JSONB_VERSION) + spelled
    if entry.corrects is not None:
        second = LENGTH.pack(digests.SIZE) + entry.corrects
    return first + second


def _copy(statement: str, rows: list[bytes]) -> None:
    with plain_cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(b"".join((HEAD, *rows, END)))
