"""Working days follow the State Council's calendar."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vouchers.grants.rules import workdays


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 10, 1), False),  # National Day
        (date(2026, 10, 6), False),  # a Tuesday off, made up for on the 20th of September
        (date(2026, 9, 20), True),  # a Sunday worked
        (date(2026, 10, 10), True),  # a Saturday worked
        (date(2026, 2, 14), True),  # a Saturday worked before the Spring Festival
        (date(2026, 2, 16), False),
        (date(2026, 10, 12), True),
        (date(2026, 10, 17), False),
    ],
)
def test_holidays_and_make_up_days(day: date, expected: bool) -> None:
    assert workdays.is_working(day) is expected


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        (date(2026, 10, 12), 1, date(2026, 10, 13)),
        (date(2026, 10, 12), 5, date(2026, 10, 19)),
        (date(2026, 10, 16), 1, date(2026, 10, 19)),
        (date(2026, 9, 30), 1, date(2026, 10, 8)),
        (date(2026, 10, 8), 2, date(2026, 10, 10)),
    ],
)
def test_the_day_itself_does_not_count(day: date, count: int, expected: date) -> None:
    assert workdays.after(day, count) == expected


@given(st.dates(date(2025, 1, 1), date(2026, 12, 31)), st.integers(1, 30))
def test_latest_start_is_the_border_of_being_overdue(today: date, count: int) -> None:
    border = workdays.latest_start(today, count)

    assert workdays.after(border, count) < today
    assert workdays.after(border + timedelta(days=1), count) >= today
