"""Windows of idle machines: stretches of time that repeat daily, and how much of a civil day they take."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")
DAY = timedelta(days=1)
MOST_DAYS = 366


@dataclass(frozen=True, slots=True)
class Span:
    """From `starts`, included, to `ends`, excluded."""

    starts: datetime
    ends: datetime

    def seconds_within(self, starts: datetime, ends: datetime) -> int:
        """Whole seconds of it that lie between two moments, rounded down."""
        shared = min(self.ends, ends) - max(self.starts, starts)
        return max(int(shared.total_seconds()), 0)


def repeated(starts: datetime, ends: datetime, days: int) -> list[Span]:
    """The same stretch on so many days in a row; Asia/Shanghai has no summer time."""
    return [Span(starts + DAY * number, ends + DAY * number) for number in range(days)]


def seconds_by_day(spans: Iterable[Span]) -> dict[date, int]:
    """How many seconds of each civil day the spans take."""
    found: dict[date, int] = defaultdict(int)
    for span in spans:
        day = span.starts.astimezone(ZONE).date()
        while True:
            begins = datetime(day.year, day.month, day.day, tzinfo=ZONE)
            if begins >= span.ends:
                break
            found[day] += span.seconds_within(begins, begins + DAY)
            day += DAY
    return found
