"""Subscriptions: start, end, stop for lack of funds, resume."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.actions import trail
from accounts.models import Organization
from accounts.permissions import Permission
from common import states
from common.codes import new_code
from common.errors import Conflict, DomainError, Forbidden
from common.periods import local_day, month_start
from providers import wording
from providers.models import (
    Capacity,
    Meter,
    Offering,
    Reservation,
    Subscription,
    SubscriptionStatus,
)

TRANSITIONS: states.Transitions = {
    SubscriptionStatus.ACTIVE: frozenset({SubscriptionStatus.STOPPED, SubscriptionStatus.ENDED}),
    SubscriptionStatus.STOPPED: frozenset({SubscriptionStatus.ACTIVE, SubscriptionStatus.ENDED}),
}
MOST_UNITS = 2**62


class NotListed(Conflict):
    """The offering cannot be bought (any more)."""

    code = "offering_not_listed"


class LicenseLapsed(Conflict):
    """A license of the provider is not valid any more; running subscriptions go on."""

    code = "provider_license_expired"


class OutsideWindow(Conflict):
    """Idle machines are offered only while a window is open or still to come."""

    code = "outside_window"


class InvalidUnits(DomainError):
    """Wanted units are whole numbers, not below zero, of known meters."""

    code = "invalid_units"


class SubscriptionDiffers(Conflict):
    """The reference already started a subscription with other content."""

    code = "subscription_differs"


class AboveCapacity(Conflict):
    """A month has less left than is wanted. `left_units` are base units of `meter`."""

    code = "above_capacity"

    def __init__(self, capacity: Capacity, wanted_units: int) -> None:
        self.meter = capacity.meter
        self.month = capacity.month
        self.left_units = capacity.left_units
        self.wanted_units = wanted_units
        super().__init__(
            _(
                "%(offering)s (%(meter)s) has %(left)s left in %(month)s; %(wanted)s are needed."
                " Lower the volume or choose another offering."
            )
            % {
                "offering": capacity.offering.name,
                "left": wording.quantity_text(max(capacity.left_units, 0), capacity.meter),
                "meter": capacity.get_meter_display(),
                "month": f"{capacity.month:%Y-%m}",
                "wanted": wording.quantity_text(wanted_units, capacity.meter),
            }
        )


@transaction.atomic
def start(
    *,
    by: Actor,
    enterprise: Organization,
    offering: Offering,
    reference: str,
    units_per_month: Mapping[str, int],
    at: datetime,
    ends_at: datetime | None = None,
) -> Subscription:
    """Start using an offering and reserve its capacity: this month's and every later declared one.

    Locks the offering, then its months in primary-key order; each is taken by a conditional UPDATE.
    The same reference and content returns the running subscription. With `ends_at` no usage is taken
    from that moment on. Raises AboveCapacity, NotListed,
    LicenseLapsed, OutsideWindow, InvalidUnits, SubscriptionDiffers; then nothing is
    reserved.
    """
    by.require(Permission.ORDER_PLACE)
    if by.own() != enterprise:
        raise Forbidden(_("You can order for your own organization only."))
    wanted = _wanted(units_per_month)
    locked = (
        Offering.objects.select_for_update(of=("self",), no_key=True)
        .select_related("provider")
        .get(pk=offering.pk)
    )
    runs = Subscription.objects.filter(reference=reference, offering=locked)
    known = runs.exclude(status=SubscriptionStatus.ENDED).first()
    if known is not None:
        return _same(known, enterprise, wanted)
    sold = locked.trial_of_id or locked.pk  # a trial can be had as long as what it tries
    if not Offering.objects.listed().filter(pk=sold).exists():
        raise NotListed(_("This offering is not for sale at present. Choose another one."))
    if locked.provider.license_expires_on < local_day(at):
        raise LicenseLapsed(
            _("A license of this provider has expired, so it takes no new orders. Choose another.")
        )
    if not Offering.objects.offered_at(at).filter(pk=sold).exists():
        raise OutsideWindow(
            _("No window of these idle machines is open or announced. Choose another offering.")
        )
    subscription = Subscription.objects.create(
        code=new_code("SB"),
        enterprise=enterprise,
        offering=locked,
        reference=reference,
        monthly_units=wanted,
        starts_at=at,
        ends_at=ends_at,
    )
    _reserve(subscription, wanted, at)
    trail.record(by=by, at=at, verb="subscription.started", subject=subscription, data=wanted)
    return subscription


@transaction.atomic
def end(*, by: Actor, subscription: Subscription, at: datetime) -> Subscription:
    """End a subscription and give back the capacity of this month and later ones.

    The enterprise that runs it ends it; usage up to `at` is still billed. Raises WrongState.
    """
    by.require(Permission.ORDER_PLACE)
    if by.own().pk != subscription.enterprise_id:
        raise Forbidden(_("Only the enterprise that ordered it can end it."))
    Offering.objects.select_for_update(no_key=True).get(pk=subscription.offering_id)
    locked = Subscription.objects.select_for_update().get(pk=subscription.pk)
    last = max(at, locked.starts_at + timedelta(microseconds=1))
    states.move(locked, to=SubscriptionStatus.ENDED, transitions=TRANSITIONS, ends_at=last)
    _release(locked, at)
    trail.record(by=by, at=at, verb="subscription.ended", subject=locked)
    return locked


@transaction.atomic
def stop_each(*, subscription_ids: Collection[int], at: datetime) -> list[Subscription]:
    """Signal that funds are lacking, where it was not signaled yet; ended ones stay as they are.

    Locks them in primary-key order. Returns those that changed.
    """
    running, to = SubscriptionStatus.ACTIVE, SubscriptionStatus.STOPPED
    return _switch(subscription_ids, running, to, at)


@transaction.atomic
def resume_each(*, subscription_ids: Collection[int], at: datetime) -> list[Subscription]:
    """Take the stop signal back where there is one. Locks and returns as `stop_each`."""
    stopped, to = SubscriptionStatus.STOPPED, SubscriptionStatus.ACTIVE
    return _switch(subscription_ids, stopped, to, at)


def _switch(
    pks: Collection[int], seen: SubscriptionStatus, to: SubscriptionStatus, at: datetime
) -> list[Subscription]:
    rows = Subscription.objects.filter(pk__in=pks, status=seen)
    found = list(rows.select_for_update(no_key=True).order_by("pk"))
    Subscription.objects.filter(pk__in=[each.pk for each in found]).update(status=to)
    trail.record_each(by=None, at=at, verb=f"subscription.{to.value}", subjects=found)
    for each in found:
        each.status = to
    return found


def _wanted(units_per_month: Mapping[str, int]) -> dict[str, int]:
    for meter, units in units_per_month.items():
        whole = isinstance(units, int) and not isinstance(units, bool)
        if meter not in Meter.values or not whole or not 0 <= units <= MOST_UNITS:
            raise InvalidUnits(
                _("State the monthly need of each meter as a whole number, not below zero.")
            )
    return {str(meter): units for meter, units in sorted(units_per_month.items()) if units}


def _same(known: Subscription, enterprise: Organization, wanted: Mapping[str, int]) -> Subscription:
    if known.enterprise_id != enterprise.pk or known.monthly_units != wanted:
        raise SubscriptionDiffers(
            _("This order already started a subscription with other content. Nothing was changed.")
        )
    return known


def _reserve(subscription: Subscription, wanted: Mapping[str, int], at: datetime) -> None:
    months = take(offering_id=subscription.offering_id, wanted=wanted, at=at)
    Reservation.objects.bulk_create(
        Reservation(subscription=subscription, capacity=capacity, units=wanted[capacity.meter])
        for capacity in months
    )


def take(*, offering_id: int, wanted: Mapping[str, int], at: datetime) -> list[Capacity]:
    """Take the units of each meter out of this month and every later declared one.

    Locks the months in primary-key order; the offering is locked by the caller. Returns the months.
    Raises AboveCapacity.
    """
    months = list(
        Capacity.objects.select_for_update(of=("self",))
        .select_related("offering")
        .filter(
            offering_id=offering_id,
            meter__in=list(wanted),
            month__gte=month_start(local_day(at)),
        )
        .order_by("pk")
    )
    for capacity in months:
        units = wanted[capacity.meter]
        free = Capacity.objects.filter(pk=capacity.pk, total_units__gte=F("reserved_units") + units)
        if free.update(reserved_units=F("reserved_units") + units) != 1:
            raise AboveCapacity(capacity, units)
    return months


def _release(subscription: Subscription, at: datetime) -> None:
    held = Reservation.objects.filter(
        subscription=subscription, capacity__month__gte=month_start(local_day(at))
    ).order_by("capacity_id")
    for reservation in held:
        Capacity.objects.filter(pk=reservation.capacity_id).update(
            reserved_units=F("reserved_units") - reservation.units
        )
    held.delete()
