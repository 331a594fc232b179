"""Pauses: an order's subscriptions end and its capacity is free; resumed, new ones start.

Usage of a paused time stands on no subscription, so nobody can report it and nothing is billed. Resumed
subscriptions have new codes and the list prices of the day on which the order goes on.
"""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.actions import trail
from accounts.permissions import Permission
from common import states
from common.display import money_text
from common.errors import Conflict, Forbidden
from marketplace.orders.actions import holding, orders
from marketplace.orders.models import Order, OrderStatus
from vouchers.billing.actions.charging import quotes as pricing


class ShareChanged(Conflict):
    """The order would go on at another own share than the one that was shown."""

    code = "share_changed"


@transaction.atomic
def pause(*, by: Actor, order: Order, at: datetime) -> Order:
    """Pause an order: its subscriptions end now and the capacity of this and later months is free.

    Use until now is billed, nothing after it. Again, nothing changes. Locks the order, then its
    offerings. Raises Forbidden, WrongState.
    """
    locked = _lock_own(by, order)
    if locked.status == OrderStatus.PAUSED:
        return locked
    states.require(locked, to=OrderStatus.PAUSED, transitions=orders.TRANSITIONS)
    orders.end_all(by=by, order=locked, at=at)
    states.move(
        locked,
        to=OrderStatus.PAUSED,
        transitions=orders.TRANSITIONS,
        paused_at=at,
        paused_by=by.user,
    )
    trail.record(by=by, at=at, verb="order.paused", subject=locked)
    return locked


@transaction.atomic
def resume(*, by: Actor, order: Order, at: datetime, own_fen: int | None = None) -> Order:
    """Let a paused order go on, with capacity reserved again, at the list prices of today.

    `own_fen` is the monthly own share that was shown, if one was. Again, nothing changes. Locks the
    order, then its offerings. Raises Forbidden, WrongState, ShareChanged, and what starting a
    subscription raises: AboveCapacity, NotListed, LicenseLapsed, OutsideWindow.
    """
    locked = _lock_own(by, order)
    if locked.status == OrderStatus.ACTIVE:
        return locked
    states.require(locked, to=OrderStatus.ACTIVE, transitions=orders.TRANSITIONS)
    split = price(order=locked, at=at)
    require_share(split, own_fen)
    states.move(
        locked,
        to=OrderStatus.ACTIVE,
        transitions=orders.TRANSITIONS,
        paused_at=None,
        paused_by=None,
        **figures(split),
    )
    orders.start_all(by=by, order=locked, at=at)
    trail.record(by=by, at=at, verb="order.resumed", subject=locked)
    return locked


def price(*, order: Order, at: datetime) -> pricing.QuoteSplit:
    """What a month of the order's units costs at the list prices of today. Reads only."""
    return holding.price(enterprise=order.enterprise, units=order.units, at=at)


def figures(split: pricing.QuoteSplit) -> dict[str, Any]:
    """A split as the columns of an order."""
    return {
        "monthly_price_fen": split.price_fen,
        "monthly_voucher_fen": split.voucher_fen,
        "monthly_own_fen": split.own_fen,
    }


def require_share(split: pricing.QuoteSplit, own_fen: int | None) -> None:
    """Raise ShareChanged when another own share was shown than the one of today."""
    if own_fen is not None and own_fen != split.own_fen:
        raise ShareChanged(
            _("Your monthly share is now %(now)s, not %(then)s. Check it and confirm again.")
            % {"now": money_text(split.own_fen), "then": money_text(own_fen)}
        )


def _lock_own(by: Actor, order: Order) -> Order:
    by.require(Permission.ORDER_PLACE)
    if by.own().pk != order.enterprise_id:
        raise Forbidden(_("Only the enterprise that placed an order can pause it."))
    return orders.lock(order=order)
