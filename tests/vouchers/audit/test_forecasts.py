"""The day a budget runs out, against dates reckoned by hand."""

from datetime import date, timedelta

import pytest

from vouchers.audit.rules.forecasts import Forecast, Reason, forecast

TODAY = date(2026, 10, 1)


def weekly(*sums: int, today: date = TODAY) -> dict[date, int]:
    """One movement in each week before today, the oldest first, on the week's third day."""
    return {
        today - timedelta(days=7 * (len(sums) - number) - 2): fen for number, fen in enumerate(sums)
    }


def told(found: Forecast) -> tuple[str, date | None, date | None, date | None]:
    return found.reason.value, found.earliest, found.runs_out, found.latest


def test_even_spending_ends_on_one_day() -> None:
    found = forecast(
        left_fen=300, spent=weekly(*[70] * 8), first=date(2026, 1, 1), today=TODAY
    )  # 10 a day: today and 29 more days

    assert told(found) == ("forecast", date(2026, 10, 30), date(2026, 10, 30), date(2026, 10, 30))
    assert (found.weeks, found.spent_fen, found.per_week_fen) == (8, 560, 70)


def test_bounds_come_from_the_fastest_and_slowest_four_weeks() -> None:
    spent = weekly(0, 0, 28, 28, 56, 84, 112, 84)
    # all: 392 in 56 days = 7 a day; 56+84+112+84 = 336 in 28 = 12 a day; 0+0+28+28 = 56 in 28 = 2 a day

    found = forecast(left_fen=85, spent=spent, first=date(2026, 1, 1), today=TODAY)

    # 85/7 = 12.1 → 13th day; 85/12 = 7.1 → 8th; 85/2 = 42.5 → 43rd
    assert told(found) == ("forecast", date(2026, 10, 8), date(2026, 10, 13), date(2026, 11, 12))


def test_last_fen_decides_between_two_days() -> None:
    spent = weekly(*[70] * 8)

    days = [
        forecast(left_fen=left, spent=spent, first=date(2026, 1, 1), today=TODAY).runs_out
        for left in (10, 11)
    ]

    assert days == [date(2026, 10, 1), date(2026, 10, 2)]


def test_today_and_what_is_older_than_eight_weeks_do_not_count() -> None:
    spent = weekly(*[70] * 8) | {TODAY: 10_000, TODAY - timedelta(days=57): 10_000}

    found = forecast(left_fen=300, spent=spent, first=date(2026, 1, 1), today=TODAY)

    assert found.runs_out == date(2026, 10, 30)


def test_slow_weeks_that_never_end_it_leave_the_late_bound_open() -> None:
    found = forecast(
        left_fen=28, spent=weekly(-7, 0, 0, 0, 28, 28, 28, 28), first=date(2026, 1, 1), today=TODAY
    )  # 105 in 56 days; 112 in 28 = 4 a day; −7 in 28

    # 28·56/105 = 14.9 → 15th day; 28/4 → 7th
    assert told(found) == ("forecast", date(2026, 10, 7), date(2026, 10, 15), None)


@pytest.mark.parametrize(
    ("left_fen", "spent", "first", "reason"),
    [
        (0, weekly(*[70] * 8), date(2026, 1, 1), Reason.EXHAUSTED),
        (10, weekly(70, 70, 70), date(2026, 9, 4), Reason.TOO_YOUNG),  # 27 days: three weeks
        (10, {}, None, Reason.TOO_YOUNG),
        (10, {}, date(2026, 9, 3), Reason.STANDS_STILL),  # 28 days: four weeks, nothing spent
        (10, weekly(0, 0, 0, 0, 70, 0, 0, -70), date(2026, 1, 1), Reason.STANDS_STILL),
        (10**9, weekly(*[1] * 8), date(2026, 1, 1), Reason.TOO_FAR),
    ],
)
def test_no_forecast_says_why(
    left_fen: int, spent: dict[date, int], first: date | None, reason: Reason
) -> None:
    found = forecast(left_fen=left_fen, spent=spent, first=first, today=TODAY)

    assert told(found) == (reason.value, None, None, None)


def test_four_weeks_are_enough_and_are_all_that_is_read() -> None:
    found = forecast(left_fen=20, spent=weekly(70, 70, 70, 70), first=date(2026, 9, 3), today=TODAY)

    assert told(found) == ("forecast", date(2026, 10, 2), date(2026, 10, 2), date(2026, 10, 2))
    assert found.weeks == 4
