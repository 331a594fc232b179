"""When an enterprise is told that money runs low or that its budget is used up.

All amounts are integer fen; hours and percentages are whole and rounded down, and the decisions are
taken on the exact figures.
"""

from collections.abc import Collection
from dataclasses import dataclass

LOW_HOURS = 72
"""Told when what is left lasts for less than these hours at the current rate."""

LOW_PERCENT = 10
"""Told when no more than this share of the face value, or of the latest payment in, is left."""

BUDGET_STEPS = (50, 80, 100)
"""Percentages of a month's budget that are told."""

DAY_HOURS = 24
WEEK_HOURS = 7 * DAY_HOURS


@dataclass(frozen=True, slots=True)
class Pot:
    """Money that pays for usage: what is left, what it was, what went in 24 hours and in 7 days."""

    left_fen: int
    full_fen: int
    day_fen: int
    week_fen: int


def hours_left(pot: Pot) -> int | None:
    """Whole hours that a pot lasts at the current rate; None while nothing is spent.

    The current rate is the faster one of the last 24 hours and of the last 7 days, so that neither
    a sudden rise nor a quiet day hides what is coming.
    """
    rates = ((pot.day_fen, DAY_HOURS), (pot.week_fen, WEEK_HOURS))
    return min((pot.left_fen * hours // fen for fen, hours in rates if fen > 0), default=None)


def lasts_too_short(pot: Pot) -> bool:
    """Tell whether it lasts for less than LOW_HOURS at the current rate."""
    hours = hours_left(pot)
    return hours is not None and hours < LOW_HOURS


def is_nearly_empty(pot: Pot) -> bool:
    """Tell whether it is being spent and LOW_PERCENT of it or less is left."""
    return hours_left(pot) is not None and pot.left_fen * 100 <= pot.full_fen * LOW_PERCENT


def percent_used(*, spent_fen: int, budget_fen: int) -> int:
    """Whole percent of a budget above zero that is used."""
    return spent_fen * 100 // budget_fen


def budget_step(*, spent_fen: int, budget_fen: int, told: Collection[int]) -> int | None:
    """The step to tell of, or None.

    Only the highest step that was reached counts: steps passed between two looks are one message.
    `told` are those told already; a lower one is never told after a higher one.
    """
    used = percent_used(spent_fen=spent_fen, budget_fen=budget_fen)
    highest = max((step for step in BUDGET_STEPS if used >= step), default=0)
    return highest if highest > max(told, default=0) else None
