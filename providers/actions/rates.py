"""Prices: set, for a day to come. A price that has begun is never edited."""

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
from common.periods import local_day
from providers.actions import offerings
from providers.models import Meter, Offering, OfferingStatus, Rate
from providers.rules import prices

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


class PriceInPast(DomainError):
    """A price cannot begin on a day that is over or, where a price is in force, has begun."""

    code = "price_in_past"


class PriceOverlaps(Conflict):
    """Another price of the meter begins on that day or later."""

    code = "price_overlaps"


class OfferingRetired(Conflict):
    """A retired offering is priced no more."""

    code = "offering_retired"


FAULTS: dict[str, tuple[type[InvalidPrice], Promise]] = {
    "price_not_a_number": (PriceNotANumber, _("Enter the price as a number, for example 2.50.")),
    "price_negative": (PriceNegative, _("The price cannot be below zero.")),
    "price_too_fine": (PriceTooFine, _("Enter a price with at most ten decimals.")),
    "price_too_large": (PriceTooLarge, _("The price is too large. Check the number of digits.")),
}


@transaction.atomic
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
    """Price a meter from a day on: the open price ends there, the new one has no end.

    Yuan for each `per_units` base units. Locks the offering; the exclusion constraint stands
    behind. The first price may begin today; a following one tomorrow at the earliest, because usage
    of today is billed at the price of today. Raises a kind of InvalidPrice, PriceInPast,
    PriceOverlaps, OfferingRetired.
    """
    by.require(Permission.PROVIDER_MANAGE)
    _check(meter, price_yuan, per_units)
    locked = offerings.lock_own(by=by, offering=offering)
    if locked.status == OfferingStatus.RETIRED:
        raise OfferingRetired(_("This offering is retired. Create a new one to sell it again."))
    today = local_day(at)
    if from_day < today:
        _refuse_day(_("A price cannot begin in the past. Choose today or a later day."))
    _close_open(locked, meter, from_day, today)
    rate = Rate.objects.create(
        offering=locked,
        meter=meter,
        price_yuan=price_yuan,
        per_units=per_units,
        effective=DateRange(from_day, None),
        source=source,
        created_at=at,
        created_by=by.user,
    )
    data = {"meter": meter, "price_yuan": str(price_yuan), "per_units": per_units}
    trail.record(
        by=by,
        at=at,
        verb="rate.set",
        subject=locked,
        data={**data, "from_day": from_day.isoformat()},
    )
    return rate


def _check(meter: str, price_yuan: Decimal, per_units: int) -> None:
    fault = prices.fault_of(price_yuan)
    if fault is not None:
        error, message = FAULTS[fault]
        raise error(message, errors={"price_yuan": message})
    if meter not in Meter.values or isinstance(per_units, bool) or not 1 <= per_units <= MOST_UNITS:
        message = _("State for which meter and for how many units the price is.")
        raise PriceWithoutUnit(message, errors={"per_units": message})


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
