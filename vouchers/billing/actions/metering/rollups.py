"""Adds events to the sums of a subscription, month, meter, tier and day."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from vouchers.billing.actions.metering.acceptance import Slot
from vouchers.billing.actions.metering.connections import plain_cursor
from vouchers.billing.actions.metering.sifting import Entry

Key = tuple[int, date, str, int, date]
"""Subscription, month of the bill, meter, tier by length, day."""

COLUMNS = """
unnest(%s::bigint[], %s::date[], %s::text[], %s::bigint[], %s::date[], %s::numeric[], %s::bigint[])
    AS added(subscription_id, month, meter, context_from, day, quantity, events)
"""
ADD = f"""
INSERT INTO vouchers_usagerollup AS stored
    (subscription_id, month, meter, context_from, day, quantity, events, is_dirty)
SELECT *, true FROM {COLUMNS}
ON CONFLICT (subscription_id, month, meter, context_from, day) DO UPDATE
SET quantity = stored.quantity + excluded.quantity,
    events = stored.events + excluded.events,
    is_dirty = true
"""  # noqa: S608 - text of ours
LOCK = f"""
SELECT FROM vouchers_usagerollup JOIN {COLUMNS}
USING (subscription_id, month, meter, context_from, day)
ORDER BY subscription_id, month, meter, context_from, day
FOR NO KEY UPDATE OF vouchers_usagerollup
"""
LESSEN = f"""
UPDATE vouchers_usagerollup AS stored
SET quantity = stored.quantity + added.quantity, events = stored.events + added.events,
    is_dirty = true
FROM {COLUMNS}
WHERE (stored.subscription_id, stored.month, stored.meter, stored.context_from, stored.day)
    = (added.subscription_id, added.month, added.meter, added.context_from, added.day)
"""  # noqa: S608 - text of ours


def add(entries: Iterable[Entry]) -> None:
    """Add stored events to their rollups, which thereby wait for the tick; in order of their keys.

    What lessens a day in its own month finds the day's row there: a new row may not be negative.
    """
    rows: list[tuple[Any, ...]] = [(*key, *sums) for key, sums in sorted(_fold(entries).items())]
    fewer = [row for row in rows if row[5] < 0 and row[4] >= row[1]]
    more = [row for row in rows if row not in fewer] if fewer else rows
    with plain_cursor() as cursor:
        if fewer:
            cursor.execute(LOCK, _columns(rows))
            cursor.execute(LESSEN, _columns(fewer))
        if more:
            cursor.execute(ADD, _columns(more))


def _columns(rows: list[tuple[Any, ...]]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]


def _fold(entries: Iterable[Entry]) -> dict[Key, list[int]]:
    """Quantity and number of events by key: first by slot and meter, then by what they share."""
    sums: dict[Key, list[int]] = {}
    slots: dict[int, tuple[Slot, dict[str, list[int]]]] = {}
    for entry in entries:
        slot = entry.slot
        if slot.is_tiered or entry.corrects is not None:
            _add_tiered(sums, entry)
            continue
        known = slots.get(id(slot))
        if known is None:
            known = slots[id(slot)] = slot, {}
        parts = known[1]
        for meter, quantity in entry.event.quantities.items():
            part = parts.get(meter)
            if part is None:
                parts[meter] = [quantity, 1]
            else:
                part[0] += quantity
                part[1] += 1
    for slot, parts in slots.values():
        for meter, (quantity, events) in parts.items():
            _add(sums, (slot.subscription, slot.landed, meter, 0, slot.day), quantity, events)
    return sums


def _add_tiered(sums: dict[Key, list[int]], entry: Entry) -> None:
    contexts, slot = entry.tiers() or {}, entry.slot
    for meter, quantity in entry.event.quantities.items():
        key = slot.subscription, slot.landed, meter, contexts.get(meter, 0), slot.day
        _add(sums, key, quantity, 1)


def _add(sums: dict[Key, list[int]], key: Key, quantity: int, events: int) -> None:
    found = sums.setdefault(key, [0, 0])
    found[0] += quantity
    found[1] += events
