"""Takes corrections: signed changes of what an earlier event reported, on its own day."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

import msgspec

from common.statements import plain_cursor
from vouchers.billing.actions.metering import event_log, landing
from vouchers.billing.actions.metering.acceptance import UNPRICED, Acceptance
from vouchers.billing.actions.metering.deliveries import Rooms
from vouchers.billing.actions.metering.rollups import Row
from vouchers.billing.actions.metering.sifting import Correcting, Entry
from vouchers.billing.models import UsageCorrection
from vouchers.billing.rules import digests
from vouchers.billing.rules.events import Refusal

LOCK = """
SELECT key FROM vouchers_usagekey WHERE key = ANY(%s::uuid[]) ORDER BY key FOR NO KEY UPDATE
"""
# The moment of receipt leads to a few pages of each partition; LIMIT keeps the planner to that way.
ORIGINALS = """
SELECT encode(uuid_send(k.key), 'hex'), e.subscription_id, e.occurred_at, e.quantities::text,
       coalesce(e.contexts, '{}')::text, e.corrects IS NOT NULL
FROM vouchers_usagekey k CROSS JOIN LATERAL (
    SELECT * FROM vouchers_usageevent
    WHERE received_at = k.received_at AND key = k.key LIMIT 1
) AS e
WHERE k.key = ANY(%s::uuid[])
"""
EARLIER = """
SELECT encode(uuid_send(original_id), 'hex'), part.key, sum(part.value::bigint)
FROM vouchers_usagecorrection CROSS JOIN LATERAL jsonb_each_text(quantities) AS part
WHERE original_id = ANY(%s::uuid[]) GROUP BY 1, 2
"""


class Original(msgspec.Struct):
    """A stored event; `quantities` with all its corrections so far."""

    subscription: int
    occurred_at: datetime
    quantities: dict[str, int]
    contexts: dict[str, int]
    is_correction: bool


def lock(originals: Iterable[bytes]) -> None:
    """Lock the stored ones in order of their keys, so that corrections of an event queue up."""
    asked = _hex(originals)
    if asked:
        with plain_cursor() as cursor:
            cursor.execute(LOCK, [asked])


def append(
    *,
    corrections: Sequence[Correcting],
    acceptance: Acceptance,
    rooms: Rooms,
    refused: dict[int, Refusal],
    at: datetime,
    summed: list[Row],
    carefully: bool,
) -> set[bytes]:
    """Store the corrections that may be, and return their keys; `refused` learns of the others.

    Their originals are locked or of the same transaction. A correction stands on its original's day
    and in its tier; a meter's sum with all corrections stays between zero and what one event may
    report. Raises what `event_log.append` does.
    """
    if not corrections:
        return set()
    originals = _originals({each.original for each in corrections})
    entries = []
    for each in corrections:
        entry = _taken(each, originals.get(each.original), acceptance)
        if isinstance(entry, Refusal):
            refused[each.index] = entry
        else:
            entries.append(entry)
    entries = landing.land(entries, closed=acceptance.closed, refused=refused, at=at)
    entries = rooms.fit(entries, refused)
    added = event_log.append(
        provider=acceptance.provider, entries=entries, at=at, summed=summed, carefully=carefully
    )
    UsageCorrection.objects.bulk_create(
        UsageCorrection(
            key_id=entry.key.hex(),
            original_id=(entry.corrects or b"").hex(),
            reported_at=entry.event.time,
            quantities=entry.event.quantities,
        )
        for entry in entries
        if entry.key in added
    )
    return added


def _taken(each: Correcting, original: Original | None, acceptance: Acceptance) -> Entry | Refusal:
    event = each.event
    if acceptance.is_ahead(each.moment):
        return Refusal.TIME_IN_FUTURE
    subscription = acceptance.subscription_of(event.subscription)
    if subscription is None:
        return Refusal.UNKNOWN_SUBSCRIPTION
    if original is None or original.subscription != subscription:
        return Refusal.UNKNOWN_ORIGINAL
    if original.is_correction:
        return Refusal.CORRECTION_OF_CORRECTION
    moment = digests.micros(original.occurred_at)
    slot = acceptance.slot(event.source, event.subscription, original.occurred_at, moment)
    sums = dict(original.quantities)
    for meter, quantity in event.quantities.items():
        if meter not in sums or sums[meter] + quantity < 0:
            return Refusal.CORRECTION_TOO_LARGE
        sums[meter] += quantity
        limit = acceptance.bound(slot, meter).limit
        if quantity > 0 and limit != UNPRICED and sums[meter] > limit:
            return Refusal.ABOVE_CAPACITY
    original.quantities = sums
    return Entry(
        each.index,
        event,
        each.key,
        each.content,
        moment,
        each.quantities,
        slot,
        each.original,
        original.contexts,
    )


def _originals(keys: Collection[bytes]) -> dict[bytes, Original]:
    asked = _hex(keys)
    with plain_cursor() as cursor:
        rows = cursor.execute(ORIGINALS, [asked]).fetchall()
        decode = msgspec.json.decode
        found = {
            bytes.fromhex(key): Original(
                subscription, occurred_at, decode(quantities), decode(contexts), is_correction
            )
            for key, subscription, occurred_at, quantities, contexts, is_correction in rows
        }
        for key, meter, quantity in cursor.execute(EARLIER, [asked]):
            found[bytes.fromhex(key)].quantities[meter] += int(quantity)
    return found


def _hex(keys: Iterable[bytes]) -> list[str]:
    return sorted(key.hex() for key in keys)
