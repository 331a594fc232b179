"""What the rules know of offerings and of the use and prices behind bills, read in sets."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection

from providers.models import Capacity, FacilityKind, Layer, Offering
from vouchers.audit.actions.folds import MAIN_METERS
from vouchers.audit.rules.risks import facts

UNBOUNDED = 10**18
"""Units an hour of what states no capacity."""

HOURS_OF_MONTH = 24 * 28
SECONDS_OF_HOUR = 3600
RESERVED_LAYERS = frozenset({Layer.STORAGE, Layer.NETWORK})
RESERVED_METERS = frozenset({"storage_mb_seconds", "line_mbps_seconds"})

DAYS = f"""
SELECT r.subscription_id, r.month, array_agg(r.day ORDER BY r.day), array_agg(r.used ORDER BY r.day)
FROM (
    SELECT u.subscription_id, u.month, u.day, sum(u.quantity)::bigint AS used
    FROM vouchers_usagerollup u
    JOIN providers_subscription s ON s.id = u.subscription_id
    JOIN ({MAIN_METERS}) AS main ON main.offering_id = s.offering_id AND main.meter = u.meter
    WHERE u.month >= %(first)s AND u.month <= %(last)s AND u.day >= u.month
    GROUP BY 1, 2, 3
) AS r GROUP BY 1, 2
"""  # noqa: S608 - constant text, values are parameters
LISTED = """
SELECT line.bill_id, ceil(sum(
    CASE WHEN line.kind = 'minimum' OR line.quantity < 0 THEN line.amount_fen
         ELSE line.quantity * top.yuan * 100 END
))::bigint
FROM vouchers_billline line
JOIN vouchers_bill b ON b.id = line.bill_id
JOIN providers_rate rate ON rate.id = line.rate_id
CROSS JOIN LATERAL (
    SELECT max(each.price_yuan / each.per_units) AS yuan FROM providers_rate each
    WHERE each.offering_id = rate.offering_id AND each.meter = line.meter
      AND each.effective && daterange(line.origin, (line.origin + interval '1 month')::date)
) AS top
WHERE b.month >= %(first)s AND b.month <= %(last)s AND b.status <> 'open'
  AND (b.voucher_fen > 0 OR EXISTS (SELECT FROM vouchers_refund r WHERE r.bill_id = b.id AND r.transfer_id IS NOT NULL))
GROUP BY 1
"""
PRICES = f"""
SELECT DISTINCT ON (rate.offering_id, month.first) rate.offering_id, month.first::date,
       rate.price_yuan, rate.per_units
FROM providers_rate rate
JOIN ({MAIN_METERS}) AS main ON main.offering_id = rate.offering_id AND main.meter = rate.meter
JOIN generate_series(%(first)s::date, %(last)s::date, interval '1 month') AS month(first)
  ON rate.effective && daterange(month.first::date, (month.first + interval '1 month')::date)
ORDER BY rate.offering_id, month.first, rate.price_yuan / rate.per_units DESC, rate.id
"""  # noqa: S608 - constant text, values are parameters


@dataclass(frozen=True, slots=True)
class Use:
    """Days of one bill in the base units of its main meter, from the first used day on."""

    starts_on: date
    by_day: tuple[int, ...]


def days(*, first: date, last: date) -> dict[tuple[int, date], Use]:
    """Use by day of each subscription and month, from the rollups; adjustments are left out. One query."""
    found = {}
    for subscription, month, on, used in _rows(DAYS, first, last):
        by_day = dict(zip(on, used, strict=True))
        length = (on[-1] - on[0]).days + 1
        every = (by_day.get(on[0] + timedelta(days=each), 0) for each in range(length))
        found[subscription, month] = Use(on[0], tuple(every))
    return found


def listed(*, first: date, last: date) -> dict[int, int]:
    """What each bill costs by the highest list prices of its months, in fen, rounded up. One query.

    Least charges and what an adjustment takes away stand as billed.
    """
    return dict(_rows(LISTED, first, last))


def prices(*, first: date, last: date) -> dict[tuple[int, date], tuple[int, int]]:
    """The highest list price of each offering's main meter in a month: whole fen for so many units."""
    return {
        (offering, month): _whole(price, per_units)
        for offering, month, price, per_units in _rows(PRICES, first, last)
    }


def offerings() -> tuple[dict[str, facts.Offering], dict[str, int]]:
    """All offerings that were ever billed, and their numbers by code. Three queries.

    Capacity is what the facility can deliver; where it states no bound, the largest declared
    month spread over 28 days.
    """
    meters: dict[int, str] = dict(_rows(MAIN_METERS, None, None))
    declared: dict[tuple[int, str], int] = {}
    for offering, meter, total in Capacity.objects.values_list(
        "offering_id", "meter", "total_units"
    ):
        declared[offering, meter] = max(total, declared.get((offering, meter), 0))
    rows = Offering.objects.filter(pk__in=meters).select_related(
        "facility", "provider__organization"
    )
    found = {row.code: _offering(row, meters[row.pk], declared) for row in rows}
    return found, {row.code: row.pk for row in rows}


def _offering(row: Offering, meter: str, declared: Mapping[tuple[int, str], int]) -> facts.Offering:
    bound = row.facility.bound_per_second(meter) if row.facility else None
    hour = (
        -(-declared[row.pk, meter] // HOURS_OF_MONTH) if (row.pk, meter) in declared else UNBOUNDED
    )
    if bound is not None:
        hour = int(bound * SECONDS_OF_HOUR) + 1
    appliance = row.facility is not None and row.facility.kind == FacilityKind.APPLIANCE
    reserved = row.layer in RESERVED_LAYERS or meter in RESERVED_METERS or appliance
    return facts.Offering(row.code, row.provider.organization.code, meter, hour, reserved)


def _whole(price_yuan: Decimal, per_units: int) -> tuple[int, int]:
    """The same price without parts of a fen: 0.0008 yuan for 1,000 is 8 fen for 100,000."""
    numerator, denominator = (price_yuan * 100).as_integer_ratio()
    return numerator, per_units * denominator


def _rows(statement: str, first: date | None, last: date | None) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"first": first, "last": last})
        found: list[Any] = cursor.fetchall()
        return found
