"""When a trial is over and when it nearly is: by the day, or by any of its meters."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

NOTICE = timedelta(days=2)
"""How long before its last moment a trial is told to end."""

NOTICE_PERCENT = 80
"""From how much of a meter's cap on."""


class Ending(StrEnum):
    """Why a trial ended."""

    TIME = "time"
    CAP = "cap"
    STOPPED = "stopped"
    ORDERED = "ordered"


def used_percent(cap: Mapping[str, int], used: Mapping[str, int]) -> int:
    """How much of the meter that is used most, in whole percent, rounded down."""
    return max((100 * used.get(meter, 0) // units for meter, units in cap.items()), default=0)


def ending(
    cap: Mapping[str, int],
    used: Mapping[str, int],
    *,
    is_passed: bool,
    ends_at: datetime,
    at: datetime,
) -> Ending | None:
    """Why it has to end now; None while it runs on.

    `is_passed`: a report was refused because with it a cap would have been passed.
    """
    if at >= ends_at:
        return Ending.TIME
    return Ending.CAP if is_passed or used_percent(cap, used) >= 100 else None


def is_near(
    cap: Mapping[str, int], used: Mapping[str, int], *, ends_at: datetime, at: datetime
) -> bool:
    """Whether the firm is to be told that it ends soon."""
    return at >= ends_at - NOTICE or used_percent(cap, used) >= NOTICE_PERCENT
