"""Changes: another volume or bundle for a running order, from the first day of the next month on."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.actions import trail
from accounts.permissions import Permission
from common import states
from common.errors import DomainError, Forbidden
from common.periods import local_day, month_start, next_month, start_of_day
from marketplace.catalog.models import Bundle
from marketplace.matching.actions.needs import MAX_VOLUME
from marketplace.matching.models import Match
from marketplace.matching.rules.translating import units_of
from marketplace.orders.actions import holding, judging, orders, pauses
from marketplace.orders.models import ChangeStatus, Order, OrderChange, OrderStatus
from providers.actions.subscriptions import MOST_UNITS
from providers.models import Offering
from vouchers.billing.actions.charging import quotes as pricing

TRANSITIONS: states.Transitions = {
    ChangeStatus.PLANNED: frozenset(
        {ChangeStatus.APPLIED, ChangeStatus.WITHDRAWN, ChangeStatus.REFUSED}
    ),
}


class InvalidChange(DomainError):
    """A volume that cannot be meant, or a bundle that did not fit the need; `errors` names the field."""

    code = "invalid_change"


@transaction.atomic
def plan(
    *,
    by: Actor,
    order: Order,
    monthly_volume: int,
    bundle: Bundle,
    at: datetime,
    own_fen: int | None = None,
) -> OrderChange:
    """State what the order is from next month on; a change that was planned before is withdrawn.

    `own_fen` is the monthly own share that was shown, if one was. It holds no capacity: where there
    is too little when the month begins, the order goes on as it was. Locks the order. Raises
    Forbidden, WrongState, InvalidChange, ShareChanged.
    """
    locked = _lock_own(by, order)
    if locked.status != OrderStatus.ACTIVE:
        raise states.WrongState(_("Only a running order can be changed."))
    units = units_for(order=locked, bundle=bundle, monthly_volume=monthly_volume)
    split = holding.price(enterprise=locked.enterprise, units=units, at=at)
    pauses.require_share(split, own_fen)
    for former in locked.changes.filter(status=ChangeStatus.PLANNED):
        states.move(former, to=ChangeStatus.WITHDRAWN, transitions=TRANSITIONS)
    made = OrderChange.objects.create(
        order=locked,
        bundle=bundle,
        monthly_volume=monthly_volume,
        units=units,
        monthly_own_fen=split.own_fen,
        effective_on=next_month(month_start(local_day(at))),
        stated_at=at,
        stated_by=by.user,
    )
    data = {"bundle": bundle.code, "volume": monthly_volume, "from": str(made.effective_on)}
    trail.record(by=by, at=at, verb="order.change_planned", subject=locked, data=data)
    return made


def preview(
    *, order: Order, bundle: Bundle, monthly_volume: int, at: datetime
) -> pricing.QuoteSplit:
    """What a month would cost at the list prices of today. Reads only. Raises InvalidChange."""
    units = units_for(order=order, bundle=bundle, monthly_volume=monthly_volume)
    return holding.price(enterprise=order.enterprise, units=units, at=at)


@transaction.atomic
def withdraw(*, by: Actor, order: Order, at: datetime) -> Order:
    """Take the planned change back; without one, nothing changes. Locks the order."""
    locked = _lock_own(by, order)
    for planned in locked.changes.filter(status=ChangeStatus.PLANNED):
        states.move(planned, to=ChangeStatus.WITHDRAWN, transitions=TRANSITIONS)
        trail.record(by=by, at=at, verb="order.change_withdrawn", subject=locked)
    return locked


def apply_due(*, at: datetime, limit: int = 200) -> int:
    """Carry out the changes whose month has begun, each in its own transaction. Returns how many.

    An idempotent tick: it finds its work in the database.
    """
    due = OrderChange.objects.filter(
        status=ChangeStatus.PLANNED, effective_on__lte=local_day(at)
    ).order_by("effective_on", "pk")
    return sum(_apply(change, at) for change in due.select_related("order")[:limit])


@transaction.atomic
def _apply(change: OrderChange, at: datetime) -> int:
    order = orders.lock(order=change.order)
    planned = OrderChange.objects.filter(pk=change.pk, status=ChangeStatus.PLANNED)
    found = planned.select_related("stated_by", "bundle").first()
    if found is None:
        return 0
    if order.status != OrderStatus.ACTIVE:
        states.move(found, to=ChangeStatus.WITHDRAWN, transitions=TRANSITIONS)
        return 1
    try:
        with transaction.atomic():
            _carry_out(order, found)
    except DomainError as refused:
        reason = str(refused.message)[:500]
        states.move(found, to=ChangeStatus.REFUSED, transitions=TRANSITIONS, reason=reason)
        trail.record(by=None, at=at, verb="order.change_refused", subject=order)
        return 1
    states.move(found, to=ChangeStatus.APPLIED, transitions=TRANSITIONS)
    trail.record(by=None, at=at, verb="order.changed", subject=order)
    return 1


def _carry_out(order: Order, change: OrderChange) -> None:
    """End what runs and start what was planned at the first moment of the month, or neither."""
    moment = start_of_day(change.effective_on)
    by = orders.acting_for(order, change.stated_by)
    both = [order.bundle_id, change.bundle_id]
    judging.lock_chain(Offering.objects.filter(bundles__in=both).values_list("pk", flat=True))
    orders.end_all(by=by, order=order, at=moment)
    order.bundle, order.units = change.bundle, change.units
    order.monthly_volume = change.monthly_volume
    split = holding.price(enterprise=order.enterprise, units=change.units, at=moment)
    for name, fen in pauses.figures(split).items():
        setattr(order, name, fen)
    order.save(update_fields=["bundle", "units", "monthly_volume", *pauses.figures(split)])
    orders.start_all(by=by, order=order, at=moment)


def units_for(*, order: Order, bundle: Bundle, monthly_volume: int) -> dict[str, dict[str, int]]:
    """Base units each offering of the bundle delivers for a volume. Raises InvalidChange."""
    known = order.units
    if bundle.pk != order.bundle_id:
        match = Match.objects.filter(need=order.need_id, bundle=bundle, rank__isnull=False).first()
        if match is None:
            words = _("Choose a bundle that fitted your need when you ordered.")
            raise InvalidChange(words, errors={"bundle": words})
        known = match.units
    whole = isinstance(monthly_volume, int) and not isinstance(monthly_volume, bool)
    if not whole or not 1 <= monthly_volume <= MAX_VOLUME:
        words = _("Enter a whole number from 1 to 1,000,000,000.")
        raise InvalidChange(words, errors={"monthly_volume": words})
    wanted = units_of(order.need.scenario.coefficients, monthly_volume)
    if any(units > MOST_UNITS for units in wanted.values()):
        words = _("This volume is too large. Check the number of digits.")
        raise InvalidChange(words, errors={"monthly_volume": words})
    return {
        code: {meter: wanted[meter] for meter in by_meter if meter in wanted}
        for code, by_meter in known.items()
    }


def _lock_own(by: Actor, order: Order) -> Order:
    by.require(Permission.ORDER_PLACE)
    if by.own().pk != order.enterprise_id:
        raise Forbidden(_("Only the enterprise that placed an order can change it."))
    return orders.lock(order=order)
