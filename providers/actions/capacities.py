"""Capacity by month: declare."""

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


@transaction.atomic
def declare(
    *, by: Actor, offering: Offering, meter: str, month: date, total_units: int, at: datetime
) -> Capacity:
    """Say how many base units can be delivered in a month; again, to correct it.

    A month declared for the first time reserves at once what running subscriptions want each month.
    Locks the facility (its offerings share it), the offering, then the month's row. Raises
    InvalidCapacity, BelowReserved, AbovePhysicalBound.
    """
    by.require(Permission.PROVIDER_MANAGE)
    first = month_start(month)
    _check(meter, first, total_units, at)
    facility = offering.facility
    if facility is not None:
        Facility.objects.select_for_update(no_key=True).get(pk=facility.pk)
    locked = offerings.lock_own(by=by, offering=offering)
    _require_deliverable(locked, meter, first, total_units)
    row = (
        Capacity.objects.select_for_update()
        .filter(offering=locked, meter=meter, month=first)
        .first()
    )
    row = row or _open(locked, meter, first, total_units)
    if total_units < row.reserved_units:
        message = _("Running subscriptions need %(units)s in this month. Enter at least that.")
        _refuse_below(message, row.reserved_units, meter)
    row.total_units = total_units
    row.save(update_fields=["total_units"])
    data = {"meter": meter, "month": first.isoformat(), "total_units": total_units}
    trail.record(by=by, at=at, verb="capacity.declared", subject=locked, data=data)
    return row


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


def _require_deliverable(offering: Offering, meter: str, first: date, total_units: int) -> None:
    """All offerings of a facility together stay within what it can physically deliver."""
    facility = offering.facility
    if facility is None:
        return
    if meter not in kinds.get(facility.kind).meters:
        unfit = _("A facility of this kind does not deliver this. Choose another meter.")
        raise InvalidCapacity(unfit, errors={"meter": unfit})
    seconds = (next_month(first) - first).days * SECONDS_PER_DAY
    most = kinds.get(facility.kind).most_units(facility.spec, meter, seconds)
    if most is None:
        return
    others = Capacity.objects.filter(offering__facility=facility, meter=meter, month=first).exclude(
        offering=offering
    )
    declared = others.aggregate(total=Sum("total_units"))["total"] or 0
    if declared + total_units > most:
        message = _(
            "%(facility)s can deliver %(most)s in this month, and %(declared)s are declared"
            " by other offerings. Enter less or correct the facility's figures."
        ) % {
            "facility": facility.name,
            "most": wording.quantity_text(most, meter),
            "declared": wording.quantity_text(declared, meter),
        }
        raise AbovePhysicalBound(message, errors={"total_units": message})


def _open(offering: Offering, meter: str, first: date, total_units: int) -> Capacity:
    """The month's row, with what running subscriptions need already taken out of it."""
    running = list(
        Subscription.objects.filter(offering=offering)
        .exclude(status=SubscriptionStatus.ENDED)
        .order_by("pk")
    )
    wanted = [(row, int(row.monthly_units.get(meter, 0))) for row in running]
    needed = sum(units for _row, units in wanted)
    if needed > total_units:
        message = _("Running subscriptions need %(units)s each month. Enter at least that.")
        _refuse_below(message, needed, meter)
    made = Capacity.objects.create(
        offering=offering, meter=meter, month=first, total_units=total_units, reserved_units=needed
    )
    Reservation.objects.bulk_create(
        Reservation(subscription=row, capacity=made, units=units) for row, units in wanted if units
    )
    return made


def _refuse_below(message: Promise, units: int, meter: str) -> None:
    words = message % {"units": wording.quantity_text(units, meter)}
    raise BelowReserved(words, errors={"total_units": words})
