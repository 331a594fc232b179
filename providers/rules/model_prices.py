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
}
REQUIRED = frozenset({"input_per_million", "output_per_million"})
EXACT = Context(prec=60, traps=[Inexact, InvalidOperation])
LARGEST_RATE = Decimal(10_000)


class BadEntry(ValueError):
    """An entry that cannot be turned into prices; `code` is stable, the text says why."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


@dataclass(frozen=True, slots=True)
class ModelPrice:
    """Yuan for a million tokens of one meter."""

    meter: str
    price_yuan: Decimal


def flat_prices(entry: Mapping[str, Any], exchange_rate: Decimal) -> list[ModelPrice]:
    """The prices of one entry at `exchange_rate` yuan for a dollar, exact (no rounding at all).

    Raises BadEntry: `context_tiers_not_supported`, `currency_not_supported`, `price_missing`,
    `price_not_a_number`, `price_negative`.
    """
    if "tiers_by_request_context" in entry:
        raise BadEntry("context_tiers_not_supported", "its price depends on the context length")
    if entry.get("currency") != "USD":
        raise BadEntry("currency_not_supported", "its price is not in US dollars")
    missing = sorted(name for name in REQUIRED if entry.get(name) is None)
    if missing:
        raise BadEntry("price_missing", f"it has no {missing[0]}")
    return [
        ModelPrice(meter, EXACT.multiply(_number(entry[name]), exchange_rate))
        for name, meter in METERS.items()
        if entry.get(name) is not None
    ]


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
