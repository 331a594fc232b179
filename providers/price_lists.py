"""Price lists as pages show them: one row for each tier, with its bounds in words."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import groupby

from django.utils.translation import gettext as _

from common.display import grouped
from common.periods import local_day
from providers import wording
from providers.models import Rate, Subscription


@dataclass(frozen=True, slots=True)
class TierRow:
    """One tier: which requests and which part of the month's volume it prices; "" for all."""

    rate: Rate
    is_first: bool
    requests: str
    volume: str


@dataclass(frozen=True, slots=True)
class PriceTable:
    """The rows of a price list, and which columns it needs at all."""

    rows: list[TierRow]
    has_requests: bool
    has_volume: bool


@dataclass(frozen=True, slots=True)
class PriceSummary:
    """A meter and its prices in one line, from the lowest tier to the highest."""

    label: str
    text: str
    has_tiers: bool


@dataclass(frozen=True, slots=True)
class PriceSheet:
    """Which prices a subscription pays, and which of the list are announced.

    `first_day` is the day whose prices it holds until before `until` (without an end if None);
    `is_held` whether it still does.
    """

    first_day: date
    until: date | None
    is_held: bool
    paid: PriceTable
    announced: PriceTable


def sheet_of(subscription: Subscription, today: date) -> PriceSheet:
    """The prices of a subscription today; a meter not priced on its first day follows the list."""
    first_day, until = local_day(subscription.starts_at), subscription.prices_held_until
    is_held = until is None or today < until
    rates = list(subscription.offering.rates.order_by("meter", "effective", "pk"))
    listed = [rate for rate in rates if today in rate.effective]
    held = [rate for rate in rates if is_held and first_day in rate.effective]
    meters = {rate.meter for rate in held}
    paid = [*held, *(rate for rate in listed if rate.meter not in meters)]
    announced = [rate for rate in rates if rate.effective.lower > today]
    return PriceSheet(first_day, until, is_held, table_of(paid), table_of(announced))


def table_of(rates: Sequence[Rate]) -> PriceTable:
    """All tiers of all meters; those of one list stand together, in the order of their bounds."""
    rows: list[TierRow] = []
    for _key, found in groupby(rates, key=lambda rate: (rate.meter, rate.effective.lower)):
        tiers = sorted(found, key=lambda rate: (rate.context_from, rate.volume_from))
        contexts = sorted({rate.context_from for rate in tiers})
        for rate in tiers:
            volumes = [each.volume_from for each in tiers if each.context_from == rate.context_from]
            rows.append(
                TierRow(
                    rate,
                    rate is tiers[0],
                    _between(rate.context_from, contexts, _tokens_text),
                    _between(rate.volume_from, volumes, partial(_volume_text, rate.meter)),
                )
            )
    has_requests = any(row.requests for row in rows)
    return PriceTable(rows, has_requests, any(row.volume for row in rows))


def summaries_of(rates: Sequence[Rate]) -> list[PriceSummary]:
    """One line for each meter; `rates` are those in force on one day, ordered by meter."""
    found = []
    for _meter, group in groupby(rates, key=lambda rate: rate.meter):
        tiers = list(group)
        prices = [(rate.price_yuan, rate.per_units) for rate in tiers]
        text = wording.price_range_text(prices, tiers[0].meter)
        found.append(PriceSummary(tiers[0].get_meter_display(), text, len(tiers) > 1))
    return found


def _between(begins: int, bounds: Sequence[int], spell: Callable[[int], str]) -> str:
    """A tier's range in words: up to its end, between both, or beyond its begin."""
    later = [bound for bound in bounds if bound > begins]
    if later and not begins:
        return _("up to %(end)s") % {"end": spell(later[0])}
    if later:
        return _("over %(begin)s up to %(end)s") % {"begin": spell(begins), "end": spell(later[0])}
    return _("over %(begin)s") % {"begin": spell(begins)} if begins else ""


def _tokens_text(tokens: int) -> str:
    return _("%(count)s tokens") % {"count": grouped(tokens)}


def _volume_text(meter: str, base_units: int) -> str:
    return wording.volume_text(base_units, meter)
