"""What offerings delivered in a month, held against the capacity that they state for it."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import TypeVar

import msgspec

from common.periods import month_start
from common.statements import plain_cursor
from vouchers.billing.actions.metering import rollups
from vouchers.billing.actions.metering.sifting import Entry
from vouchers.billing.actions.metering.usage_caps import BoundPassed, Cap
from vouchers.billing.rules.events import Refusal

Place = tuple[int, date, str]
"""Offering, civil month of the usage, meter."""
Key = TypeVar("Key", Place, Cap)

ADDED = """
added AS (SELECT * FROM json_to_recordset(%s::json)
          AS sent(offering_id bigint, month date, meter text, quantity numeric))
"""
ADD = f"""
WITH {ADDED}, written AS (
    INSERT INTO vouchers_deliveredusage AS stored (offering_id, month, meter, quantity)
    SELECT offering_id, month, meter, quantity FROM added
    ON CONFLICT (offering_id, month, meter) DO UPDATE
    SET quantity = stored.quantity + excluded.quantity
    RETURNING offering_id, month, meter, quantity
)
SELECT FROM written JOIN added USING (offering_id, month, meter)
JOIN providers_capacity USING (offering_id, month, meter)
WHERE added.quantity > 0 AND written.quantity > total_units LIMIT 1
"""  # noqa: S608 - text of ours
LOCK = f"""
WITH {ADDED}
SELECT FROM vouchers_deliveredusage JOIN added USING (offering_id, month, meter)
ORDER BY offering_id, month, meter FOR NO KEY UPDATE OF vouchers_deliveredusage
"""
LESSEN = f"""
WITH {ADDED}
UPDATE vouchers_deliveredusage AS stored SET quantity = stored.quantity + added.quantity FROM added
WHERE (stored.offering_id, stored.month, stored.meter)
    = (added.offering_id, added.month, added.meter)
"""  # noqa: S608 - text of ours
LEFT = """
SELECT offering_id, month, meter,
       greatest(total_units - coalesce(quantity, 0), 0)::bigint
FROM providers_capacity LEFT JOIN vouchers_deliveredusage USING (offering_id, month, meter)
WHERE offering_id = ANY(%s)
"""


class Row(msgspec.Struct):
    """What a batch adds to a month of an offering, in base units."""

    offering_id: int
    month: date
    meter: str
    quantity: int


class Rooms:
    """What is left of capacities and of caps, in base units, given to events in their order.

    A later event may fit where an earlier, larger one did not. Where none is stated all fits.
    `passed` are the caps for which an event was refused.
    """

    def __init__(self, left: dict[Place, int], caps: dict[Cap, int]) -> None:
        self._left, self._caps = dict(left), dict(caps)
        self._offerings = {offering for offering, _month, _meter in left}
        self._capped = {subscription for subscription, _meter in caps}
        self.passed: set[Cap] = set()

    def fit(self, entries: Sequence[Entry], refused: dict[int, Refusal]) -> list[Entry]:
        """The events for which there is room on every meter; `refused` learns of the others."""
        if not self._left and not self._caps:
            return list(entries)
        taken = []
        for entry in entries:
            slot = entry.slot
            is_bound = slot.offering in self._offerings or slot.subscription in self._capped
            refusal = self._refusal(entry) if is_bound else None
            if refusal is None:
                taken.append(entry)
            else:
                refused[entry.index] = refusal
        return taken

    def _refusal(self, entry: Entry) -> Refusal | None:
        """Take the room that the event needs, or say what it would pass and take none."""
        slot, sent = entry.slot, entry.event.quantities
        places = {(slot.offering, slot.month, meter): sent[meter] for meter in sent}
        caps = {(slot.subscription, meter): sent[meter] for meter in sent}
        if _passed(self._left, places):
            return Refusal.ABOVE_CAPACITY
        if passed := _passed(self._caps, caps):
            self.passed.update(passed)
            return Refusal.ABOVE_CAP
        _take(self._left, places)
        _take(self._caps, caps)
        return None


def _passed(left: Mapping[Key, int], wanted: Mapping[Key, int]) -> list[Key]:
    return [key for key, units in wanted.items() if units > 0 and units > left.get(key, units)]


def _take(left: dict[Key, int], wanted: Mapping[Key, int]) -> None:
    for key, units in wanted.items():
        if key in left:
            left[key] -= units


def left(offerings: Collection[int]) -> dict[Place, int]:
    """What is left of the capacities stated for the offerings, as committed by now."""
    with plain_cursor() as cursor:
        rows = cursor.execute(LEFT, [sorted(offerings)]).fetchall()
    return {(offering, month, meter): units for offering, month, meter, units in rows}


def add(summed: Iterable[rollups.Row], offering_of: Mapping[int, int]) -> None:
    """Add what rollups took in to what offerings delivered; locks those rows, in order, until commit.

    Comes last in a transaction: whoever holds one of these rows waits for nothing else. Raises
    BoundPassed, also when batches that ran at the same time pass a capacity only together.
    """
    sums: Counter[Place] = Counter()
    for row in summed:
        sums[offering_of[row.subscription_id], month_start(row.day), row.meter] += row.quantity
    rows = [Row(*place, quantity) for place, quantity in sorted(sums.items())]
    fewer = [row for row in rows if row.quantity < 0]
    more = [row for row in rows if row.quantity >= 0]
    with plain_cursor() as cursor:
        if fewer:  # what they lessen is there, and a new row may not be negative
            cursor.execute(LOCK, [_spelled(rows)])
            cursor.execute(LESSEN, [_spelled(fewer)])
        if more and cursor.execute(ADD, [_spelled(more)]).fetchone() is not None:
            raise BoundPassed


def _spelled(rows: list[Row]) -> str:
    return msgspec.json.encode(rows).decode()
