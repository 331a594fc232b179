"""In which month's bill usage stands: its own, or the first open one when that is closed."""

from collections.abc import Collection
from datetime import date, datetime, timedelta

from common.periods import local_day, month_start, next_month
from vouchers.billing.actions import periods
from vouchers.billing.actions.metering.sifting import Entry
from vouchers.billing.rules import digests
from vouchers.billing.rules.events import Refusal

MAX_AGE = timedelta(days=92)
"""How old an event of a closed month may be; older ones are refused (docs/money.md)."""


def hold(months: Collection[date], *, closed: Collection[date], at: datetime) -> dict[date, date]:
    """The month in whose bill the usage of each month stands, held open until commit.

    `closed` are those known to be. Locks months in order (`periods.hold_open`): the usage's own,
    or all from the first that is open to the present one. The present month cannot be closed, so
    there always is one. Each month of `months` gets its partition of events.
    """
    if not months:
        return {}
    present = month_start(local_day(at))
    closed = set(closed)
    landed = {month: _first_open(month, closed) for month in months}
    wanted = set(landed.values())
    if any(month != target for month, target in landed.items()):
        wanted |= _range(min(wanted), max(*wanted, present))
    while just_closed := periods.hold_open(sorted(wanted), used=months) & set(landed.values()):
        closed |= just_closed
        landed = {month: _first_open(month, closed) for month in months}
        wanted = _range(min(landed.values()), max(*landed.values(), present))
    return landed


def land(
    entries: list[Entry],
    *,
    closed: Collection[date],
    refused: dict[int, Refusal],
    at: datetime,
) -> list[Entry]:
    """Say in each entry's slot where it stands; those of a closed month that are too old are out.

    `refused` learns of those.
    """
    slots = {id(entry.slot): entry.slot for entry in entries}.values()
    landed = hold({slot.month for slot in slots}, closed=closed, at=at)
    for slot in slots:
        slot.landed = landed[slot.month]
    if all(slot.landed == slot.month for slot in slots):
        return entries
    oldest = digests.micros(at - MAX_AGE)
    taken = []
    for entry in entries:
        if entry.slot.landed != entry.slot.month and entry.moment < oldest:
            refused[entry.index] = Refusal.TOO_LATE
        else:
            taken.append(entry)
    return taken


def _first_open(month: date, closed: Collection[date]) -> date:
    while month in closed:
        month = next_month(month)
    return month


def _range(first: date, last: date) -> set[date]:
    found = set()
    while first <= last:
        found.add(first)
        first = next_month(first)
    return found
