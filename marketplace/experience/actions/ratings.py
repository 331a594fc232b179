"""Ratings: a firm rates what it used for long; the bundle's publisher answers once."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.actions import ties, trail
from accounts.models import Organization
from accounts.permissions import Permission
from common.errors import Conflict, DomainError, Forbidden
from marketplace.experience import notifying
from marketplace.experience.actions import folding, measuring
from marketplace.experience.models import Rating, RatingAnswer
from marketplace.experience.rules.spans import LEAST_DAYS, Span
from marketplace.orders.actions import orders
from marketplace.orders.models import Order
from providers.models import Subscription

LONGEST = 1000
"""Characters of a rating's words, and of an answer."""


class UseTooShort(Conflict):
    """Less than thirty days lie between the first and the latest metered use."""

    code = "use_too_short"


class RatingRelated(Conflict):
    """A provider of the bundle and the firm are one, or share their legal person or a member."""

    code = "rating_related"


class InvalidRating(DomainError):
    """Stars outside 1 to 5, or too many words; `errors` names the field."""

    code = "invalid_rating"


class AnsweredBefore(Conflict):
    """The publisher answered this order's rating before."""

    code = "rating_answered"


class NotRated(Conflict):
    """There is nothing to answer."""

    code = "not_rated"


@transaction.atomic
def rate(
    *, by: Actor, order: Order, stars: int, is_outcome_reached: bool, words: str, at: datetime
) -> Rating:
    """Rate an order after long use, or change its rating: another version, the former ones are kept.

    The same again changes nothing. Locks the order, then the offerings whose standing it moves.
    Raises Forbidden, InvalidRating, UseTooShort, RatingRelated.
    """
    by.require(Permission.ORDER_PLACE)
    if by.own().pk != order.enterprise_id:
        raise Forbidden(_("Only the enterprise that placed an order can rate it."))
    words = words.strip()
    _check(stars, words)
    locked = orders.lock(order=order)
    span = _long_span(locked)
    _require_stranger(locked)
    former = locked.ratings.order_by("-number").first()
    said = (stars, is_outcome_reached, words)
    if former and said == (former.stars, former.is_outcome_reached, former.words):
        return former
    made = Rating.objects.create(
        order=locked,
        number=former.number + 1 if former else 1,
        stars=stars,
        is_outcome_reached=is_outcome_reached,
        words=words,
        first_used_on=span.first,
        last_used_on=span.last,
        stated_at=at,
        stated_by=by.user,
    )
    used = Subscription.objects.filter(reference=locked.code)
    folding.fold(offering_ids=used.values_list("offering_id", flat=True), at=at)
    trail.record(by=by, at=at, verb="order.rated", subject=locked, data={"stars": stars})
    notifying.rated(rating=made, at=at)
    return made


@transaction.atomic
def answer(*, by: Actor, order: Order, words: str, at: datetime) -> RatingAnswer:
    """Answer an order's rating once, for the publisher of its bundle. Locks the order.

    Raises Forbidden, InvalidRating, NotRated, AnsweredBefore.
    """
    by.require(Permission.BUNDLE_PUBLISH)
    locked = orders.lock(order=order)
    if by.own().pk != locked.bundle.publisher.organization_id:
        raise Forbidden(_("Only the publisher of the bundle answers its ratings."))
    words = words.strip()
    if not words or len(words) > LONGEST:
        message = _("Write an answer of at most 1,000 characters.")
        raise InvalidRating(message, errors={"words": message})
    rating = locked.ratings.order_by("-number").first()
    if rating is None:
        raise NotRated(_("This order has not been rated. There is nothing to answer yet."))
    if RatingAnswer.objects.filter(order=locked).exists():
        raise AnsweredBefore(_("You answered this rating before. An answer is given once."))
    made = RatingAnswer.objects.create(
        order=locked, rating=rating, words=words, answered_at=at, answered_by=by.user
    )
    trail.record(by=by, at=at, verb="order.rating_answered", subject=locked)
    return made


def _check(stars: int, words: str) -> None:
    if not isinstance(stars, int) or isinstance(stars, bool) or not 1 <= stars <= 5:
        message = _("Choose 1 to 5 stars.")
        raise InvalidRating(message, errors={"stars": message})
    if len(words) > LONGEST:
        message = _("Write at most 1,000 characters.")
        raise InvalidRating(message, errors={"words": message})


def _long_span(order: Order) -> Span:
    span = measuring.measure(order=order).span
    if span is None:
        raise UseTooShort(
            _(
                "Nothing was metered for this order yet. It can be rated when %(days)s days lie "
                "between its first and its latest metered use."
            )
            % {"days": LEAST_DAYS}
        )
    if not span.is_long:
        raise UseTooShort(
            _(
                "First metered use was on %(first)s, the latest on %(last)s. It can be rated once "
                "use on %(from_day)s or later has been metered."
            )
            % {"first": span.first, "last": span.last, "from_day": span.rates_from}
        )
    return span


def _require_stranger(order: Order) -> None:
    """No provider of the order may be the firm itself, or close to it.

    A legal representative of the same name is taken for the same person: no number of theirs is kept.
    """
    parts = Subscription.objects.filter(reference=order.code)
    sellers = Organization.objects.filter(
        pk__in=parts.values("offering__provider__organization_id")
    ) | Organization.objects.filter(pk=order.bundle.publisher.organization_id)
    firm = order.enterprise
    found = sellers.distinct().order_by("pk")
    people = ties.people(organization_ids=[firm.pk, *found.values_list("pk", flat=True)])
    for seller in found:
        is_close = (
            seller.uscc == firm.uscc
            or (seller.legal_person and seller.legal_person == firm.legal_person)
            or people.get(seller.pk, set()) & people.get(firm.pk, set())
        )
        if is_close:
            raise RatingRelated(
                _(
                    "%(seller)s delivers a part of this order and is related to your firm: the same "
                    "company, legal representative or member. Ratings come from strangers only."
                )
                % {"seller": seller.name}
            )
