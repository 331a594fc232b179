"""Orders: place one for a need, give notice, end when the notice period is over."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.actions import trail
from accounts.permissions import Permission
from common import states
from common.codes import new_code
from common.display import money_text
from common.errors import Conflict, Forbidden
from marketplace.catalog.models import Bundle
from marketplace.matching import explaining
from marketplace.matching.actions import matches
from marketplace.matching.models import Match, Need
from marketplace.matching.rules.limits import Limit
from marketplace.orders.models import Order, OrderStatus
from providers.actions import subscriptions
from providers.models import Offering, Subscription, SubscriptionStatus

TRANSITIONS: states.Transitions = {
    OrderStatus.ACTIVE: frozenset({OrderStatus.ENDING}),
    OrderStatus.ENDING: frozenset({OrderStatus.ENDED}),
}


CONTRACT_VERSION = 1
"""The text that new orders are placed under; every version ever used is kept."""


class NeedAlreadyOrdered(Conflict):
    """Another bundle was ordered for the need."""

    code = "need_already_ordered"


class BundleNotOffered(Conflict):
    """The bundle is not listed for the need's scenario (any more)."""

    code = "bundle_not_offered"


class OutsideLimits(Conflict):
    """The bundle breaks a hard limit of the need; the message names it and by how much."""

    code = "outside_limits"


class AboveCapacity(OutsideLimits):
    """A month has less left than is needed; the message names meter, month and what is left."""

    code = "order_above_capacity"


class PriceChanged(Conflict):
    """The own share is another than the one that was shown."""

    code = "price_changed"


def place(
    *, by: Actor, need: Need, bundle: Bundle, at: datetime, own_fen: int | None = None
) -> Order:
    """Order a bundle for a need: all its subscriptions start and reserve, or nothing happens.

    Locks the need, then the chain's offerings in primary-key order, and judges every limit again
    with today's prices, vouchers and capacity. `own_fen` is the monthly own share the buyer agreed
    to, if one was shown. A second call with the same bundle answers with the order that is there.
    After a refusal the need's matches are those of today, so that its page tells the same. Raises
    Forbidden, NeedAlreadyOrdered, BundleNotOffered, OutsideLimits, AboveCapacity, PriceChanged.
    """
    by.require(Permission.ORDER_PLACE)
    if by.own().pk != need.enterprise_id:
        raise Forbidden(_("You can order for your own organization only."))
    try:
        return _place(by, need, bundle, at, own_fen)
    except (BundleNotOffered, OutsideLimits, PriceChanged):
        with transaction.atomic():
            held = matches.lock(need=need)
            if not hasattr(held, "order"):
                matches.write(need=held, at=at)
        raise


@transaction.atomic
def _place(by: Actor, need: Need, bundle: Bundle, at: datetime, own_fen: int | None) -> Order:
    held = matches.lock(need=need)
    known = Order.objects.filter(need=held).select_related("bundle").first()
    if known is not None:
        return _same(known, bundle)
    chain = _lock_chain(Offering.objects.filter(bundles=bundle).values_list("pk", flat=True))
    matches.write(need=held, at=at, is_exact=True)
    match = _require_match(held, bundle, own_fen)
    order = _create(held, match, by, at)
    for offering in chain:
        subscriptions.start(
            by=by,
            enterprise=held.enterprise,
            offering=offering,
            reference=order.code,
            units_per_month=match.units[offering.code],
            at=at,
        )
    data = {"need": held.code, "bundle": bundle.code, "price_fen": match.price_fen}
    trail.record(by=by, at=at, verb="order.placed", subject=order, data=data)
    return order


def _create(need: Need, match: Match, by: Actor, at: datetime) -> Order:
    return Order.objects.create(
        code=new_code("OD"),
        enterprise=need.enterprise,
        need=need,
        bundle=match.bundle,
        units=match.units,
        monthly_price_fen=match.price_fen,
        monthly_voucher_fen=match.voucher_fen,
        monthly_own_fen=match.own_fen,
        contract_version=CONTRACT_VERSION,
        placed_at=at,
        placed_by=by.user,
    )


@transaction.atomic
def end(*, by: Actor, order: Order, at: datetime) -> Order:
    """Give notice: the order ends the bundle's notice period later, at once where there is none.

    Usage up to the end is billed, nothing else. A second notice changes nothing. Locks the order.
    """
    by.require(Permission.ORDER_PLACE)
    if by.own().pk != order.enterprise_id:
        raise Forbidden(_("Only the enterprise that placed an order can end it."))
    locked = _lock(order)
    if locked.status != OrderStatus.ACTIVE:
        return locked
    notice = at + timedelta(days=locked.bundle.notice_days)
    ends_at = max(notice, locked.placed_at + timedelta(seconds=1))  # nothing ends before it began
    states.move(
        locked,
        to=OrderStatus.ENDING,
        transitions=TRANSITIONS,
        noticed_at=at,
        noticed_by=by.user,
        ends_at=ends_at,
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
            locked = _lock(order)
            if locked.status == OrderStatus.ENDING:
                _finish(locked)
                finished += 1
    return finished


def _lock(order: Order) -> Order:
    return (
        Order.objects.select_for_update(of=("self",))
        .select_related("bundle", "enterprise", "noticed_by")
        .get(pk=order.pk)
    )


def _lock_chain(offering_ids: Iterable[int]) -> list[Offering]:
    """Lock offerings in primary-key order, so that two orders never wait in a circle."""
    return list(
        Offering.objects.select_for_update(no_key=True)
        .filter(pk__in=list(offering_ids))
        .order_by("pk")
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


def _require_match(need: Need, bundle: Bundle, own_fen: int | None) -> Match:
    match = Match.objects.filter(need=need, bundle=bundle).select_related("bundle").first()
    if match is None:
        raise BundleNotOffered(
            _(
                "This bundle is no longer offered for your scenario."
                " Match again and choose another one."
            )
        )
    if match.rank is None:
        _refuse(match)
    if own_fen is not None and own_fen != match.own_fen:
        raise PriceChanged(
            _("Your monthly share is now %(now)s, not %(then)s. Check it and confirm again.")
            % {"now": money_text(match.own_fen), "then": money_text(own_fen)}
        )
    return match


def _refuse(match: Match) -> None:
    """Say every broken limit; capacity has a code of its own, because asking for less helps."""
    found = explaining.exclusions_of(match)
    message = " ".join(f"{each.title}: {each.detail}" for each in found)
    error = AboveCapacity if any(each.limit == Limit.CAPACITY for each in found) else OutsideLimits
    raise error(message)


def _finish(order: Order) -> None:
    """End the subscriptions when the notice said, with the right of the person who gave it."""
    running = Subscription.objects.filter(reference=order.code).exclude(
        status=SubscriptionStatus.ENDED
    )
    _lock_chain(running.values_list("offering_id", flat=True))
    assert order.noticed_by is not None  # noqa: S101  # the constraint marketplace_order_noticed
    assert order.ends_at is not None  # noqa: S101
    notice = Actor(
        user=order.noticed_by,
        organization=order.enterprise,
        permissions=frozenset({Permission.ORDER_PLACE.value}),
    )
    for subscription in running.order_by("offering_id"):
        subscriptions.end(by=notice, subscription=subscription, at=order.ends_at)
    states.move(order, to=OrderStatus.ENDED, transitions=TRANSITIONS)
    trail.record(by=notice, at=order.ends_at, verb="order.ended", subject=order)
