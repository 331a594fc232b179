"""When a budget runs out if it goes on as in the last weeks: a straight line, with the reason where there is none.

The rule in words: take the last eight complete weeks before today (fewer while the scheme is young, never fewer than
four). What was spent in them, net of what came back, divided by their days is the rate; from today on the rest is
spent at that rate. The early bound uses the four neighboring weeks in which most was spent, the late bound those in
which least was. Exact fractions, no rounding but the last: the day on which the last fen goes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

WEEK = 7
MOST_WEEKS = 8
LEAST_WEEKS = 4
"""Both the least history and the length of the stretches that give the bounds."""
FARTHEST = timedelta(days=10 * 366)
"""A straight line drawn further than ten years says nothing."""


class Reason(StrEnum):
    """What the forecast is, or why there is none."""

    FORECAST = "forecast"
    EXHAUSTED = "exhausted"
    TOO_YOUNG = "too_young"
    STANDS_STILL = "stands_still"
    TOO_FAR = "too_far"


@dataclass(frozen=True, slots=True)
class Forecast:
    """The day on which nothing is left, between an early and a late bound; amounts in fen.

    `spent_fen` in `weeks` complete weeks is what the rate comes from. `latest` is None where the slowest weeks would
    never end it. Without a forecast the days are None and `reason` says why.
    """

    reason: Reason
    left_fen: int
    weeks: int = 0
    spent_fen: int = 0
    runs_out: date | None = None
    earliest: date | None = None
    latest: date | None = None

    @property
    def per_week_fen(self) -> int:
        """What a week took on average, rounded down: for reading, nothing is reckoned with it."""
        return self.spent_fen // self.weeks if self.weeks else 0


def forecast(
    *, left_fen: int, spent: Mapping[date, int], first: date | None, today: date
) -> Forecast:
    """When `left_fen` are gone. `spent` are net changes by day, `first` the day on which spending could begin.

    Today is not complete and does not count for the rate.
    """
    if left_fen <= 0:
        return Forecast(Reason.EXHAUSTED, left_fen)
    weeks = min(MOST_WEEKS, (today - first).days // WEEK) if first else 0
    if weeks < LEAST_WEEKS:
        return Forecast(Reason.TOO_YOUNG, left_fen, weeks)
    sums = _weekly(spent, weeks, today)
    total_fen = sum(sums)
    stretches = [sum(sums[start : start + LEAST_WEEKS]) for start in range(weeks - LEAST_WEEKS + 1)]
    if total_fen <= 0:
        return Forecast(Reason.STANDS_STILL, left_fen, weeks, total_fen)
    runs_out = _day(left_fen, total_fen, weeks, today)
    if runs_out is None:
        return Forecast(Reason.TOO_FAR, left_fen, weeks, total_fen)
    return Forecast(
        Reason.FORECAST, left_fen, weeks, total_fen, runs_out,
        _day(left_fen, max(stretches), LEAST_WEEKS, today),
        _day(left_fen, min(stretches), LEAST_WEEKS, today),
    )  # fmt: skip


def _weekly(spent: Mapping[date, int], weeks: int, today: date) -> list[int]:
    """What each complete week before today spent, the oldest first."""
    sums = [0] * weeks
    begins = today - timedelta(days=WEEK * weeks)
    for day, fen in spent.items():
        if begins <= day < today:
            sums[(day - begins).days // WEEK] += fen
    return sums


def _day(left_fen: int, spent_fen: int, weeks: int, today: date) -> date | None:
    """The day on which the last fen goes; None for never and for too far away."""
    if spent_fen <= 0:
        return None
    days = -(-left_fen * WEEK * weeks // spent_fen)
    if days > FARTHEST.days:
        return None
    return today + timedelta(days=days - 1)
