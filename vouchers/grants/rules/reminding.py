"""When the holder of a voucher is reminded of its last day."""

from datetime import date

THRESHOLDS = (30, 14, 7, 1)
"""Days before the last day, by the civil calendar of Asia/Shanghai."""


def due(*, last_day: date, today: date, reached: frozenset[int]) -> int | None:
    """The threshold to remind of today, or None.

    Only the nearest threshold that has been reached counts: days on which nobody looked are made good by one
    reminder, not by several. `reached` are those already reminded of for this last day, so an extension begins anew.
    """
    left = (last_day - today).days
    if left < 0:
        return None
    nearest = min((days for days in THRESHOLDS if left <= days), default=None)
    return None if nearest in reached else nearest
