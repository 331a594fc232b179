"""Prices: set, for a day to come. A price that has begun is never edited."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.actions import trail
from accounts.permissions import Permission
from common.errors import Conflict, DomainError
from common.money import MAX_FEN
from common.periods import local_day, month_start
from providers.actions import offerings
from providers.models import DepositStatus, Meter, Offering, OfferingStatus, Rate
from providers.rules import prices
from providers.rules.prices import PriceTier

MOST_UNITS = 10**15


class InvalidPrice(DomainError):
    """A price that is no exact, non-negative decimal."""

    code = "invalid_price"


class PriceNotANumber(InvalidPrice):
    """NaN or infinity."""

    code = "price_not_a_number"


class PriceNegative(InvalidPrice):
    """Below zero."""

    code = "price_negative"


class PriceTooFine(InvalidPrice):
    """More than ten decimals: storing it would round it."""

    code = "price_too_fine"


class PriceTooLarge(InvalidPrice):
    """Above a thousand million yuan: a typing error."""

    code = "price_too_large"


class PriceWithoutUnit(InvalidPrice):
    """A price is stated for a number of units of a known meter."""

    code = "price_without_unit"


class BadTiers(InvalidPrice):
    """Tiers that leave a unit without a price or price it twice."""

    code = "price_tiers_invalid"


class BadMinimum(InvalidPrice):
    """A least charge that is no amount from zero up."""

    code = "price_minimum_invalid"


class PriceInPast(DomainError):
    """A price cannot begin on a day that is over or, where a price is in force, has begun."""

    code = "price_in_past"


class PriceOverlaps(Conflict):
    """Another price of the meter begins on that day or later."""

    code = "price_overlaps"


class PriceOfExchange(Conflict):
    """Deposits in the compute bank count on card time free of charge."""

    code = "price_of_exchange"


class OfferingRetired(Conflict):
    """A retired offering is priced no more."""

    code = "offering_retired"


FAULTS: dict[str, tuple[type[InvalidPrice], Promise]] = {
    "price_not_a_number": (PriceNotANumber, _("Enter the price as a number, for example 2.50.")),
    "price_negative": (PriceNegative, _("The price cannot be below zero.")),
    "price_too_fine": (PriceTooFine, _("Enter a price with at most ten decimals.")),
    "price_too_large": (PriceTooLarge, _("The price is too large. Check the number of digits.")),
}


TIER_FAULTS: dict[prices.TierFault, Promise] = {
    "tier_first_missing": _(
        "The first tier is missing: state a price from the first unit on, for each request length."
    ),
    "tier_repeated": _("Two tiers begin at the same place. Take one of them away."),
    "tier_out_of_range": _("A tier begins at a whole number of units, not below zero."),
    "tier_without_requests": _("Only prices of tokens may depend on the length of the request."),
    "tiers_too_many": _("State at most 50 tiers."),
}


def set_price(
    *,
    by: Actor,
    offering: Offering,
    meter: str,
    price_yuan: Decimal,
    per_units: int,
    from_day: date,
    source: str = "",
    at: datetime,
) -> Rate:
    """Set one flat price: set_prices with a single tier."""
    [rate] = set_prices(
        by=by,
        offering=offering,
        meter=meter,
        tiers=[PriceTier(price_yuan)],
        per_units=per_units,
        from_day=from_day,
        source=source,
        at=at,
    )
    return rate


@transaction.atomic
def set_prices(
    *,
    by: Actor,
    offering: Offering,
    meter: str,
    tiers: Sequence[PriceTier],
    per_units: int,
    minimum_fen: int = 0,
    from_day: date,
    source: str = "",
    at: datetime,
) -> list[Rate]:
    """Price a meter from a day on, in tiers: the open prices end there, the new ones have no end.

    Yuan for each `per_units` base units; `minimum_fen` is the least that a month with any usage of
    the meter costs. Locks the offering; the exclusion constraint stands behind. The first price may
    begin today; a following one tomorrow at the earliest, because usage of today is billed at the
    price of today. Raises a kind of InvalidPrice, PriceInPast, PriceOverlaps,
    PriceOfExchange, OfferingRetired.
    """
    by.require(Permission.PROVIDER_MANAGE)
    _check(meter, tiers, per_units, minimum_fen)
    locked = offerings.lock_own(by=by, offering=offering)
    if locked.status == OfferingStatus.RETIRED:
        raise OfferingRetired(_("This offering is retired. Create a new one to sell it again."))
    today = local_day(at)
    if from_day < today:
        _refuse_day(_("A price cannot begin in the past. Choose today or a later day."))
    if meter == Meter.CARD_SECONDS and any(tier.price_yuan for tier in tiers):
        _require_no_deposits(locked, from_day)
    _close_open(locked, meter, from_day, today)
    made = Rate.objects.bulk_create(
        Rate(
            offering=locked,
            meter=meter,
            price_yuan=tier.price_yuan,
            per_units=per_units,
            context_from=tier.context_from,
            volume_from=tier.volume_from,
            minimum_fen=0 if tier.context_from or tier.volume_from else minimum_fen,
            effective=DateRange(from_day, None),
            source=source,
            created_at=at,
            created_by=by.user,
        )
        for tier in sorted(tiers, key=lambda tier: (tier.context_from, tier.volume_from))
    )
    _record(by, locked, made, at)
    return made


def _require_no_deposits(offering: Offering, from_day: date) -> None:
    """Hours drawn from the bank stay free of charge until their month is over."""
    held = offering.bank_deposits.filter(month__gte=month_start(from_day))
    if held.filter(status=DepositStatus.APPROVED).exists():
        raise PriceOfExchange(
            _("Deposits in the compute bank keep this free. Choose a day after their last month.")
        )


def _record(by: Actor, offering: Offering, made: Sequence[Rate], at: datetime) -> None:
    first = made[0]
    trail.record(
        by=by,
        at=at,
        verb="rate.set",
        subject=offering,
        data={
            "meter": first.meter,
            "price_yuan": str(first.price_yuan),
            "per_units": first.per_units,
            "tiers": len(made),
            "minimum_fen": first.minimum_fen,
            "from_day": first.effective.lower.isoformat(),
        },
    )


def _check(meter: str, tiers: Sequence[PriceTier], per_units: int, minimum_fen: int) -> None:
    for tier in tiers:
        fault = prices.fault_of(tier.price_yuan)
        if fault is not None:
            error, message = FAULTS[fault]
            raise error(message, errors={"price_yuan": message})
    if meter not in Meter.values or isinstance(per_units, bool) or not 1 <= per_units <= MOST_UNITS:
        message = _("State for which meter and for how many units the price is.")
        raise PriceWithoutUnit(message, errors={"per_units": message})
    wrong = prices.tiers_fault_of(meter, tiers)
    if wrong is not None:
        raise BadTiers(TIER_FAULTS[wrong], errors={"tiers": TIER_FAULTS[wrong]})
    if not 0 <= minimum_fen <= MAX_FEN:
        message = _("The least charge is an amount from zero up. Check the number of digits.")
        raise BadMinimum(message, errors={"minimum": message})


def _close_open(offering: Offering, meter: str, from_day: date, today: date) -> None:
    """End the open price of the meter where the new one begins, or refuse."""
    known = list(
        offering.rates.select_for_update()
        .filter(meter=meter)
        .not_ended_before(from_day)
        .order_by("pk")
    )
    for rate in known:
        begins = rate.effective.lower
        if begins >= from_day:
            raise PriceOverlaps(
                _("A price of this meter begins on %(day)s already. Choose a later day.")
                % {"day": begins},
                errors={"from_day": _("Choose a later day.")},
            )
        if from_day <= today:
            _refuse_day(_("Today's price has begun. A new price can begin tomorrow or later."))
        rate.effective = DateRange(begins, from_day)
        rate.save(update_fields=["effective"])


def _refuse_day(message: Promise) -> None:
    raise PriceInPast(message, errors={"from_day": message})
