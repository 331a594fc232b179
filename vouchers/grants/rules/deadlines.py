"""Last days counted in working days of mainland China: weekends and public holidays do not count, make-up days do."""

from datetime import date
from functools import cache

import holidays


@cache
def _calendar() -> holidays.HolidayBase:
    return holidays.country_holidays("CN")


def working_day_after(day: date, working_days: int) -> date:
    """The last day of a period of working days that begins on the day after `day`."""
    return _calendar().get_nth_working_day(day, working_days)
