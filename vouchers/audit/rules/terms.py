"""By when a debt is to be paid back, and when its debtor is told again."""

from datetime import date, timedelta

TERM = timedelta(days=30)
"""From the day of the second signature; the day after the last one the debt is overdue."""
WARNED_BEFORE = timedelta(days=7)
TOLD_AGAIN = 30
"""Days between two messages about an overdue debt."""


def last_day(decided: date) -> date:
    """The last day on which the debt is paid in time."""
    return decided + TERM


def occasion(*, last: date, today: date) -> str:
    """What to tell today: "soon" within the last week, "overdue-0" once late, "overdue-1" 30 days later; else "".

    The same word each day until the next occasion: whoever tells each word once misses none on a day without a tick.
    """
    if today > last:
        return f"overdue-{((today - last).days - 1) // TOLD_AGAIN}"
    return "soon" if today >= last - WARNED_BEFORE else ""
