"""What a price may look like before it is stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

PLACES = 10
LARGEST_YUAN = Decimal(10) ** 9

PriceFault = Literal["price_not_a_number", "price_negative", "price_too_fine", "price_too_large"]


def fault_of(price_yuan: Decimal) -> PriceFault | None:
    """What is wrong with a price in yuan; None when it can be stored exactly (10 decimals)."""
    if not price_yuan.is_finite():
        return "price_not_a_number"
    if price_yuan < 0:
        return "price_negative"
    if price_yuan > LARGEST_YUAN:
        return "price_too_large"
    if price_yuan != round(price_yuan, PLACES):
        return "price_too_fine"
    return None


NOTICE_DAYS = 15
"""How many days ahead a new price is announced to those who use the offering already."""


def earliest_change(today: date, *, is_used: bool) -> date:
    """The first day on which a price may follow another one.

    Usage of today is billed at the price of today, so tomorrow; with subscribers, after the notice.
    """
    return today + timedelta(days=NOTICE_DAYS if is_used else 1)


MOST_TIERS = 50
LARGEST_UNITS = 10**15
REQUEST_METERS = frozenset({"input_tokens", "cached_tokens", "output_tokens", "reasoning_tokens"})
"""Meters of requests that have a length."""


@dataclass(frozen=True, slots=True)
class PriceTier:
    """One price of a meter's list, in yuan for the list's unit.

    It holds for requests longer than `context_from` input tokens and for the month's units beyond
    `volume_from`, each up to the next tier.
    """

    price_yuan: Decimal
    context_from: int = 0
    volume_from: int = 0


TierFault = Literal[
    "tier_first_missing",
    "tier_repeated",
    "tier_out_of_range",
    "tier_without_requests",
    "tiers_too_many",
]


def tiers_fault_of(meter: str, tiers: Sequence[PriceTier]) -> TierFault | None:
    """What is wrong with the tiers of one meter; None when they price every unit exactly once."""
    bounds = [bound for tier in tiers for bound in (tier.context_from, tier.volume_from)]
    places = {(tier.context_from, tier.volume_from) for tier in tiers}
    contexts = {tier.context_from for tier in tiers}
    if len(tiers) > MOST_TIERS:
        return "tiers_too_many"
    if any(isinstance(bound, bool) or not 0 <= bound <= LARGEST_UNITS for bound in bounds):
        return "tier_out_of_range"
    if len(places) < len(tiers):
        return "tier_repeated"
    if not {(context, 0) for context in contexts | {0}} <= places:
        return "tier_first_missing"
    if contexts != {0} and meter not in REQUEST_METERS:
        return "tier_without_requests"
    return None
