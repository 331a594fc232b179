"""Adds events to the sums of a subscription, month, meter, tier and day."""

from collections.abc import Iterable
from datetime import date

import msgspec

from common.statements import plain_cursor
from vouchers.billing.actions.metering.acceptance import Slot
from vouchers.billing.actions.metering.sifting import Entry

Key = tuple[int, date, str, int, date]
"""Subscription, month of the bill, meter, tier by length, day."""

ROWS = """
json_to_recordset(%s::json) AS added(subscription_id bigint, month date, meter text,
    context_from bigint, day date, quantity numeric, events bigint)
"""
ADD = f"""
WITH added AS MATERIALIZED (
    SELECT * FROM {ROWS}
), summed AS (
    INSERT INTO vouchers_usagerollup AS stored
        (subscription_id, month, meter, context_from, day, quantity, events)
    SELECT * FROM added
    ON CONFLICT (subscription_id, month, meter, context_from, day) DO UPDATE
    SET quantity = stored.quantity + excluded.quantity,
        events = stored.events + excluded.events
)
INSERT INTO vouchers_unbilledusage (subscription_id, month)
SELECT DISTINCT subscription_id, month FROM added
"""  # noqa: S608 - text of ours
LOCK = f"""
SELECT FROM vouchers_usagerollup JOIN {ROWS}
USING (subscription_id, month, meter, context_from, day)
ORDER BY subscription_id, month, meter, context_from, day
FOR NO KEY UPDATE OF vouchers_usagerollup
"""
LESSEN = f"""
WITH summed AS (
    UPDATE vouchers_usagerollup AS stored
    SET quantity = stored.quantity + added.quantity, events = stored.events + added.events
    FROM {ROWS}
    WHERE (stored.subscription_id, stored.month, stored.meter, stored.context_from, stored.day)
        = (added.subscription_id, added.month, added.meter, added.context_from, added.day)
    RETURNING stored.subscription_id, stored.month
)
INSERT INTO vouchers_unbilledusage (subscription_id, month)
SELECT DISTINCT subscription_id, month FROM summed
"""  # noqa: S608 - text of ours


class Row(msgspec.Struct, order=True):
    """What a batch adds to a rollup, in base units."""

    subscription_id: int
    month: date
    meter: str
    context_from: int
    day: date
    quantity: int
    events: int


def add(entries: Iterable[Entry]) -> list[Row]:
    """Add stored events to their rollups, which thereby wait for the tick; in order of their keys.

    Returns what was added.

    What lessens a day in its own month finds the day's row there: a new row may not be negative.
    """
    rows = sorted(Row(*key, sum(sent), len(sent)) for key, sent in _gathered(entries).items())
    fewer = [row for row in rows if row.quantity < 0 and row.day >= row.month]
    more = [row for row in rows if row not in fewer] if fewer else rows
    with plain_cursor() as cursor:
        if fewer:
            cursor.execute(LOCK, [_spelled(rows)])
            cursor.execute(LESSEN, [_spelled(fewer)])
        if more:
            cursor.execute(ADD, [_spelled(more)])
    return rows


def _spelled(rows: list[Row]) -> str:
    return msgspec.json.encode(rows).decode()


def _gathered(entries: Iterable[Entry]) -> dict[Key, list[int]]:
    """Quantities by key: first by slot and meter, then by what they share."""
    gathered: dict[Key, list[int]] = {}
    slots: dict[int, tuple[Slot, dict[str, list[int]]]] = {}
    for entry in entries:
        slot = entry.slot
        contexts = entry.tiers() if slot.is_tiered or entry.corrects is not None else None
        if contexts:
            _gather_tiered(gathered, entry, contexts)
            continue
        known = slots.get(id(slot))
        if known is None:
            known = slots[id(slot)] = slot, {}
        sent = known[1]
        for meter, quantity in entry.event.quantities.items():
            if meter in sent:
                sent[meter].append(quantity)
            else:
                sent[meter] = [quantity]
    for slot, sent in slots.values():
        for meter, quantities in sent.items():
            key = slot.subscription, slot.landed, meter, 0, slot.day
            gathered.setdefault(key, []).extend(quantities)
    return gathered


def _gather_tiered(gathered: dict[Key, list[int]], entry: Entry, contexts: dict[str, int]) -> None:
    slot = entry.slot
    for meter, quantity in entry.event.quantities.items():
        key = slot.subscription, slot.landed, meter, contexts.get(meter, 0), slot.day
        gathered.setdefault(key, []).append(quantity)
