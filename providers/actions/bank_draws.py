"""Draws from the compute bank: take hours elsewhere, give them back, end what is over."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.actions import trail
from accounts.models import Organization
from common import states
from common.codes import new_code
from common.errors import Conflict, Forbidden
from common.periods import end_of_day, local_day, month_start, next_month, start_of_day
from providers import wording
from providers.actions import bank_deposits, subscriptions
from providers.models import (
    BankDeposit,
    BankDraw,
    BankEntry,
    DepositStatus,
    DrawStatus,
    EntryKind,
    Meter,
    Offering,
    Rate,
    Subscription,
    SubscriptionStatus,
)
from providers.rules import banking
from providers.rules.banking import Lot, Pairing

TRANSITIONS: states.Transitions = {DrawStatus.OPEN: frozenset({DrawStatus.RELEASED})}


class InsufficientHours(Conflict):
    """The enterprise has less than that to draw elsewhere. `left_seconds` is what it has."""

    code = "bank_hours_insufficient"

    def __init__(self, left_seconds: int) -> None:
        self.left_seconds = left_seconds
        left = wording.quantity_text(left_seconds, Meter.CARD_SECONDS)
        super().__init__(_("You can draw %(left)s here at most.") % {"left": left})


class NothingDeposited(Conflict):
    """Others deposited less than that there. `free_seconds` is what nobody took."""

    code = "bank_hours_taken"

    def __init__(self, free_seconds: int) -> None:
        self.free_seconds = free_seconds
        free = wording.quantity_text(free_seconds, Meter.CARD_SECONDS)
        super().__init__(
            _("Others have %(free)s left there in this month. Draw less, or elsewhere.")
            % {"free": free}
        )


class DrawBegan(Conflict):
    """Hours may have been used from its first day on."""

    code = "bank_draw_began"


@dataclass(frozen=True, slots=True)
class Place:
    """Hours that others left at an offering in a month."""

    offering_id: int
    name: str
    provider: str
    month: date
    free_seconds: int


def places(*, enterprise: Organization, at: datetime) -> list[Place]:
    """Where the enterprise can draw, by month. One query."""
    rows = (
        BankDeposit.objects.supply_for(enterprise)
        .filter(month__gte=month_start(local_day(at)))
        .values_list(
            "offering_id", "offering__name", "offering__provider__organization__name", "month"
        )
        .annotate(free=Sum(F("card_seconds") - F("given_seconds")))
    )
    return [Place(*row) for row in rows.order_by("month", "offering__name", "offering_id")]


@transaction.atomic
def draw(
    *, by: Actor, offering: Offering, month: date, card_seconds: int, reference: str, at: datetime
) -> BankDraw:
    """Take hours that others deposited, elsewhere than one's own; a subscription starts tomorrow.

    The credit that expires first is used first. Locks the deposits concerned, credits and hours, in
    primary-key order, then looks for the reference, then at what is left; CHECK constraints stand
    behind it. The same reference and content answers with the draw that is there. Raises
    InsufficientHours, NothingDeposited, NotAnExchange, ReferenceDiffers, InvalidHours.
    """
    enterprise = bank_deposits.require_enterprise(by)
    first = bank_deposits.check_hours(card_seconds, month, at)
    owned, supplies = _lock_lots(enterprise, offering, first, local_day(at))
    known = BankDraw.objects.filter(enterprise=enterprise, reference=reference).first()
    if known is not None:
        values = {"offering": offering, "month": first, "card_seconds": card_seconds}
        bank_deposits.require_same(known, values)
        return known
    starts_on = _first_day(offering, first, at)
    pairings = _pair(owned, supplies, card_seconds)
    contract = _subscribe(enterprise, offering, starts_on, first)
    made = BankDraw.objects.create(
        code=contract.reference,
        enterprise=enterprise,
        offering=offering,
        month=first,
        card_seconds=card_seconds,
        reference=reference,
        subscription=contract,
        drawn_at=at,
        drawn_by=by.user,
    )
    _move(made, pairings, EntryKind.DRAW, at)
    data = {"card_seconds": card_seconds, "month": first.isoformat()}
    trail.record(by=by, at=at, verb="bank.drawn", subject=made, data=data)
    return made


@transaction.atomic
def release(*, by: Actor, draw: BankDraw, at: datetime) -> BankDraw:
    """Give a draw back whole before its first day; a second call changes nothing.

    The credit keeps its last day. Locks the draw, then its deposits in primary-key order. Raises
    DrawBegan.
    """
    enterprise = bank_deposits.require_enterprise(by)
    rows = BankDraw.objects.select_for_update(of=("self",), no_key=True)
    locked = rows.select_related("subscription").get(pk=draw.pk)
    if locked.enterprise_id != enterprise.pk:
        raise Forbidden(_("This draw belongs to another enterprise."))
    if locked.status == DrawStatus.RELEASED:
        return locked
    if at >= locked.subscription.starts_at:
        raise DrawBegan(_("This draw has begun. It ends with the month."))
    taken = BankEntry.objects.filter(draw=locked, kind=EntryKind.DRAW).order_by("pk")
    pairings = [Pairing(each.credit_id, each.supply_id or 0, each.card_seconds) for each in taken]
    _lock(Q(pk__in={key for each in pairings for key in (each.credit, each.supply)}))
    states.move(
        locked,
        to=DrawStatus.RELEASED,
        transitions=TRANSITIONS,
        released_at=at,
        released_by=by.user,
    )
    _move(locked, pairings, EntryKind.RELEASE, at)
    subscriptions.end(by=by, subscription=locked.subscription, at=at)
    trail.record(by=by, at=at, verb="bank.released", subject=locked)
    return locked


def finish_due(*, at: datetime, limit: int = 500) -> int:
    """End the subscriptions of draws whose month is over; returns how many. One transaction."""
    with transaction.atomic():
        due = Subscription.objects.select_for_update(of=("self",)).filter(
            bank_draw__isnull=False, ends_at__lte=at
        )
        over = list(due.exclude(status=SubscriptionStatus.ENDED).order_by("pk")[:limit])
        for each in over:
            states.move(each, to=SubscriptionStatus.ENDED, transitions=subscriptions.TRANSITIONS)
        trail.record_each(by=None, at=at, verb="subscription.ended", subjects=over)
    return len(over)


def tidy(*, at: datetime) -> int:
    """Write off what was not drawn in time and end draws that are over; returns how many."""
    return bank_deposits.expire(at=at) + finish_due(at=at)


def _lock(rows: Q) -> list[BankDeposit]:
    """Deposits, locked in primary-key order so that two draws never wait in a circle."""
    found = BankDeposit.objects.select_for_update(of=("self",), no_key=True).filter(rows)
    return list(found.select_related("offering").order_by("pk"))


def _lock_lots(
    enterprise: Organization, offering: Offering, month: date, today: date
) -> tuple[list[BankDeposit], list[BankDeposit]]:
    """The enterprise's credit from other facilities, what expires first before; others' hours here."""
    is_credit = Q(
        enterprise=enterprise, expires_on__gte=today, spent_seconds__lt=F("card_seconds")
    ) & ~Q(offering__facility=offering.facility_id)
    is_supply = Q(offering=offering, month=month, given_seconds__lt=F("card_seconds")) & ~Q(
        enterprise=enterprise
    )
    found = _lock(Q(status=DepositStatus.APPROVED) & (is_credit | is_supply))
    own = [each for each in found if each.enterprise_id == enterprise.pk]
    others = [each for each in found if each.enterprise_id != enterprise.pk]
    return sorted(own, key=lambda each: (each.expires_on, each.pk)), others


def _pair(
    owned: Sequence[BankDeposit], supplies: Sequence[BankDeposit], card_seconds: int
) -> list[Pairing]:
    left = [Lot(each.pk, each.left_seconds) for each in owned]
    free = [Lot(each.pk, each.free_seconds) for each in supplies]
    if sum(lot.seconds for lot in left) < card_seconds:
        raise InsufficientHours(sum(lot.seconds for lot in left))
    if sum(lot.seconds for lot in free) < card_seconds:
        raise NothingDeposited(sum(lot.seconds for lot in free))
    return banking.pair(left, free, card_seconds)


def _first_day(offering: Offering, month: date, at: datetime) -> date:
    """Tomorrow or the month's first day; the offering is free of charge until the month's end."""
    starts_on = max(month, local_day(at) + timedelta(days=1))
    if starts_on >= next_month(month):
        raise bank_deposits.InvalidHours(_("This month ends today. Choose a later one."))
    priced = Rate.objects.filter(
        offering=offering, meter=Meter.CARD_SECONDS, effective__startswith__lt=next_month(month)
    ).not_ended_before(starts_on)
    if priced.exclude(price_yuan=0, minimum_fen=0).exists() or not priced.exists():
        raise bank_deposits.NotAnExchange(
            _("This offering is not free of charge in that month. Choose another one.")
        )
    return starts_on


def _subscribe(
    enterprise: Organization, offering: Offering, starts_on: date, month: date
) -> Subscription:
    """A contract until the month's end. What it may use is the draw, so it reserves no capacity."""
    return Subscription.objects.create(
        code=new_code("SB"),
        enterprise=enterprise,
        offering=offering,
        reference=new_code("BW"),
        monthly_units={},
        starts_at=start_of_day(starts_on),
        ends_at=end_of_day(next_month(month) - timedelta(days=1)),
    )


def _move(draw: BankDraw, pairings: Sequence[Pairing], kind: EntryKind, at: datetime) -> None:
    """Write the entries and turn the counters of locked deposits by the same amounts."""
    sign = 1 if kind == EntryKind.DRAW else -1
    spent: dict[int, int] = defaultdict(int)
    given: dict[int, int] = defaultdict(int)
    for each in pairings:
        spent[each.credit] += sign * each.seconds
        given[each.supply] += sign * each.seconds
    BankEntry.objects.bulk_create(
        BankEntry(
            kind=kind,
            credit_id=each.credit,
            supply_id=each.supply,
            draw=draw,
            card_seconds=each.seconds,
            at=at,
        )
        for each in pairings
    )
    rows: QuerySet[BankDeposit] = BankDeposit.objects.all()
    for key, seconds in sorted(spent.items()):
        rows.filter(pk=key).update(spent_seconds=F("spent_seconds") + seconds)
    for key, seconds in sorted(given.items()):
        rows.filter(pk=key).update(given_seconds=F("given_seconds") + seconds)
