"""Quotes: asked for, reserved against a clock, accepted as an order; withdrawn or lapsed."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.actions import trail
from accounts.permissions import Permission
from common import states
from common.codes import new_code
from common.display import moment_text
from common.errors import Conflict, Forbidden
from marketplace.catalog.models import Bundle
from marketplace.matching.actions import matches
from marketplace.matching.models import Match, Need
from marketplace.orders.actions import holding, judging, orders
from marketplace.orders.actions.holding import TRANSITIONS
from marketplace.orders.models import Order, Quote, QuoteStatus

VALID_FOR = timedelta(days=7)
"""How long a quote can be taken up, at the prices it states."""

RESERVED_FOR = timedelta(hours=72)
"""How long capacity and voucher money wait for the contract to be accepted."""


class QuoteLapsed(Conflict):
    """The quote's time is over."""

    code = "quote_lapsed"


class AnotherReserved(Conflict):
    """Another bundle is reserved for the need."""

    code = "another_reserved"


class ContractChanged(Conflict):
    """The text that was read is not the one in force."""

    code = "contract_changed"


def ask(
    *, by: Actor, need: Need, bundle: Bundle, at: datetime, own_fen: int | None = None
) -> Quote:
    """State what a bundle costs for a need, valid for seven days; it holds nothing.

    `own_fen` is the share that was shown, if one was. Locks the need, then the chain's offerings.
    The same figures again answer with the quote that is there. After a refusal the need's matches
    are those of today. Raises Forbidden, NeedAlreadyOrdered, AnotherReserved, BundleNotOffered,
    OutsideLimits, AboveCapacity, PriceChanged.
    """
    by.require(Permission.NEED_MANAGE)
    try:
        return _ask(by, need, bundle, at, own_fen)
    except (judging.BundleNotOffered, judging.OutsideLimits, judging.PriceChanged):
        judging.match_again(need=need, at=at)
        raise


@transaction.atomic
def _ask(by: Actor, need: Need, bundle: Bundle, at: datetime, own_fen: int | None) -> Quote:
    held = _lock_need(by, need)
    _require_free(held)
    reserved = holding.reserved_of(held)
    if reserved is not None:
        return _only(reserved, bundle)
    match = judging.judged(need=held, bundle=bundle, own_fen=own_fen, at=at)
    figures = _figures(match)
    known = Quote.objects.filter(
        need=held, bundle=bundle, status=QuoteStatus.OPEN, valid_until__gt=at, **figures
    )
    quote = known.order_by("-pk").first()
    if quote is None:
        quote = Quote.objects.create(
            code=new_code("QT"), need=held, bundle=bundle, quoted_at=at, quoted_by=by.user,
            valid_until=at + VALID_FOR, **figures,
        )  # fmt: skip
        data = {"own_fen": quote.monthly_own_fen, "valid_until": quote.valid_until.isoformat()}
        trail.record(by=by, at=at, verb="quote.made", subject=quote, data=data)
    return quote


def reserve(*, by: Actor, quote: Quote, at: datetime) -> Quote:
    """Keep the bundle's capacity free, and on vouchers what they would pay of a month, for 72 hours.

    Locks the need, the quote, the chain's offerings and the vouchers' accounts, and judges every
    limit again. Again, nothing changes. Raises Forbidden, QuoteLapsed, WrongState, AnotherReserved,
    NeedAlreadyOrdered, BundleNotOffered, OutsideLimits, AboveCapacity; PriceChanged, after which the
    quote states today's figures.
    """
    by.require(Permission.ORDER_PLACE)
    try:
        return _reserve(by, quote, at)
    except judging.PriceChanged as changed:
        _restate(quote, changed.match)
        raise


@transaction.atomic
def _reserve(by: Actor, quote: Quote, at: datetime) -> Quote:
    locked = _lock(by, quote)
    if locked.status == QuoteStatus.RESERVED:
        return locked
    _require_time(locked, at)
    _require_free(locked.need)
    other = holding.reserved_of(locked.need)
    if other is not None:
        return _only(other, locked.bundle)
    judging.judged(need=locked.need, bundle=locked.bundle, own_fen=locked.monthly_own_fen, at=at)
    until = at + RESERVED_FOR
    held_fen = holding.hold(quote=locked, until=until, at=at)
    states.move(
        locked,
        to=QuoteStatus.RESERVED,
        transitions=TRANSITIONS,
        reserved_at=at,
        reserved_by=by.user,
        reserved_until=until,
        held_fen=held_fen,
    )
    data = {"held_fen": held_fen, "reserved_until": until.isoformat()}
    trail.record(by=by, at=at, verb="quote.reserved", subject=locked, data=data)
    return locked


def accept(
    *,
    by: Actor,
    quote: Quote,
    contract_version: int,
    own_fen: int,
    at: datetime,
    own_number: str = "",
) -> Order:
    """Accept the contract's text: what was reserved is given back and ordered in one transaction.

    `own_fen` and `contract_version` are what was shown. Locks as `orders.place`. Again, it answers
    with the same order. After a refusal the reservation stands as it was. Raises Forbidden,
    QuoteLapsed, WrongState, ContractChanged, and what `orders.place` raises; after PriceChanged the
    quote states today's figures.
    """
    by.require(Permission.ORDER_PLACE)
    try:
        return _accept(by, quote, contract_version, own_fen, at, own_number)
    except judging.PriceChanged as changed:
        _restate(quote, changed.match)
        raise


@transaction.atomic
def _accept(
    by: Actor, quote: Quote, contract_version: int, own_fen: int, at: datetime, own_number: str
) -> Order:
    locked = _lock(by, quote)
    if locked.status == QuoteStatus.ORDERED:
        return Order.objects.get(need=locked.need)
    _require_time(locked, at)
    states.require(locked, to=QuoteStatus.ORDERED, transitions=TRANSITIONS)
    if contract_version != orders.CONTRACT_VERSION:
        raise ContractChanged(_("The contract's text has changed. Read it again and confirm."))
    return orders.place(
        by=by,
        need=locked.need,
        bundle=locked.bundle,
        at=at,
        own_fen=own_fen,
        own_number=own_number.strip(),
    )


@transaction.atomic
def withdraw(*, by: Actor, quote: Quote, at: datetime) -> Quote:
    """Give up a quote: what it holds is free again. Again, nothing changes. Raises WrongState."""
    by.require(Permission.ORDER_PLACE)
    locked = _lock(by, quote)
    if locked.status != QuoteStatus.WITHDRAWN:
        _close(locked, QuoteStatus.WITHDRAWN, at, by)
    return locked


def lapse_due(*, at: datetime, limit: int = 200) -> int:
    """Close what nobody took up in time, each in its own transaction. Returns how many.

    An idempotent tick: it finds its work in the database, whatever became of earlier ones.
    """
    due = Quote.objects.due_to_lapse(at).select_related("need").order_by("pk")
    return sum(_lapse(quote, at) for quote in due[:limit])


@transaction.atomic
def _lapse(quote: Quote, at: datetime) -> int:
    matches.lock(need=quote.need)
    locked = Quote.objects.select_for_update().filter(pk=quote.pk)
    found = locked.due_to_lapse(at).first()
    if found is None:
        return 0
    _close(found, QuoteStatus.LAPSED, at, None)
    return 1


def _close(quote: Quote, to: QuoteStatus, at: datetime, by: Actor | None) -> None:
    was_reserved = quote.status == QuoteStatus.RESERVED
    states.move(quote, to=to, transitions=TRANSITIONS)
    if was_reserved:
        holding.release(quote=quote, at=at)
    trail.record(by=by, at=at, verb=f"quote.{to.value}", subject=quote)


@transaction.atomic
def _restate(quote: Quote, match: Match) -> None:
    """The figures of today, so that the page asks for consent to what it shows."""
    rows = Quote.objects.filter(pk=quote.pk, status__in=[QuoteStatus.OPEN, QuoteStatus.RESERVED])
    rows.update(**_figures(match))


def _figures(match: Match) -> dict[str, object]:
    return {
        "lines": holding.lines_of(match),
        "monthly_price_fen": match.price_fen,
        "monthly_voucher_fen": match.voucher_fen,
        "monthly_own_fen": match.own_fen,
    }


def _lock_need(by: Actor, need: Need) -> Need:
    if by.own().pk != need.enterprise_id:
        raise Forbidden(_("You can order for your own organization only."))
    return matches.lock(need=need)


def _lock(by: Actor, quote: Quote) -> Quote:
    """The need, then the quote, locked."""
    need = _lock_need(by, quote.need)
    locked = Quote.objects.select_for_update(of=("self",)).select_related("bundle").get(pk=quote.pk)
    locked.need = need
    return locked


def _require_free(need: Need) -> None:
    known = Order.objects.filter(need=need).select_related("bundle").first()
    if known is not None:
        raise orders.NeedAlreadyOrdered(
            _("%(bundle)s is ordered for this need (%(order)s). State a new need to order more.")
            % {"bundle": known.bundle.name, "order": known.code}
        )


def _require_time(quote: Quote, at: datetime) -> None:
    ends = quote.reserved_until if quote.status == QuoteStatus.RESERVED else quote.valid_until
    if quote.status == QuoteStatus.LAPSED or (ends is not None and ends <= at):
        raise QuoteLapsed(_("The time of this quote is over. Ask for a new one from the matches."))


def _only(reserved: Quote, bundle: Bundle) -> Quote:
    assert reserved.reserved_until is not None  # noqa: S101  # the constraint marketplace_quote_clock
    if reserved.bundle_id != bundle.pk:
        raise AnotherReserved(
            _(
                "Another bundle is reserved for this need until %(until)s (%(quote)s)."
                " Accept it or withdraw it first."
            )
            % {"until": moment_text(reserved.reserved_until), "quote": reserved.code}
        )
    return reserved
