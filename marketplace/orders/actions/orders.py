"""Orders: place one for a need, give notice, end when the notice period is over."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.actions import trail
from accounts.models import Organization, User
from accounts.permissions import Permission
from common import states
from common.codes import new_code
from common.errors import Conflict, Forbidden
from marketplace.catalog.models import Bundle
from marketplace.matching.actions import matches
from marketplace.matching.models import Match, Need
from marketplace.orders.actions import holding, judging
from marketplace.orders.models import Order, OrderStatus
from providers.actions import subscriptions
from providers.models import Offering, Subscription, SubscriptionStatus

TRANSITIONS: states.Transitions = {
    OrderStatus.ACTIVE: frozenset({OrderStatus.PAUSED, OrderStatus.ENDING}),
    OrderStatus.PAUSED: frozenset({OrderStatus.ACTIVE, OrderStatus.ENDING}),
    OrderStatus.ENDING: frozenset({OrderStatus.ENDED}),
}


CONTRACT_VERSION = 1
"""The text that new orders are placed under; every version ever used is kept."""


class NeedAlreadyOrdered(Conflict):
    """Another bundle was ordered for the need."""

    code = "need_already_ordered"


def place(
    *,
    by: Actor,
    need: Need,
    bundle: Bundle,
    at: datetime,
    own_fen: int | None = None,
    own_number: str = "",
) -> Order:
    """Order a bundle for a need: all its subscriptions start and reserve, or nothing happens.

    Locks the need, then the chain's offerings in primary-key order, and judges every limit again
    with today's prices, vouchers and capacity. `own_fen` is the monthly own share the buyer agreed
    to, if one was shown. A second call with the same bundle answers with the order that is there.
    What was reserved for the need is given back first, so that it can be had again.
    After a refusal the need's matches are those of today, so that its page tells the same. Raises
    Forbidden, NeedAlreadyOrdered, BundleNotOffered, OutsideLimits, AboveCapacity, PriceChanged.
    """
    by.require(Permission.ORDER_PLACE)
    if by.own().pk != need.enterprise_id:
        raise Forbidden(_("You can order for your own organization only."))
    try:
        return _place(by, need, bundle, at, own_fen, own_number)
    except (judging.BundleNotOffered, judging.OutsideLimits, judging.PriceChanged):
        judging.match_again(need=need, at=at)
        raise


@transaction.atomic
def _place(
    by: Actor, need: Need, bundle: Bundle, at: datetime, own_fen: int | None, own_number: str
) -> Order:
    held = matches.lock(need=need)
    known = Order.objects.filter(need=held).select_related("bundle").first()
    if known is not None:
        return _same(known, bundle)
    reserved = holding.reserved_of(held)
    match = judging.judged(need=held, bundle=bundle, own_fen=own_fen, at=at, reserved=reserved)
    order = _create(held, match, by, at, own_number)
    start_all(by=by, order=order, at=at)
    data = {"need": held.code, "bundle": bundle.code, "price_fen": match.price_fen}
    trail.record(by=by, at=at, verb="order.placed", subject=order, data=data)
    return order


def start_all(*, by: Actor, order: Order, at: datetime) -> None:
    """Start a subscription of each offering of the order's bundle. Locks the chain."""
    chain = Offering.objects.filter(bundles=order.bundle_id)
    for offering in judging.lock_chain(chain.values_list("pk", flat=True)):
        subscriptions.start(
            by=by,
            enterprise=order.enterprise,
            offering=offering,
            reference=order.code,
            units_per_month=order.units[offering.code],
            at=at,
        )


def _create(need: Need, match: Match, by: Actor, at: datetime, own_number: str) -> Order:
    return Order.objects.create(
        code=new_code("OD"),
        enterprise=need.enterprise,
        need=need,
        bundle=match.bundle,
        units=match.units,
        monthly_volume=need.monthly_volume,
        monthly_price_fen=match.price_fen,
        monthly_voucher_fen=match.voucher_fen,
        monthly_own_fen=match.own_fen,
        contract_version=CONTRACT_VERSION,
        own_number=own_number,
        placed_at=at,
        placed_by=by.user,
    )


@transaction.atomic
def end(*, by: Actor, order: Order, at: datetime) -> Order:
    """Give notice: the order ends the bundle's notice period later, at once where there is none.

    A paused one ends at once: nothing runs that could be given notice. Usage up to the end is
    billed, nothing else. A second notice changes nothing. Locks the order.
    """
    by.require(Permission.ORDER_PLACE)
    if by.own().pk != order.enterprise_id:
        raise Forbidden(_("Only the enterprise that placed an order can end it."))
    locked = lock(order=order)
    if locked.status not in {OrderStatus.ACTIVE, OrderStatus.PAUSED}:
        return locked
    is_paused = locked.status == OrderStatus.PAUSED
    notice = at if is_paused else at + timedelta(days=locked.bundle.notice_days)
    ends_at = max(notice, locked.placed_at + timedelta(seconds=1))  # nothing ends before it began
    states.move(
        locked,
        to=OrderStatus.ENDING,
        transitions=TRANSITIONS,
        noticed_at=at,
        noticed_by=by.user,
        ends_at=ends_at,
        paused_at=None,
        paused_by=None,
    )
    data = {"ends_at": ends_at.isoformat()}
    trail.record(by=by, at=at, verb="order.noticed", subject=locked, data=data)
    if ends_at <= at:
        _finish(locked)
    return locked


def finish_due(*, at: datetime, limit: int = 200) -> int:
    """End the orders whose notice period is over, each in its own transaction. Returns how many."""
    due = Order.objects.due_to_end(at).order_by("ends_at", "pk")
    finished = 0
    for order in due[:limit]:
        with transaction.atomic():
            locked = lock(order=order)
            if locked.status == OrderStatus.ENDING:
                _finish(locked)
                finished += 1
    return finished


def lock(*, order: Order) -> Order:
    """The order as it is now, locked; with bundle, enterprise and who gave notice."""
    return (
        Order.objects.select_for_update(of=("self",))
        .select_related("bundle", "enterprise", "noticed_by")
        .get(pk=order.pk)
    )


def _same(known: Order, bundle: Bundle) -> Order:
    if known.bundle_id != bundle.pk:
        raise NeedAlreadyOrdered(
            _(
                "%(bundle)s was already ordered for this need (%(order)s)."
                " State a new need to order more."
            )
            % {"bundle": known.bundle.name, "order": known.code}
        )
    return known


def _finish(order: Order) -> None:
    """End the subscriptions when the notice said, with the right of the person who gave it."""
    assert order.noticed_by is not None  # noqa: S101  # the constraint marketplace_order_noticed
    assert order.ends_at is not None  # noqa: S101
    notice = acting_for(order, order.noticed_by)
    end_all(by=notice, order=order, at=order.ends_at)
    states.move(order, to=OrderStatus.ENDED, transitions=TRANSITIONS)
    trail.record(by=notice, at=order.ends_at, verb="order.ended", subject=order)


def acting_for(order: Order, person: User) -> Actor:
    """The enterprise's person who decided what a tick now carries out."""
    return acting_for_firm(order.enterprise, person)


def acting_for_firm(firm: Organization, person: User) -> Actor:
    """The same without an order."""
    return Actor(
        user=person,
        organization=firm,
        permissions=frozenset({Permission.ORDER_PLACE.value}),
    )


def end_all(*, by: Actor, order: Order, at: datetime) -> None:
    """End what runs of the order's subscriptions. Locks their offerings in primary-key order."""
    running = Subscription.objects.filter(reference=order.code).exclude(
        status=SubscriptionStatus.ENDED
    )
    judging.lock_chain(running.values_list("offering_id", flat=True))
    for subscription in running.order_by("offering_id"):
        subscriptions.end(by=by, subscription=subscription, at=at)
