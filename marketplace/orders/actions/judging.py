"""Judging: a bundle held against a need once more, by the prices, vouchers and capacity of now."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from common import states
from common.display import money_text
from common.errors import Conflict
from marketplace.catalog.models import Bundle
from marketplace.matching import explaining
from marketplace.matching.actions import matches
from marketplace.matching.models import Match, Need
from marketplace.matching.rules.limits import Limit
from marketplace.orders.actions import holding
from marketplace.orders.models import Quote, QuoteStatus
from providers.models import Offering


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
    """The own share is another than the one that was shown; `match` has today's figures."""

    code = "price_changed"

    def __init__(self, match: Match, then_fen: int) -> None:
        self.match = match
        super().__init__(
            _("Your monthly share is now %(now)s, not %(then)s. Check it and confirm again.")
            % {"now": money_text(match.own_fen), "then": money_text(then_fen)}
        )


@transaction.atomic
def match_again(*, need: Need, at: datetime) -> None:
    """After a refusal: the need's matches become those of today, so that its page tells the same.

    Not where it is ordered, nor where a bundle is reserved for it: that would be held against it.
    """
    held = matches.lock(need=need)
    if not hasattr(held, "order") and holding.reserved_of(held) is None:
        matches.write(need=held, at=at)


def judged(
    *,
    need: Need,
    bundle: Bundle,
    own_fen: int | None,
    at: datetime,
    reserved: Quote | None = None,
) -> Match:
    """The locked need's match with a bundle by the stock of now, its chain locked.

    A quote reserved for the need is given back first, so that what it holds counts as free. Raises
    BundleNotOffered, OutsideLimits, AboveCapacity, PriceChanged.
    """
    chained = [bundle.pk] if reserved is None else [bundle.pk, reserved.bundle_id]
    lock_chain(Offering.objects.filter(bundles__in=chained).values_list("pk", flat=True))
    if reserved is not None:
        holding.release(quote=reserved, at=at)
        is_same = reserved.bundle_id == bundle.pk
        to = QuoteStatus.ORDERED if is_same else QuoteStatus.WITHDRAWN
        states.move(reserved, to=to, transitions=holding.TRANSITIONS)
    matches.write(need=need, at=at, is_exact=True)
    return _require_match(need, bundle, own_fen)


def lock_chain(offering_ids: Iterable[int]) -> list[Offering]:
    """Lock offerings in primary-key order, so that two orders never wait in a circle."""
    return list(
        Offering.objects.select_for_update(no_key=True)
        .filter(pk__in=list(offering_ids))
        .order_by("pk")
    )


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
        raise PriceChanged(match, own_fen)
    return match


def _refuse(match: Match) -> None:
    """Say every broken limit; capacity has a code of its own, because asking for less helps."""
    found = explaining.exclusions_of(match)
    message = " ".join(f"{each.title}: {each.detail}" for each in found)
    error = AboveCapacity if any(each.limit == Limit.CAPACITY for each in found) else OutsideLimits
    raise error(message)
