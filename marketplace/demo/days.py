"""The demonstration's time: three full months before today, and the running one."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from common.periods import ZONE, add_months, month_start, next_month


@dataclass(frozen=True, slots=True)
class Calendar:
    """Days are civil days in Asia/Shanghai; `today` is when the story ends."""

    today: date

    @property
    def months(self) -> list[date]:
        """First days of the three full months with usage, oldest first."""
        first = month_start(self.today)
        return [add_months(first, -3), add_months(first, -2), add_months(first, -1)]

    @property
    def launch(self) -> date:
        """When bureaus, schemes and providers begin: two months before the first usage."""
        return add_months(self.months[0], -2)

    def days(self, month: date) -> list[date]:
        """Days of a month up to yesterday."""
        last = min(next_month(month), self.today)
        return [month + timedelta(days=offset) for offset in range((last - month).days)]


def moment(day: date, hour: int = 10, minute: int = 0) -> datetime:
    """A moment on a civil day in Asia/Shanghai."""
    return datetime.combine(day, time(hour, minute), tzinfo=ZONE)
