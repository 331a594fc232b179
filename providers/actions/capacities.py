"""Capacity by month: declare."""

from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction
from django.db.models import Sum
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.actions import trail
from accounts.permissions import Permission
from common.errors import DomainError
from common.periods import local_day, month_start, next_month
from providers import kinds, wording
from providers.actions import offerings
from providers.models import (
    Capacity,
    Facility,
    Meter,
    Offering,
    Reservation,
    Subscription,
    SubscriptionStatus,
)

SECONDS_PER_DAY = 24 * 3600
MOST_UNITS = 2**62


class InvalidCapacity(DomainError):
    """Not a whole number of a known meter for a month that is not over."""

    code = "invalid_capacity"


class BelowReserved(DomainError):
    """Running subscriptions need more than that."""

    code = "capacity_below_reserved"


class AbovePhysicalBound(DomainError):
    """The facility cannot deliver that much in the month."""

    code = "above_physical_bound"


def declare(
    *, by: Actor, offering: Offering, meter: str, month: date, total_units: int, at: datetime
) -> Capacity:
    """Say how many base units can be delivered in a month; again, to correct it. See declare_each."""
    wanted = {month: total_units}
    return declare_each(by=by, offering=offering, meter=meter, units_by_month=wanted, at=at)[0]


@transaction.atomic
def declare_each(
    *,
    by: Actor,
    offering: Offering,
    meter: str,
    units_by_month: Mapping[date, int],
    at: datetime,
) -> list[Capacity]:
    """Say how many base units can be delivered in each of several months; again, to correct it.

    A month declared for the first time reserves at once what running subscriptions want each month.
    Locks the facility (its offerings share it), the offering, then the months' rows. Nothing is
    written when one month is refused. Raises InvalidCapacity, BelowReserved, AbovePhysicalBound.
    """
    by.require(Permission.PROVIDER_MANAGE)
    wanted = {month_start(month): units for month, units in sorted(units_by_month.items())}
    for first, units in wanted.items():
        _check(meter, first, units, at)
    facility = offering.facility
    if facility is not None:
        Facility.objects.select_for_update(no_key=True).get(pk=facility.pk)
    locked = offerings.lock_own(by=by, offering=offering)
    _require_deliverable(locked, meter, wanted)
    known = Capacity.objects.select_for_update().filter(
        offering=locked, meter=meter, month__in=wanted
    )
    rows = list(known.order_by("pk"))
    for row in rows:
        row.total_units = wanted[row.month]
        if row.total_units < row.reserved_units:
            message = _("Running subscriptions need %(units)s in this month. Enter at least that.")
            _refuse_below(message, row.reserved_units, meter)
    Capacity.objects.bulk_update(rows, ["total_units"])
    new = wanted.keys() - {row.month for row in rows}
    rows += _open(locked, meter, {month: wanted[month] for month in new})
    trail.record_rows(
        by=by,
        at=at,
        verb="capacity.declared",
        rows=[
            (locked, {"meter": meter, "month": month.isoformat(), "total_units": units})
            for month, units in wanted.items()
        ],
    )
    return sorted(rows, key=lambda row: row.month)


def _check(meter: str, first: date, total_units: int, at: datetime) -> None:
    errors = {}
    if meter not in Meter.values:
        errors["meter"] = _("Choose one of the meters.")
    if isinstance(total_units, bool) or not 0 <= total_units <= MOST_UNITS:
        errors["total_units"] = _("Enter a whole number that is not below zero.")
    if first < month_start(local_day(at)):
        errors["month"] = _("This month is over. Choose the present month or a later one.")
    if errors:
        raise InvalidCapacity(
            _("The capacity cannot be declared as entered. Correct the fields named."),
            errors=errors,
        )


def _require_deliverable(offering: Offering, meter: str, wanted: Mapping[date, int]) -> None:
    """All offerings of a facility together stay within what it can physically deliver."""
    facility = offering.facility
    if facility is None:
        return
    kind = kinds.get(facility.kind)
    if meter not in kind.meters:
        unfit = _("A facility of this kind does not deliver this. Choose another meter.")
        raise InvalidCapacity(unfit, errors={"meter": unfit})
    others = Capacity.objects.filter(
        offering__facility=facility, meter=meter, month__in=wanted
    ).exclude(offering=offering)
    declared = dict(others.values_list("month").annotate(Sum("total_units")))
    for first, units in wanted.items():
        seconds = (next_month(first) - first).days * SECONDS_PER_DAY
        most = kind.most_units(facility.spec, meter, seconds)
        if most is not None and declared.get(first, 0) + units > most:
            _refuse_above(facility, meter, most, declared.get(first, 0))


def _open(offering: Offering, meter: str, wanted: Mapping[date, int]) -> list[Capacity]:
    """Rows of new months, with what running subscriptions need already taken out of them."""
    running = list(
        Subscription.objects.filter(offering=offering)
        .exclude(status=SubscriptionStatus.ENDED)
        .order_by("pk")
    )
    shares = [(row, units) for row in running if (units := int(row.monthly_units.get(meter, 0)))]
    needed = sum(units for _row, units in shares)
    if wanted and needed > min(wanted.values()):
        message = _("Running subscriptions need %(units)s each month. Enter at least that.")
        _refuse_below(message, needed, meter)
    made = Capacity.objects.bulk_create(
        Capacity(
            offering=offering, meter=meter, month=month, total_units=units, reserved_units=needed
        )
        for month, units in sorted(wanted.items())
    )
    Reservation.objects.bulk_create(
        Reservation(subscription=row, capacity=capacity, units=units)
        for capacity in made
        for row, units in shares
    )
    return made


def _refuse_above(facility: Facility, meter: str, most: int, declared: int) -> None:
    message = _(
        "%(facility)s can deliver %(most)s in this month, and %(declared)s are declared"
        " by other offerings. Enter less or correct the facility's figures."
    ) % {
        "facility": facility.name,
        "most": wording.quantity_text(most, meter),
        "declared": wording.quantity_text(declared, meter),
    }
    raise AbovePhysicalBound(message, errors={"total_units": message})


def _refuse_below(message: Promise, units: int, meter: str) -> None:
    words = message % {"units": wording.quantity_text(units, meter)}
    raise BelowReserved(words, errors={"total_units": words})
