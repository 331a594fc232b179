"""Offers of an applied round: the firm accepts or declines one until its deadline."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.actions import trail
from accounts.permissions import Permission
from common import states
from common.errors import Conflict, Forbidden
from marketplace.clearing.models import OfferStatus, RoundOffer
from marketplace.orders.actions import orders
from marketplace.orders.models import Order

TRANSITIONS: states.Transitions = {
    OfferStatus.OPEN: frozenset({OfferStatus.ACCEPTED, OfferStatus.DECLINED, OfferStatus.LAPSED}),
}


class OfferLapsed(Conflict):
    """The deadline of the offer has passed."""

    code = "offer_lapsed"


@transaction.atomic
def accept(*, by: Actor, offer: RoundOffer, at: datetime, own_fen: int | None = None) -> RoundOffer:
    """Accept: the bundle is ordered for the need, with today's price, vouchers and capacity.

    `own_fen` is the monthly own share that was shown. Locks the offer. A second call answers the same. Raises
    OfferLapsed, WrongState, and what orders.place raises.
    """
    by.require(Permission.ORDER_PLACE)
    locked = _lock(by, offer)
    if locked.status == OfferStatus.ACCEPTED:
        return locked
    _require_open(locked, at)
    bundle = locked.outcome.bundle
    assert bundle is not None  # noqa: S101  # the constraint marketplace_outcome_served
    order = orders.place(by=by, need=locked.outcome.need, bundle=bundle, at=at, own_fen=own_fen)
    _answer(by, locked, OfferStatus.ACCEPTED, at, order=order)
    return locked


@transaction.atomic
def decline(*, by: Actor, offer: RoundOffer, at: datetime) -> RoundOffer:
    """Decline; the need stays open. A second call answers the same. Raises OfferLapsed, WrongState."""
    by.require(Permission.ORDER_PLACE)
    locked = _lock(by, offer)
    if locked.status == OfferStatus.DECLINED:
        return locked
    _require_open(locked, at)
    _answer(by, locked, OfferStatus.DECLINED, at)
    return locked


def lapse_due(*, at: datetime) -> int:
    """Close the unanswered offers past their deadline. Returns how many."""
    return states.move_each(
        RoundOffer.objects.due_to_lapse(at),
        seen=OfferStatus.OPEN,
        to=OfferStatus.LAPSED,
        transitions=TRANSITIONS,
    )


def _answer(
    by: Actor, offer: RoundOffer, to: OfferStatus, at: datetime, order: Order | None = None
) -> None:
    states.move(
        offer, to=to, transitions=TRANSITIONS, answered_at=at, answered_by=by.user, order=order
    )
    trail.record(by=by, at=at, verb=f"offer.{to.value}", subject=offer)


def _require_open(offer: RoundOffer, at: datetime) -> None:
    if offer.status == OfferStatus.LAPSED or (
        offer.status == OfferStatus.OPEN and offer.expires_at <= at
    ):
        raise OfferLapsed(
            _("The deadline of this offer has passed. Order from the matches of your need.")
        )


def _lock(by: Actor, offer: RoundOffer) -> RoundOffer:
    rows = RoundOffer.objects.select_for_update(of=("self",)).select_related(
        "outcome__need", "outcome__bundle"
    )
    locked = rows.get(pk=offer.pk)
    if locked.outcome.need.enterprise_id != by.own().pk:
        raise Forbidden(_("This offer was made to another enterprise."))
    return locked
