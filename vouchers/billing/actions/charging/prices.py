"""The prices and facts of offerings that rating asks for again and again within one run."""

from bisect import bisect_right
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db.backends.postgresql.psycopg_any import DateRange

from common.periods import next_month
from providers.models import Offering, Rate
from vouchers.billing.actions.charging.dues import Due
from vouchers.billing.rules import rating as rules
from vouchers.billing.rules.holding import Hold


@dataclass(frozen=True, slots=True)
class Sold:
    """What coverage asks about an offering, and its provider."""

    provider: int
    provider_code: str
    layer: str
    region: str
    has_domestic_chip: bool


@dataclass(frozen=True, slots=True)
class MonthPrices:
    """An offering's prices in a month. `changes_within` when one begins or ends amid it.

    `known` are all its prices that begin before the month ends, `changes` the days on which one of
    them begins or ends, in order.
    """

    rates: rules.PriceList
    meters: tuple[str, ...]
    changes_within: bool
    known: list[rules.RateInForce]
    changes: list[date]


@dataclass(frozen=True, slots=True)
class Terms:
    """What prices a contract's usage of a month; `by_day` when it has to be read day by day."""

    rates: rules.PriceList
    by_day: bool
    hold: Hold | None = None

    def priced(self, usage: Iterable[rules.DayUsage]) -> Iterable[rules.DayUsage]:
        """The usage on the days whose prices it is rated at."""
        return usage if self.hold is None else self.hold.priced(usage)


@dataclass(slots=True)
class PriceBook:
    """Prices by offering and month, and offerings, read once for each; lives as long as one tick.

    A price is never edited once it has started, so one that was read stays true.
    """

    _months: dict[tuple[int, date], MonthPrices] = field(default_factory=dict)
    _sold: dict[int, Sold] = field(default_factory=dict)
    _held: dict[tuple[int, date, date, bool], rules.PriceList] = field(default_factory=dict)

    def read(self, wanted: Collection[tuple[int, date]]) -> None:
        """Read what is not known yet: one query for the offerings and one for each month."""
        missing = set(wanted) - self._months.keys()
        for month in sorted({month for _, month in missing}):
            offerings = [offering for offering, each in missing if each == month]
            end = next_month(month)
            for offering, rates in rates_of_each(offerings, None, end).items():
                self._months[offering, month] = _month_prices(rates, month, end)
        unknown = {offering for offering, _ in wanted} - self._sold.keys()
        if unknown:
            rows = Offering.objects.select_related("facility", "provider__organization")
            self._sold |= {pk: sold(found) for pk, found in rows.in_bulk(unknown).items()}

    def month(self, offering: int, month: date) -> MonthPrices:
        """The prices of an offering in a month that was read."""
        return self._months[offering, month]

    def terms(self, due: Due, month: date) -> Terms:
        """What prices a contract's usage of a month that was read for its offering.

        Contracts that began after the last change of prices share the list of the month.
        """
        listed, until = self._months[due.offering, month], due.held_until
        place = bisect_right(listed.changes, due.starts_on)
        if not 0 < place < len(listed.changes) or (until is not None and until <= month):
            return Terms(listed.rates, listed.changes_within)
        day, end = listed.changes[place - 1], next_month(month)
        is_whole = until is None or until >= end
        held = [rate for rate in listed.known if rate.holds_on(day)]
        meters = frozenset(rate.meter for rate in held)
        key = due.offering, month, day, is_whole
        if key not in self._held:
            later = [
                rate
                for rate in listed.known
                if _overlaps(rate, month, end)
                and not rate.holds_on(day)
                and not (is_whole and rate.meter in meters)
            ]
            self._held[key] = rules.PriceList([*held, *later])
        by_day = listed.changes_within or not is_whole
        return Terms(self._held[key], by_day, Hold(day, until, meters))

    def sold(self, offering: int) -> Sold:
        """The facts of an offering that was read."""
        return self._sold[offering]


def rates_of(offering_id: int, first: date, end: date) -> list[rules.RateInForce]:
    """Prices of an offering that hold on some day from `first` up to but without `end`."""
    return rates_of_each([offering_id], first, end)[offering_id]


def rates_of_each(
    offering_ids: Collection[int], first: date | None, end: date
) -> dict[int, list[rules.RateInForce]]:
    """The same for several offerings, in one query; without `first`, all up to `end`."""
    found: dict[int, list[rules.RateInForce]] = {pk: [] for pk in offering_ids}
    for rate in Rate.objects.filter(
        offering__in=offering_ids, effective__overlap=DateRange(first, end)
    ):
        found[rate.offering_id].append(in_force(rate))
    return found


def in_force(rate: Rate) -> rules.RateInForce:
    """A price as rating reads it."""
    return rules.RateInForce(
        key=rate.pk,
        meter=rate.meter,
        price_yuan=rate.price_yuan,
        per_units=rate.per_units,
        context_from=rate.context_from,
        volume_from=rate.volume_from,
        minimum_fen=rate.minimum_fen,
        starts=rate.effective.lower,
        ends=rate.effective.upper,
    )


def sold(offering: Offering) -> Sold:
    """What coverage asks about an offering; its facility's region, else its provider's."""
    facility, provider = offering.facility, offering.provider
    return Sold(
        provider=provider.pk,
        provider_code=provider.code,
        layer=offering.layer,
        region=facility.region if facility else provider.organization.region,
        has_domestic_chip=offering.has_domestic_chip,
    )


def _overlaps(rate: rules.RateInForce, month: date, end: date) -> bool:
    return rate.starts < end and (rate.ends is None or rate.ends > month)


def _month_prices(known: list[rules.RateInForce], month: date, end: date) -> MonthPrices:
    rates = [rate for rate in known if _overlaps(rate, month, end)]
    begun = {rate.starts for rate in known}
    ended = {rate.ends for rate in known if rate.ends is not None and rate.ends < end}
    return MonthPrices(
        rates=rules.PriceList(rates),
        meters=tuple(sorted({rate.meter for rate in rates})),
        changes_within=any(
            rate.starts > month or (rate.ends is not None and rate.ends < end) for rate in rates
        ),
        known=known,
        changes=sorted(begun | ended),
    )
