"""The capacity calendar: what each offering has left in this month and the five after it."""

from dataclasses import dataclass
from datetime import date

from accounts.access import Actor
from common.periods import next_month
from providers.models import Capacity, Meter

MONTHS = 6


@dataclass(frozen=True, slots=True)
class CalendarRow:
    """One meter of one offering; a month without capacity is not declared."""

    name: str
    code: str
    meter: str
    meter_name: str
    cells: list[tuple[date, Capacity | None]]


def months_from(first: date) -> list[date]:
    """The first days of the months shown."""
    found = [first]
    while len(found) < MONTHS:
        found.append(next_month(found[-1]))
    return found


def rows_of(actor: Actor, months: list[date]) -> list[CalendarRow]:
    """The provider's own declared capacity by offering and meter. One query."""
    found: dict[tuple[str, str, str], dict[date, Capacity]] = {}
    rows = Capacity.objects.filter(
        offering__provider__organization=actor.own(), month__in=months
    ).select_related("offering")
    for row in rows.order_by("offering__name", "offering_id", "meter", "month"):
        key = row.offering.name, row.offering.code, row.meter
        found.setdefault(key, {})[row.month] = row
    return [
        CalendarRow(
            name, code, meter, str(Meter(meter).label), [(day, by.get(day)) for day in months]
        )
        for (name, code, meter), by in found.items()
    ]
