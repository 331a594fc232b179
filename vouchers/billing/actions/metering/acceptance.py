"""Whether a well-formed event may be taken: its subscription, price, time and size."""

from bisect import bisect_right
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Self

import msgspec

from accounts.models import Organization
from common.periods import local_day, month_start
from common.statements import plain_cursor
from providers.models import FacilityKind, Meter
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

SCOPE = """
WITH term AS MATERIALIZED (
    SELECT s.code, s.id, s.offering_id, s.starts_at, s.ends_at, s.prices_held_until,
        CASE WHEN f.kind = %s THEN f.id END AS idle
    FROM providers_subscription s
    JOIN providers_offering o ON o.id = s.offering_id
    JOIN providers_provider p ON p.id = o.provider_id
    LEFT JOIN providers_facility f ON f.id = o.facility_id
    WHERE p.organization_id = %s AND s.code = ANY(%s)
)
SELECT json_build_object('provider', p.id,
    'terms', coalesce((SELECT json_agg(json_build_array(code, id, offering_id,
        (extract(epoch FROM starts_at - '2000-01-01Z') * 1000000)::bigint,
        (extract(epoch FROM ends_at - '2000-01-01Z') * 1000000)::bigint,
        (starts_at AT TIME ZONE 'Asia/Shanghai')::date, prices_held_until,
        CASE WHEN idle IS NOT NULL THEN coalesce((SELECT json_agg(json_build_array(
            (extract(epoch FROM lower(w.span) - '2000-01-01Z') * 1000000)::bigint,
            (extract(epoch FROM upper(w.span) - '2000-01-01Z') * 1000000)::bigint) ORDER BY w.span)
            FROM providers_idlewindow w WHERE w.facility_id = idle AND w.withdrawn_at IS NULL),
            '[]') END)) FROM term), '[]'),
    'prices', coalesce((SELECT json_agg(json_build_array(offering_id, meter, lower(effective),
        upper(effective), context_from)) FROM providers_rate
        WHERE offering_id IN (SELECT offering_id FROM term) AND volume_from = 0), '[]'),
    'capacities', coalesce((SELECT json_agg(json_build_array(offering_id, meter, month,
        total_units, greatest(total_units - coalesce(quantity, 0), 0)))
        FROM providers_capacity LEFT JOIN vouchers_deliveredusage USING (offering_id, month, meter)
        WHERE offering_id IN (SELECT offering_id FROM term)), '[]'),
    'caps', coalesce((SELECT json_agg(json_build_array(subscription_id, meter,
        most_units - used_units)) FROM vouchers_usagecap
        WHERE subscription_id IN (SELECT id FROM term)), '[]'),
    'closed', coalesce((SELECT json_agg(month) FROM vouchers_closedperiod), '[]'))::text
FROM providers_provider p WHERE p.organization_id = %s AND p.status = 'verified'
"""
"""Moments as microseconds, exactly; the rest as the structs below have it. Windows only of idle machines."""


class Bound(msgspec.Struct, frozen=True):
    """Most base units of a meter in one event, and where its tiers by length begin."""

    limit: int
    tiers: tuple[int, ...]


class Slot(msgspec.Struct):
    """What the events of a source and a subscription within an hour have in common.

    Moments in microseconds. `month` is the day's; `landed` the one in whose bill the usage stands,
    once that is known. `priced` is the day whose prices hold: the contract's first where it holds
    those. `refusal` when none of them can be taken. `usual_until` is where moments end of which no
    more is to be asked than whether their quantities are within `limits`, by meter, known so far.
    `said` begins what their contents are digested from.
    """

    digests: digests.Source
    said: bytes
    source: str
    subscription: int
    offering: int
    starts: int
    ends: int
    day: date
    month: date
    landed: date
    priced: date
    usual_until: int
    windows: Windows | None = None
    refusal: Refusal | None = None
    limits: dict[str, int] = {}
    meters: dict[str, Bound] = {}
    is_tiered: bool = False


class _Term(msgspec.Struct, array_like=True):
    """What an event needs to know of its subscription."""

    code: str
    pk: int
    offering: int
    starts: int
    ends: int | None
    starts_on: date
    held_until: date | None
    windows: Windows | None

    def priced(self, day: date) -> date:
        """The day whose prices hold on a day of the contract."""
        return self.starts_on if self.held_until is None or day < self.held_until else day


class _Price(msgspec.Struct, array_like=True):
    """That a meter has a price from a day to another, for requests longer than the tier."""

    offering: int
    meter: str
    starts: date
    ends: date | None
    tier: int


class _Capacity(msgspec.Struct, array_like=True):
    """What an offering can deliver in a month, and how much of it nothing has used yet."""

    offering: int
    meter: str
    month: date
    units: int
    left: int


class _Cap(msgspec.Struct, array_like=True):
    """What may still be reported of a meter on a capped subscription."""

    subscription: int
    meter: str
    left: int


class _Scope(msgspec.Struct):
    """All that a batch is checked against, as the database tells it."""

    provider: int
    terms: list[_Term]
    prices: list[_Price]
    capacities: list[_Capacity]
    caps: list[_Cap]
    closed: set[date]


_scope = msgspec.json.Decoder(_Scope)


class Acceptance:
    """What a batch is checked against: the provider's own subscriptions, prices and capacity."""

    def __init__(self, scope: _Scope, at: datetime) -> None:
        self.provider = scope.provider
        self.closed = frozenset(scope.closed)
        self._latest = digests.micros(at + MAX_AHEAD)
        self._terms = {term.code: term for term in scope.terms}
        self._prices: dict[tuple[int, str], list[_Price]] = {}
        for price in scope.prices:
            self._prices.setdefault((price.offering, price.meter), []).append(price)
        self._capacity = {
            (each.offering, each.meter, each.month): each.units for each in scope.capacities
        }
        self.left = {
            (each.offering, each.month, each.meter): each.left for each in scope.capacities
        }
        self.caps = {(each.subscription, each.meter): each.left for each in scope.caps}
        self.offering_of = {term.pk: term.offering for term in scope.terms}
        self.slots: dict[tuple[str, str, int], Slot] = {}
        self._bounds: dict[tuple[int, str, date, date], Bound] = {}

    @classmethod
    def load(cls, organization: Organization, codes: Iterable[str], at: datetime) -> Self | None:
        """Read what a batch needs, in one query; None for no verified provider.

        `codes` are those of the subscriptions named; foreign and unknown ones are not found.
        """
        with plain_cursor() as cursor:
            row = cursor.execute(
                SCOPE,
                [FacilityKind.IDLE_CAPACITY, organization.pk, sorted(codes), organization.pk],
            ).fetchone()
        return None if row is None else cls(_scope.decode(row[0]), at)

    def slot(self, source: str, code: str, time: datetime, moment: int) -> Slot:
        """What the events of a source and subscription in that hour have in common."""
        key = source, code, moment // HOUR
        return self.slots.get(key) or self.slots.setdefault(
            key, self._new_slot(source, code, time, moment)
        )

    def _new_slot(self, source: str, code: str, time: datetime, moment: int) -> Slot:
        digested = digests.Source(self.provider, source)
        term, refusal, day = self._terms.get(code), None, digests.EPOCH.date()
        if term is None:
            refusal, term = (
                Refusal.UNKNOWN_SUBSCRIPTION,
                _Term(code, 0, 0, 0, None, day, None, None),
            )
        elif moment >= self._latest + HOUR:  # maybe beyond the last civil day there is
            refusal = Refusal.TIME_IN_FUTURE
        else:
            day = local_day(time)
        month, ends = month_start(day), NEVER if term.ends is None else term.ends
        contract = term.pk, term.offering, term.starts, ends
        days = day, month, month, term.priced(day)
        is_usual = refusal is None and term.windows is None
        usual_until = min(ends, self._latest + 1) if is_usual else -NEVER
        said = digests.said(code, b"")
        return Slot(
            digested, said, source, *contract, *days, usual_until, term.windows, refusal
        )  # fmt: skip

    def refusal(self, slot: Slot, moment: int, quantities: dict[str, int]) -> Refusal | None:
        """Say why an event of the slot cannot be taken, but for its month's closing.

        A subscription of another provider answers exactly like one that does not exist.
        """
        if slot.refusal is not None:
            return slot.refusal
        if not slot.starts <= moment < slot.ends:
            return Refusal.BEFORE_START if moment < slot.starts else Refusal.SUBSCRIPTION_ENDED
        if moment > self._latest:
            return Refusal.TIME_IN_FUTURE
        if slot.windows is not None and not _is_open(slot.windows, moment):
            return Refusal.OUTSIDE_WINDOW
        meters = slot.meters
        for meter, quantity in quantities.items():
            bound = meters.get(meter) or self.bound(slot, meter)
            if quantity > bound.limit:
                priced = bound.limit != UNPRICED
                return Refusal.ABOVE_CAPACITY if priced else Refusal.METER_NOT_PRICED
        return None

    def subscription_of(self, code: str) -> int | None:
        """The provider's subscription with that code."""
        term = self._terms.get(code)
        return None if term is None else term.pk

    def is_ahead(self, moment: int) -> bool:
        """Tell whether a moment lies in the future, however wrong the clocks."""
        return moment > self._latest

    def bound(self, slot: Slot, meter: str) -> Bound:
        """Limits of a meter on the slot's day."""
        key = slot.offering, meter, slot.day, slot.priced
        known = self._bounds.get(key)
        if known is None:
            tiers = self._tiers(slot, meter, slot.priced) or self._tiers(slot, meter, slot.day)
            limit = self._capacity.get((slot.offering, meter, slot.month), MAX_QUANTITY)
            known = self._bounds[key] = Bound(limit if tiers else UNPRICED, tiers)
        slot.meters[meter] = known
        slot.limits[meter] = known.limit
        slot.is_tiered = slot.is_tiered or bool(known.tiers and known.tiers[-1] > 0)
        return known

    def _tiers(self, slot: Slot, meter: str, day: date) -> tuple[int, ...]:
        """Where the meter's tiers by length begin on a day; none where it has no price."""
        return tuple(
            sorted(
                price.tier
                for price in self._prices.get((slot.offering, meter), ())
                if price.starts <= day and (price.ends is None or day < price.ends)
            )
        )


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
