"""Billing periods: calendar months and days in the zone of the money, Asia/Shanghai."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")


def local_day(at: datetime) -> date:
    """The civil day of a moment in Asia/Shanghai."""
    return at.astimezone(ZONE).date()


def month_start(day: date) -> date:
    """First day of the month; it names the billing period."""
    return day.replace(day=1)


def next_month(first: date) -> date:
    """First day of the following month."""
    return (first.replace(day=28) + timedelta(days=4)).replace(day=1)


def add_months(day: date, months: int) -> date:
    """Same day `months` later, clipped to the month's last day (GB convention for validity)."""
    index = day.year * 12 + day.month - 1 + months
    first = date(index // 12, index % 12 + 1, 1)
    last = next_month(first) - timedelta(days=1)
    return min(first.replace(day=min(day.day, last.day)), last)


def start_of_day(day: date) -> datetime:
    """The first moment of a civil day."""
    return datetime.combine(day, time.min, tzinfo=ZONE)


def end_of_day(day: date) -> datetime:
    """The first moment after a civil day."""
    return start_of_day(day + timedelta(days=1))
