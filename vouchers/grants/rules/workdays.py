"""Working days: Monday to Friday, with the holidays and make-up days that the State Council orders each year.

The calendar comes from the `holidays` library, which keeps the yearly orders (for 2026: 国办发明电〔2025〕7号). For
a year whose order is not out yet it has the statutory holidays only (国务院令第795号), so a deadline that far off
may still move by a make-up day.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import islice

from holidays import country_holidays

DAY = timedelta(days=1)
_calendar = country_holidays("CN")


def is_working(day: date) -> bool:
    """Whether offices work on that day."""
    return bool(_calendar.is_working_day(day))


def after(day: date, working_days: int) -> date:
    """The n-th working day after a day; the day itself does not count. n is at least 1."""
    return next(islice(_working(day + DAY, DAY), working_days - 1, None))


def latest_start(today: date, working_days: int) -> date:
    """The latest day whose n-th working day lies before today: what began then or earlier is overdue."""
    return next(islice(_working(today - DAY, -DAY), working_days - 1, None)) - DAY


def _working(first: date, step: timedelta) -> Iterator[date]:
    day = first
    while True:
        if is_working(day):
            yield day
        day += step
