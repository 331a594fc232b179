"""What usage would cost and who would pay it: the rule of the tick, applied to a plan."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.translation import gettext_lazy as _

from accounts.models import Organization
from common.errors import DomainError
from common.periods import local_day, month_start, next_month
from providers.models import Offering
from vouchers.billing.actions.charging import prices, purses
from vouchers.billing.rules import burndown
from vouchers.billing.rules import plans as plan_rules
from vouchers.billing.rules import rating as rules
from vouchers.billing.rules.plans import SINGLE, Month, Planned
from vouchers.grants.actions import redeemed_caps
from vouchers.grants.rules import schemes
from vouchers.ledger.actions import caps


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


@dataclass(frozen=True, slots=True)
class Payers:
    """An enterprise's vouchers as they stand, for this month and those after it, caps included.

    A voucher pays in a later month only if it lasts until that month is over.
    """

    months: tuple[Month, ...]
    coverage: Mapping[int, tuple[schemes.SchemeRules, str]]
    """Key of a voucher -> its scheme's rules and its kind, on which alone it depends what it covers."""

    def covering(self, sold: prices.Sold, meters: Collection[str]) -> frozenset[int]:
        """Keys of the vouchers that may pay for an offering that bills those meters."""
        return frozenset(
            key
            for key, (scheme, kind) in self.coverage.items()
            if purses.covers(scheme, kind, sold, sorted(meters))
        )


def payers(*, enterprise: Organization, at: datetime, months: int) -> Payers:
    """Who would pay from the month of `at` on, for as many months. At most three queries."""
    vouchers = purses.usable(enterprise=enterprise, at=at)
    compiled: dict[int, schemes.SchemeRules] = {}
    for voucher in vouchers:
        if voucher.scheme_id not in compiled:
            compiled[voucher.scheme_id] = schemes.from_json(voucher.scheme.rules)
    capped = [each.pk for each in vouchers if redeemed_caps.has_any(compiled[each.scheme_id])]
    terms = redeemed_caps.terms(vouchers=capped) if capped else {}
    firsts = [month_start(local_day(at))]
    while len(firsts) < months:
        firsts.append(next_month(firsts[-1]))
    limits = [
        _limits(terms, month, local_day(at) if not n else month) for n, month in enumerate(firsts)
    ]
    keys = {limit.key for each in limits for found in each.values() for limit in found}
    shared = sorted(key for key in keys if not key.startswith(SINGLE))
    used = dict.fromkeys(keys, 0) | (caps.used(keys=shared) if shared else {})
    means = {each.pk: purses.means_of(each, each.account.available_fen) for each in vouchers}
    found = tuple(
        Month(
            tuple(
                means[voucher.pk]._replace(limits=by_voucher.get(voucher.pk, ()))
                for voucher in vouchers
                if not number or local_day(voucher.expires_at) >= next_month(first)
            ),
            used,
        )
        for number, (first, by_voucher) in enumerate(zip(firsts, limits, strict=True))
    )
    return Payers(found, {each.pk: (compiled[each.scheme_id], each.kind) for each in vouchers})


def _limits(
    terms: Mapping[int, redeemed_caps.Terms], month: date, paid_on: date
) -> dict[int, tuple[burndown.Limit, ...]]:
    """The caps of each voucher for a month's bills, each key once with its least limit."""
    found = {}
    for voucher, stated in terms.items():
        least: dict[str, int] = {}
        for bound in stated.bounds(used_on=month, paid_on=paid_on):
            key = bound.key or f"{SINGLE}{voucher}"
            least[key] = min(bound.limit_fen, least.get(key, bound.limit_fen))
        found[voucher] = tuple(burndown.Limit(key, fen) for key, fen in least.items())
    return found


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
    found = payers(enterprise=enterprise, at=at, months=1)
    return [_split(plan, rates, found, day) for plan in plans]


def _split(
    plan: Sequence[QuoteLine],
    rates: Mapping[int, Sequence[rules.RateInForce]],
    found: Payers,
    day: date,
) -> QuoteSplit:
    meters_fen = [
        priced(line.quantities, rates[line.offering.pk], day, line.offering.name) for line in plan
    ]
    bills = [
        Planned(
            sum(by_meter.values()),
            found.covering(
                prices.sold(line.offering), {rate.meter for rate in rates[line.offering.pk]}
            ),
        )
        for line, by_meter in zip(plan, meters_fen, strict=True)
    ]
    paid, _left = plan_rules.split(found.months[0], bills)
    parts = tuple(
        QuotePart(line.offering, bill.amount_fen, fen, bill.amount_fen - fen, by_meter)
        for line, bill, fen, by_meter in zip(plan, bills, paid, meters_fen, strict=True)
    )
    return QuoteSplit(
        price_fen=sum(part.price_fen for part in parts),
        voucher_fen=sum(part.voucher_fen for part in parts),
        own_fen=sum(part.own_fen for part in parts),
        parts=parts,
    )


def priced(
    quantities: Mapping[str, int],
    rates: Sequence[rules.RateInForce] | rules.PriceList,
    day: date,
    name: str,
) -> dict[str, int]:
    """What each meter of a planned month costs in fen, with its tiers and its least charge.

    Raises NotPriced, which names the offering.
    """
    usage = [rules.DayUsage(meter, day, 0, units) for meter, units in quantities.items() if units]
    try:
        rated = rules.rate_usage(usage, rates)
    except rules.Unpriced as error:
        raise NotPriced(
            _("%(offering)s has no price for this use today. Choose another offering.")
            % {"offering": name}
        ) from error
    found: dict[str, int] = {}
    for each in rated:
        found[each.meter] = found.get(each.meter, 0) + each.amount_fen
    return found
