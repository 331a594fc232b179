"""Whether a well-formed event may be taken: its subscription, price, time and size."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Self

from common.periods import local_day, month_start
from providers.models import Capacity, Provider, Rate, Subscription
from vouchers.billing.rules.events import MAX_QUANTITY, Refusal, Report

MAX_AHEAD = timedelta(minutes=5)
"""How far a provider's clock may be ahead of ours."""
UNPRICED = -1


@dataclass(frozen=True, slots=True)
class Term:
    """What an event needs to know of its subscription."""

    pk: int
    offering: int
    starts_at: datetime
    ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What a batch is checked against: the provider's own subscriptions, prices and capacity."""

    at: datetime
    terms: dict[str, Term]
    priced: dict[tuple[int, str], list[tuple[date, date | None]]]
    capacity: dict[tuple[int, str, date], int]
    days: dict[tuple[int, int], date] = field(default_factory=dict)
    limits: dict[tuple[int, str, date], int] = field(default_factory=dict)

    @classmethod
    def load(cls, provider: Provider, codes: Collection[str], at: datetime) -> Self:
        """Read what a batch needs: three queries whatever its size."""
        rows = Subscription.objects.filter(code__in=codes, offering__provider=provider).values_list(
            "code", "pk", "offering_id", "starts_at", "ends_at"
        )
        terms = {
            code: Term(pk, offering, starts_at, ends_at)
            for code, pk, offering, starts_at, ends_at in rows
        }
        offerings = {term.offering for term in terms.values()}
        priced: dict[tuple[int, str], list[tuple[date, date | None]]] = {}
        for offering, meter, effective in Rate.objects.filter(offering__in=offerings).values_list(
            "offering_id", "meter", "effective"
        ):
            priced.setdefault((offering, meter), []).append((effective.lower, effective.upper))
        capacity = {
            (offering, meter, month): units
            for offering, meter, month, units in Capacity.objects.filter(
                offering__in=offerings
            ).values_list("offering_id", "meter", "month", "total_units")
        }
        return cls(at, terms, priced, capacity)

    def refusal(self, event: Report) -> Refusal | None:
        """Say why the event cannot be taken, but for closed periods; None when it can.

        A subscription of another provider answers exactly like one that does not exist.
        """
        term = self.terms.get(event.subscription)
        if term is None:
            return Refusal.UNKNOWN_SUBSCRIPTION
        if event.time > self.at + MAX_AHEAD:
            return Refusal.TIME_IN_FUTURE
        if event.time < term.starts_at:
            return Refusal.BEFORE_START
        if term.ends_at is not None and event.time >= term.ends_at:
            return Refusal.SUBSCRIPTION_ENDED
        return self._refused_quantity(event, term.offering)

    def month_of(self, event: Report) -> date:
        """The billing period of an event."""
        return month_start(self._day(event.time))

    def _refused_quantity(self, event: Report, offering: int) -> Refusal | None:
        day = self._day(event.time)
        for meter, quantity in event.quantities.items():
            key = (offering, meter, day)
            limit = self.limits.get(key)
            if limit is None:
                limit = self.limits[key] = self._limit(offering, meter, day)
            if limit == UNPRICED:
                return Refusal.METER_NOT_PRICED
            if quantity > limit:
                return Refusal.ABOVE_CAPACITY
        return None

    def _limit(self, offering: int, meter: str, day: date) -> int:
        """Most base units that one event may report; UNPRICED when the meter has no price."""
        spans = self.priced.get((offering, meter), ())
        if not any(start <= day and (end is None or day < end) for start, end in spans):
            return UNPRICED
        return self.capacity.get((offering, meter, month_start(day)), MAX_QUANTITY)

    def _day(self, time: datetime) -> date:
        """The civil day, looked up once for each hour: a zone's rules are slow for every event."""
        hour = (time.toordinal(), time.hour)
        day = self.days.get(hour)
        if day is None:
            day = self.days[hour] = local_day(time)
        return day
