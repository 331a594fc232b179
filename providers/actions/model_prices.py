"""Import of public model price lists: each entry becomes a token offering with its prices."""

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.permissions import Permission
from common.errors import DomainError
from providers.actions import offerings, rates, registrations
from providers.models import Facility, Layer, Offering, OfferingStatus, Provider, Rate
from providers.rules import model_prices as rules
from providers.rules.prices import PriceTier

LONGEST_NAME = 100
MOST_ENTRIES = 1_000


class BadExchangeRate(DomainError):
    """The exchange rate is not a number above zero."""

    code = "bad_exchange_rate"


class TooManyEntries(DomainError):
    """A list too long for one call."""

    code = "too_many_entries"


REFUSALS: dict[str, Promise] = {
    "tiers_not_understood": _(
        "The tiers by request length do not follow each other in whole tokens from zero on."
    ),
    "currency_not_supported": _("The price is not in US dollars."),
    "price_missing": _("The entry has no price for input or output."),
    "price_not_a_number": _("A price is not an exact number."),
    "price_negative": _("A price is below zero."),
    "model_missing": _("The entry does not name a model of at most 100 characters."),
}


@dataclass(frozen=True, slots=True)
class ImportedRow:
    """What became of one entry; `code` and `message` say why when it was refused."""

    index: int
    model: str
    outcome: Literal["imported", "unchanged", "refused"]
    offering: Offering | None = None
    code: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class _Import:
    """What is the same for every entry of a list."""

    by: Actor
    provider: Provider
    facility: Facility | None
    exchange_rate: Decimal
    from_day: date
    at: datetime


def import_rows(
    *,
    by: Actor,
    rows: Sequence[Mapping[str, Any]],
    exchange_rate: Decimal,
    from_day: date,
    facility: Facility | None = None,
    dry_run: bool = False,
    at: datetime,
) -> list[ImportedRow]:
    """Draft an offering for each model not offered yet, and price its tokens from `from_day` on.

    Dollars per million tokens times `exchange_rate`, exact; the source and the rate are kept with
    each price. Each entry is one transaction, so a bad one leaves its neighbors alone; the same
    list again changes nothing. A dry run answers the same and keeps nothing. Raises
    BadExchangeRate before anything is written, and TooManyEntries.
    """
    by.require(Permission.PROVIDER_MANAGE)
    if not rules.is_exchange_rate(exchange_rate):
        message = _("Enter the exchange rate as a number above zero, for example 7.10.")
        raise BadExchangeRate(message, errors={"exchange_rate": message})
    if len(rows) > MOST_ENTRIES:
        raise TooManyEntries(_("Send at most 1,000 entries at a time."))
    whole = _Import(by, registrations.own(by=by), facility, exchange_rate, from_day, at)
    with transaction.atomic() if dry_run else nullcontext():
        answers = [_answer(whole, index, row) for index, row in enumerate(rows)]
        if dry_run:
            transaction.set_rollback(True)
    return [replace(answer, offering=None) for answer in answers] if dry_run else answers


def _answer(whole: _Import, index: int, row: Mapping[str, Any]) -> ImportedRow:
    model = str(row.get("model", ""))
    try:
        offering, changed = _import_row(whole, row)
    except rules.BadEntry as error:
        return ImportedRow(index, model, "refused", None, error.code, str(REFUSALS[error.code]))
    except DomainError as error:
        return ImportedRow(index, model, "refused", None, error.code, str(error.message))
    return ImportedRow(index, model, "imported" if changed else "unchanged", offering)


@transaction.atomic
def _import_row(whole: _Import, row: Mapping[str, Any]) -> tuple[Offering, bool]:
    """The entry's offering, and whether anything was written."""
    model = row.get("model")
    if not isinstance(model, str) or not 0 < len(model) <= LONGEST_NAME:
        raise rules.BadEntry("model_missing", "it names no model")
    priced = rules.prices_of(row, whole.exchange_rate)
    offering = _offering(whole, model, str(row.get("vendor", ""))[:LONGEST_NAME])
    source = f"{row.get('source', '')} USD×{whole.exchange_rate}".strip()[:300]
    tiers: dict[str, list[PriceTier]] = {}
    for price in priced:
        tiers.setdefault(price.meter, []).append(PriceTier(price.price_yuan, price.context_from))
    fresh = {
        meter: wanted
        for meter, wanted in tiers.items()
        if not _is_priced(offering, meter, wanted, whole.from_day)
    }
    for meter, wanted in fresh.items():
        rates.set_prices(
            by=whole.by,
            offering=offering,
            meter=meter,
            tiers=wanted,
            per_units=rules.TOKENS_PER_PRICE,
            from_day=whole.from_day,
            source=source,
            at=whole.at,
        )
    return offering, bool(fresh)


def _offering(whole: _Import, model: str, vendor: str) -> Offering:
    known = (
        Offering.objects.filter(provider=whole.provider, model_name=model, layer=Layer.PLATFORM)
        .exclude(status=OfferingStatus.RETIRED)
        .order_by("pk")
        .first()
    )
    return known or offerings.create(
        by=whole.by,
        facility=whole.facility,
        layer=Layer.PLATFORM,
        name=model,
        summary=vendor,
        model_name=model,
        at=whole.at,
    )


def _is_priced(offering: Offering, meter: str, wanted: Sequence[PriceTier], from_day: date) -> bool:
    """The same prices are in force on the day already."""
    known = Rate.objects.in_force_on(from_day).filter(offering=offering, meter=meter)
    stated = {
        (rate.context_from, rate.volume_from, rate.minimum_fen, rate.price_yuan, rate.per_units)
        for rate in known
    }
    return stated == {
        (tier.context_from, 0, 0, tier.price_yuan, rules.TOKENS_PER_PRICE) for tier in wanted
    }
