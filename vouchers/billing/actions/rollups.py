"""Adds events to the sums of a subscription, month, meter, tier and day."""

from collections.abc import Iterable
from datetime import date

from vouchers.billing.actions.acceptance import Slot, contexts_of
from vouchers.billing.actions.connections import plain_cursor
from vouchers.billing.rules.events import Report

Key = tuple[int, date, str, int, date]
"""Subscription, month of the bill, meter, tier by length, day."""

ADD = """
INSERT INTO vouchers_usagerollup AS stored
    (subscription_id, month, meter, context_from, day, quantity, events, is_dirty)
SELECT *, true FROM unnest(%s::bigint[], %s::date[], %s::text[], %s::bigint[], %s::date[],
                           %s::numeric[], %s::bigint[])
ON CONFLICT (subscription_id, month, meter, context_from, day) DO UPDATE
SET quantity = stored.quantity + excluded.quantity,
    events = stored.events + excluded.events,
    is_dirty = true
"""


def add(entries: Iterable[tuple[Report, Slot]]) -> None:
    """Add stored events to their rollups, which thereby wait for the tick; in order of their keys."""
    rows = [(*key, *sums) for key, sums in sorted(_fold(entries).items())]
    with plain_cursor() as cursor:
        cursor.execute(ADD, [list(column) for column in zip(*rows, strict=True)])


def _fold(entries: Iterable[tuple[Report, Slot]]) -> dict[Key, list[int]]:
    """Quantity and number of events by key: first by slot and meter, then by what they share."""
    slots: dict[int, tuple[Slot, dict[tuple[str, int], list[int]]]] = {}
    for event, slot in entries:
        _slot, parts = slots.get(id(slot)) or slots.setdefault(id(slot), (slot, {}))
        contexts = (contexts_of(event, slot) if slot.is_tiered else None) or {}
        for meter, quantity in event.quantities.items():
            part = parts.get((meter, contexts.get(meter, 0)))
            if part is None:
                part = parts[meter, contexts.get(meter, 0)] = [0, 0]
            part[0] += quantity
            part[1] += 1
    sums: dict[Key, list[int]] = {}
    for slot, parts in slots.values():
        for (meter, context), (quantity, events) in parts.items():
            key = slot.subscription, slot.landed, meter, context, slot.day
            found = sums.setdefault(key, [0, 0])
            found[0] += quantity
            found[1] += events
    return sums
