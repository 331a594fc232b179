"""Capacity kept free for a while: held for a reference, given back when it is ordered or lapses."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import F

from providers.actions import subscriptions
from providers.models import Capacity, CapacityHold, Offering


@transaction.atomic
def hold(
    *, reference: str, units: Mapping[str, Mapping[str, int]], at: datetime
) -> list[CapacityHold]:
    """Keep units free in this month and every later declared one: offering code -> meter -> units.

    All of it or nothing. Locks the offerings, then their months, in primary-key order. A reference
    that holds something already keeps what it has. Raises AboveCapacity.
    """
    chain = list(
        Offering.objects.select_for_update(no_key=True).filter(code__in=units).order_by("pk")
    )
    known = list(CapacityHold.objects.filter(reference=reference).order_by("pk"))
    if known:
        return known
    made = []
    for offering in chain:
        wanted = {meter: many for meter, many in units[offering.code].items() if many}
        months = subscriptions.take(offering_id=offering.pk, wanted=wanted, at=at)
        made += [
            CapacityHold(reference=reference, capacity=month, units=wanted[month.meter], held_at=at)
            for month in months
        ]
    return CapacityHold.objects.bulk_create(made)


@transaction.atomic
def release(*, reference: str) -> int:
    """Give back all that a reference holds, once. Locks its offerings. Returns how many months."""
    held = CapacityHold.objects.filter(reference=reference)
    offerings = held.values("capacity__offering")
    list(Offering.objects.select_for_update(no_key=True).filter(pk__in=offerings).order_by("pk"))
    rows = list(held.order_by("capacity_id"))  # read behind the lock: another may have been first
    for row in rows:
        Capacity.objects.filter(pk=row.capacity_id).update(
            reserved_units=F("reserved_units") - row.units
        )
    held.delete()
    return len(rows)
