"""Months in addresses: 2026-05."""

from datetime import date

from django.urls import register_converter


class MonthConverter:
    """First day of a month; whatever is no month is no address."""

    regex = "[0-9]{4}-[0-9]{2}"

    def to_python(self, value: str) -> date:
        """Read 2026-05; ValueError makes it a 404."""
        return date.fromisoformat(f"{value}-01")

    def to_url(self, value: date | str) -> str:
        """Write the month; one that is written already stays as it is."""
        return value if isinstance(value, str) else f"{value:%Y-%m}"


register_converter(MonthConverter, "month")
