"""Whether a well-formed event may be taken: its subscription, price, time and size."""

from bisect import bisect_right
from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Self

import msgspec

from common.periods import local_day, month_start
from providers.models import (
    Capacity,
    FacilityKind,
    Meter,
    Offering,
    Provider,
    Rate,
    Subscription,
)
from vouchers.billing.rules import digests
from vouchers.billing.rules.events import MAX_QUANTITY, Refusal, Report

MAX_AHEAD = timedelta(minutes=5)
"""How far a provider's clock may be ahead of ours."""
UNPRICED = -1
NEVER = 2**63 - 1
"""A moment behind all others, in microseconds."""
HOUR = 3_600_000_000
"""Microseconds; an hour lies in one civil day."""

Windows = tuple[tuple[int, int], ...]
"""When idle machines are lent out: first moment, included, and last, excluded, in microseconds."""


class Bound(msgspec.Struct, frozen=True):
    """Most base units of a meter in one event, and where its tiers by length begin."""

    limit: int
    tiers: tuple[int, ...]


class Slot(msgspec.Struct):
    """What the events of a subscription within an hour have in common; moments in microseconds.

    `month` is the day's; `landed` the one in whose bill the usage stands, once that is known.
    """

    subscription: int
    offering: int
    starts: int
    ends: int
    day: date
    month: date
    landed: date
    meters: dict[str, Bound] = {}
    is_tiered: bool = False
    windows: Windows | None = None


class _Term(msgspec.Struct):
    """What an event needs to know of its subscription; `windows` only where it stands on idle machines."""

    pk: int
    offering: int
    starts: int
    ends: int
    windows: Windows | None = None


class Acceptance:
    """What a batch is checked against: the provider's own subscriptions, prices and capacity."""

    def __init__(self, at: datetime) -> None:
        self._latest = digests.micros(at + MAX_AHEAD)
        self._terms: dict[str, _Term] = {}
        self._prices: dict[tuple[int, str], list[tuple[date, date | None, int]]] = {}
        self._capacity: dict[tuple[int, str, date], int] = {}
        self._slots: dict[tuple[str, int], Slot] = {}
        self._bounds: dict[tuple[int, str, date], Bound] = {}

    @classmethod
    def load(cls, provider: Provider, codes: Collection[str], at: datetime) -> Self:
        """Read what a batch needs: three queries whatever its size, a fourth for idle machines."""
        made = cls(at)
        rows = Subscription.objects.filter(code__in=codes, offering__provider=provider).values_list(
            "code", "pk", "offering_id", "starts_at", "ends_at", "offering__facility__kind"
        )
        idle: dict[int, list[_Term]] = {}
        for code, pk, offering, starts_at, ends_at, kind in rows:
            ends = NEVER if ends_at is None else digests.micros(ends_at)
            term = made._terms[code] = _Term(pk, offering, digests.micros(starts_at), ends)
            if kind == FacilityKind.IDLE_CAPACITY:
                idle.setdefault(offering, []).append(term)
        if idle:
            _add_windows(idle)
        offerings = {term.offering for term in made._terms.values()}
        prices = Rate.objects.filter(offering__in=offerings, volume_from=0)
        for offering, meter, effective, tier in prices.values_list(
            "offering_id", "meter", "effective", "context_from"
        ):
            span = effective.lower, effective.upper, tier
            made._prices.setdefault((offering, meter), []).append(span)
        for offering, meter, month, units in Capacity.objects.filter(
            offering__in=offerings
        ).values_list("offering_id", "meter", "month", "total_units"):
            made._capacity[offering, meter, month] = units
        return made

    def judge(self, event: Report, moment: int) -> Slot | Refusal:
        """Say why the event cannot be taken, but for its month's closing, or what it belongs to.

        A subscription of another provider answers exactly like one that does not exist.
        """
        slot = self._slots.get((event.subscription, moment // HOUR)) or self._judged_slot(
            event, moment
        )
        if isinstance(slot, Refusal):
            return slot
        if not slot.starts <= moment < slot.ends:
            return Refusal.BEFORE_START if moment < slot.starts else Refusal.SUBSCRIPTION_ENDED
        if moment > self._latest:
            return Refusal.TIME_IN_FUTURE
        if slot.windows is not None and not _is_open(slot.windows, moment):
            return Refusal.OUTSIDE_WINDOW
        meters = slot.meters
        for meter, quantity in event.quantities.items():
            bound = meters.get(meter) or self.bound(slot, meter)
            if quantity > bound.limit:
                priced = bound.limit != UNPRICED
                return Refusal.ABOVE_CAPACITY if priced else Refusal.METER_NOT_PRICED
        return slot

    def subscription_of(self, code: str) -> int | None:
        """The provider's subscription with that code."""
        term = self._terms.get(code)
        return None if term is None else term.pk

    def is_ahead(self, moment: int) -> bool:
        """Tell whether a moment lies in the future, however wrong the clocks."""
        return moment > self._latest

    def slot(self, code: str, time: datetime, moment: int) -> Slot:
        """What the events of one of the provider's subscriptions in that hour have in common."""
        term = self._terms[code]
        day = local_day(time)
        month = month_start(day)
        slot = Slot(term.pk, term.offering, term.starts, term.ends, day, month, month)
        slot.windows = term.windows
        return self._slots.setdefault((code, moment // HOUR), slot)

    def _judged_slot(self, event: Report, moment: int) -> Slot | Refusal:
        if event.subscription not in self._terms:
            return Refusal.UNKNOWN_SUBSCRIPTION
        if moment >= self._latest + HOUR:  # maybe beyond the last civil day there is
            return Refusal.TIME_IN_FUTURE
        return self.slot(event.subscription, event.time, moment)

    def bound(self, slot: Slot, meter: str) -> Bound:
        """Limits of a meter on the slot's day."""
        known = self._bounds.get((slot.offering, meter, slot.day))
        if known is None:
            tiers = tuple(
                sorted(
                    tier
                    for starts, ends, tier in self._prices.get((slot.offering, meter), ())
                    if starts <= slot.day and (ends is None or slot.day < ends)
                )
            )
            limit = self._capacity.get((slot.offering, meter, slot.month), MAX_QUANTITY)
            known = Bound(limit if tiers else UNPRICED, tiers)
            self._bounds[slot.offering, meter, slot.day] = known
        slot.meters[meter] = known
        slot.is_tiered = slot.is_tiered or bool(known.tiers and known.tiers[-1] > 0)
        return known


def _add_windows(terms: dict[int, list[_Term]]) -> None:
    """Tell subscriptions on idle machines, by offering, when these are lent out."""
    offered = Offering.objects.filter(pk__in=terms, facility__idle_windows__withdrawn_at=None)
    found: dict[int, list[tuple[int, int]]] = {}
    for pk, span in offered.values_list("pk", "facility__idle_windows__span"):
        if span is not None:
            found.setdefault(pk, []).append(
                (digests.micros(span.lower), digests.micros(span.upper))
            )
    for pk, each in terms.items():
        for term in each:
            term.windows = tuple(sorted(found.get(pk, ())))


def _is_open(windows: Windows, moment: int) -> bool:
    """Tell whether a moment lies in one of the windows, which are in order and apart."""
    number = bisect_right(windows, (moment, NEVER)) - 1
    return number >= 0 and moment < windows[number][1]


def contexts_of(event: Report, slot: Slot) -> dict[str, int] | None:
    """The tier by the request's length of each meter that is not in its first.

    A tier reaches from its beginning, not included, to the next one's, included; the length is that
    of the whole input, cached or not.
    """
    sent = event.quantities
    length = sent.get(Meter.INPUT_TOKENS.value, 0) + sent.get(Meter.CACHED_TOKENS.value, 0)
    found = {
        meter: max((tier for tier in slot.meters[meter].tiers if tier < length), default=0)
        for meter in sent
    }
    return {meter: tier for meter, tier in found.items() if tier} or None
