"""What usage would cost and who would pay it: the rule of the tick, applied to a plan."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.translation import gettext_lazy as _

from accounts.models import Organization
from common.errors import DomainError
from common.periods import local_day
from providers.models import Offering
from vouchers.billing.actions.charging import prices, purses, redemptions
from vouchers.billing.rules import burndown
from vouchers.billing.rules import rating as rules
from vouchers.grants.models import Voucher


class NotPriced(DomainError):
    """An offering has no price for a meter of the plan today."""

    code = "meter_not_priced"


@dataclass(frozen=True, slots=True)
class QuoteLine:
    """A month's planned use of one offering: base units by meter.

    A plan does not know how long its requests will be: the tier of short ones prices them.
    """

    offering: Offering
    quantities: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class QuotePart:
    """One offering's month in fen; its price is voucher and own together, and the sum by meter."""

    offering: Offering
    price_fen: int
    voucher_fen: int
    own_fen: int
    meters_fen: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class QuoteSplit:
    """A plan's month in fen; its price is voucher and own together."""

    price_fen: int
    voucher_fen: int
    own_fen: int
    parts: tuple[QuotePart, ...] = ()


def split(*, enterprise: Organization, lines: Sequence[QuoteLine], at: datetime) -> QuoteSplit:
    """Price each offering's month at today's rates and split it over the enterprise's vouchers.

    Each offering is its own bill, in the order given, and what one takes from a voucher is missing
    for the next. Caps on redemptions bind as they do in the tick. Writes nothing. Raises NotPriced.
    """
    return split_each(enterprise=enterprise, plans=[lines], at=at)[0]


def split_each(
    *, enterprise: Organization, plans: Sequence[Sequence[QuoteLine]], at: datetime
) -> list[QuoteSplit]:
    """Split several plans, each as if it were the only one; as many queries as for one plan.

    The offerings should come with provider, its organization and facility. Raises NotPriced.
    """
    day = local_day(at)
    wanted = {line.offering.pk for plan in plans for line in plan}
    rates = prices.rates_of_each(wanted, day, day + timedelta(days=1))
    vouchers = purses.usable(enterprise=enterprise, at=at)
    longest = max((len(plan) for plan in plans), default=0)
    rooms = redemptions.planned(bills=longest, vouchers=vouchers, at=at)
    return [_split(plan, rates, vouchers, rooms.apart(), day) for plan in plans]


def _split(
    plan: Sequence[QuoteLine],
    rates: Mapping[int, Sequence[rules.RateInForce]],
    vouchers: Sequence[Voucher],
    rooms: redemptions.Rooms,
    day: date,
) -> QuoteSplit:
    spent: dict[int, int] = {}
    parts = []
    for bill, line in enumerate(plan):
        in_force = rates[line.offering.pk]
        meters_fen = _meters_fen(line, in_force, day)
        price_fen = sum(meters_fen.values())
        found = purses.covering_among(
            vouchers,
            offering=line.offering,
            meters=sorted({rate.meter for rate in in_force}),
        )
        shared = burndown.split(
            total_fen=price_fen,
            paid=burndown.Paid(),
            vouchers=[
                purses.means_of(each, each.account.available_fen - spent.get(each.pk, 0))._replace(
                    limits=rooms.limits(bill, each.pk)
                )
                for each in found
            ],
            own_available_fen=price_fen,
            used_fen=rooms.used_fen,
        )
        for part in shared.vouchers:
            spent[part.key] = spent.get(part.key, 0) + part.amount_fen
            rooms.draw(bill, part.key, part.amount_fen)
        parts.append(
            QuotePart(line.offering, price_fen, shared.voucher_fen, shared.own_fen, meters_fen)
        )
    return QuoteSplit(
        price_fen=sum(part.price_fen for part in parts),
        voucher_fen=sum(part.voucher_fen for part in parts),
        own_fen=sum(part.own_fen for part in parts),
        parts=tuple(parts),
    )


def _meters_fen(line: QuoteLine, rates: Sequence[rules.RateInForce], day: date) -> dict[str, int]:
    """What each meter of a planned month costs, with its tiers and its least charge."""
    usage = [
        rules.DayUsage(meter, day, 0, units) for meter, units in line.quantities.items() if units
    ]
    try:
        rated = rules.rate_usage(usage, rates)
    except rules.Unpriced as error:
        raise NotPriced(
            _("%(offering)s has no price for this use today. Choose another offering.")
            % {"offering": line.offering.name}
        ) from error
    found: dict[str, int] = {}
    for each in rated:
        found[each.meter] = found.get(each.meter, 0) + each.amount_fen
    return found
