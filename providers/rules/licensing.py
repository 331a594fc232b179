"""When a provider's licenses let it take new orders, and when people are reminded of them."""

from collections.abc import Iterable
from datetime import date, timedelta

THRESHOLDS = (30, 14, 7, 1)
"""Days before the last day, by the civil calendar of Asia/Shanghai."""
CHECK_EVERY = timedelta(days=365)
"""After so long the bureau looks at a license again, at its last day at the latest."""


def check_due_on(verified_on: date, expires_on: date) -> date:
    """When a license that was verified that day is looked at again."""
    return min(verified_on + CHECK_EVERY, expires_on)


def valid_until(verified: Iterable[tuple[str, date]]) -> date | None:
    """The last day on which every kind of license is valid; `verified` are kinds and last days.

    Of each kind the latest counts; None where none was verified.
    """
    latest: dict[str, date] = {}
    for kind, last_day in verified:
        latest[kind] = max(last_day, latest.get(kind, last_day))
    return min(latest.values(), default=None)


def reminder_due(last_day: date, today: date, reached: frozenset[int]) -> int | None:
    """The threshold to remind of today, or None.

    Only the nearest threshold that has been reached counts, so days on which nobody looked are made
    good by one reminder.
    """
    left = (last_day - today).days
    if left < 0:
        return None
    nearest = min((days for days in THRESHOLDS if left <= days), default=None)
    return None if nearest in reached else nearest
