"""Public price lists of language models: dollars per million tokens, turned into exact yuan.

Source data carry one flat price for each direction, or tiers by the request's context length.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Context, Decimal, Inexact, InvalidOperation
from typing import Any

TOKENS_PER_PRICE = 1_000_000

METERS = {
    "input_per_million": "input_tokens",
    "cached_input_per_million": "cached_tokens",
    "output_per_million": "output_tokens",
    "output_cost_per_reasoning_token": "reasoning_tokens",
}
"""Members of an entry; all in dollars for a million tokens, the last one too despite its name."""
TIERS = "tiers_by_request_context"
RANGE = "range_tokens"
REQUIRED = frozenset({"input_per_million", "output_per_million"})
EXACT = Context(prec=60, traps=[Inexact, InvalidOperation])
LARGEST_RATE = Decimal(10_000)
LARGEST_CONTEXT = 10**9


class BadEntry(ValueError):
    """An entry that cannot be turned into prices; `code` is stable, the text says why."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


@dataclass(frozen=True, slots=True)
class ModelPrice:
    """Yuan for a million tokens of one meter, in requests longer than `context_from` tokens."""

    meter: str
    price_yuan: Decimal
    context_from: int = 0


def prices_of(entry: Mapping[str, Any], exchange_rate: Decimal) -> list[ModelPrice]:
    """The prices of one entry at `exchange_rate` yuan for a dollar, exact (no rounding at all).

    A tier's range (from, to] counts the tokens of the request; ranges begin at zero and follow each
    other without a gap, and the last one goes on. Raises BadEntry: `tiers_not_understood`,
    `currency_not_supported`, `price_missing`, `price_not_a_number`, `price_negative`.
    """
    if entry.get("currency") != "USD":
        raise BadEntry("currency_not_supported", "its price is not in US dollars")
    if TIERS not in entry:
        return _tier_prices(entry, 0, exchange_rate)
    tiers = entry[TIERS]
    if not isinstance(tiers, list) or not tiers or not all(isinstance(one, dict) for one in tiers):
        raise BadEntry("tiers_not_understood", "its tiers are no list of prices")
    begins = [_range(tier) for tier in tiers]
    expected = [0, *(end for _, end in begins[:-1])]
    if [start for start, _ in begins] != expected:
        raise BadEntry("tiers_not_understood", "its tiers leave a gap or overlap")
    found = [
        _tier_prices(tier, start, exchange_rate)
        for tier, (start, _) in zip(tiers, begins, strict=True)
    ]
    if len({frozenset(price.meter for price in prices) for prices in found}) > 1:
        raise BadEntry("price_missing", "a tier prices what another does not")
    return [price for prices in found for price in prices]


def _tier_prices(
    prices: Mapping[str, Any], context_from: int, exchange_rate: Decimal
) -> list[ModelPrice]:
    missing = sorted(name for name in REQUIRED if prices.get(name) is None)
    if missing:
        raise BadEntry("price_missing", f"it has no {missing[0]}")
    return [
        ModelPrice(meter, EXACT.multiply(_number(prices[name]), exchange_rate), context_from)
        for name, meter in METERS.items()
        if prices.get(name) is not None
    ]


def _range(tier: Mapping[str, Any]) -> tuple[int, int]:
    """Both ends of a tier in whole tokens."""
    ends = tier.get(RANGE)
    if not isinstance(ends, list) or len(ends) != 2:
        raise BadEntry("tiers_not_understood", "a tier names no range of tokens")
    start, end = (_number(each) for each in ends)
    if start != int(start) or end != int(end) or not start < end <= LARGEST_CONTEXT:
        raise BadEntry("tiers_not_understood", "a tier's range is not in whole tokens")
    return int(start), int(end)


def is_exchange_rate(rate: Decimal) -> bool:
    """A finite number above zero and not absurd."""
    return rate.is_finite() and 0 < rate <= LARGEST_RATE


def _number(value: Any) -> Decimal:
    """An exact decimal; a binary float is refused because it is not the price as written."""
    if isinstance(value, bool) or not isinstance(value, Decimal | int | str):
        raise BadEntry("price_not_a_number", "a price is not an exact number")
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise BadEntry("price_not_a_number", "a price is not a number") from None
    if not number.is_finite():
        raise BadEntry("price_not_a_number", "a price is not a number")
    if number < 0:
        raise BadEntry("price_negative", "a price is below zero")
    return number
