"""Writes usage events and their rollups in one statement, and reads back what is stored."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec
import psycopg
from django.db import connection, transaction

from providers.models import Provider
from vouchers.billing.actions.acceptance import Acceptance
from vouchers.billing.rules.events import Report

Key = tuple[str, str]
"""Source and event id: with the provider, an event's identity."""

# Events are inserted and rollups touched in sorted order, so that batches with common ids or
# subscriptions wait for each other but never in a circle.
INSERT = """
WITH incoming AS (
    SELECT * FROM unnest(
        string_to_array(%s, chr(31)), string_to_array(%s, chr(31)),
        string_to_array(%s, chr(31))::bigint[], string_to_array(%s, chr(31))::timestamptz[],
        string_to_array(%s, chr(31))::bytea[], string_to_array(%s, chr(31))::jsonb[]
    ) AS sent(source, event_id, subscription_id, occurred_at, content_sha256, quantities)
), added AS (
    INSERT INTO vouchers_usageevent (provider_id, source, event_id, subscription_id, occurred_at,
                                     received_at, content_sha256, quantities)
    SELECT %s, source, event_id, subscription_id, occurred_at, %s, content_sha256, quantities
    FROM incoming
    ORDER BY source, event_id
    ON CONFLICT (provider_id, source, event_id) DO NOTHING
    RETURNING source, event_id, subscription_id, occurred_at, quantities
), rolled AS (
    INSERT INTO vouchers_usagerollup AS stored
        (subscription_id, month, meter, context_from, day, quantity, events, is_dirty)
    SELECT subscription_id, date_trunc('month', occurred_at AT TIME ZONE 'Asia/Shanghai')::date,
           part.key, 0, (occurred_at AT TIME ZONE 'Asia/Shanghai')::date,
           sum(part.value::bigint), count(*), true
    FROM added CROSS JOIN LATERAL jsonb_each_text(quantities) AS part
    GROUP BY 1, 2, 3, 4, 5
    ORDER BY 1, 2, 3, 4, 5
    ON CONFLICT (subscription_id, month, meter, context_from, day) DO UPDATE
    SET quantity = stored.quantity + excluded.quantity,
        events = stored.events + excluded.events,
        is_dirty = true
)
SELECT source, event_id FROM added
"""

# LIMIT keeps the planner to one look into the unique index for each key, however large the table.
HASHES = """
SELECT asked.source, asked.event_id, stored.content_sha256
FROM unnest(string_to_array(%s, chr(31)), string_to_array(%s, chr(31))) AS asked(source, event_id)
CROSS JOIN LATERAL (
    SELECT content_sha256 FROM vouchers_usageevent
    WHERE provider_id = %s AND source = asked.source AND event_id = asked.event_id
    LIMIT 1
) AS stored
"""


def key_of(event: Report) -> Key:
    """The event's identity among the provider's."""
    return event.source, event.id


def append(
    *, provider: Provider, events: Sequence[Report], acceptance: Acceptance, at: datetime
) -> set[Key]:
    """Store the events that are new, add them to the rollups, and return their keys.

    Each key comes at most once in `events`. An event that would carry a day's sum beyond 64 bits is
    left out; its neighbors are stored. Waits for a running batch that holds one of the ids or
    rollups.
    """
    if not events:
        return set()
    try:
        with transaction.atomic():
            return _insert(provider, events, acceptance, at)
    except psycopg.errors.NumericValueOutOfRange:
        if len(events) == 1:
            return set()
    half = len(events) // 2
    return append(provider=provider, events=events[:half], acceptance=acceptance, at=at) | append(
        provider=provider, events=events[half:], acceptance=acceptance, at=at
    )


def stored_hashes(*, provider: Provider, keys: Iterable[Key]) -> dict[Key, bytes]:
    """Digests of the provider's stored events among `keys`."""
    asked = list(keys)
    if not asked:
        return {}
    columns = [_column(source for source, _ in asked), _column(event_id for _, event_id in asked)]
    rows = _run(HASHES, [*columns, provider.pk])
    return {(source, event_id): bytes(digest) for source, event_id, digest in rows}


def _insert(
    provider: Provider, events: Sequence[Report], acceptance: Acceptance, at: datetime
) -> set[Key]:
    encode = msgspec.json.encode
    columns = [
        _column(event.source for event in events),
        _column(event.id for event in events),
        _column(str(acceptance.terms[event.subscription].pk) for event in events),
        _column(event.time.isoformat() for event in events),
        _column(f"\\x{event.sha256.hex()}" for event in events),
        _column(encode(event.quantities).decode() for event in events),
    ]
    rows = _run(INSERT, [*columns, provider.pk, at])
    return {(source, event_id) for source, event_id in rows}


def _column(texts: Iterable[str]) -> str:
    """Many values as one parameter, several times cheaper than an array of them.

    They are joined by the unit separator, a control character that no attribute may contain.
    """
    return "\x1f".join(texts)


def _run(statement: str, parameters: list[object]) -> list[tuple[Any, ...]]:
    """Run a statement with its rows sent apart from the text, on Django's own connection."""
    connection.ensure_connection()
    with psycopg.Cursor(connection.connection) as cursor:
        return cursor.execute(statement, parameters).fetchall()
