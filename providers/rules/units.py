"""In which unit each meter is sold: how many base units make one unit of a price list.

A GB-month is 1,000 MB kept for 30 days; card-hours and core-hours have 3,600 seconds.
"""

from dataclasses import dataclass

SECONDS_PER_HOUR = 3_600
SECONDS_PER_MONTH = 30 * 24 * SECONDS_PER_HOUR
TOKENS_PER_PRICE = 1_000_000


@dataclass(frozen=True, slots=True)
class SoldUnit:
    """A unit of price lists: its name in the API, base units in one of it."""

    name: str
    base_units: int


_TOKENS = SoldUnit("million_tokens", TOKENS_PER_PRICE)

SOLD_UNITS: dict[str, SoldUnit] = {
    "input_tokens": _TOKENS,
    "cached_tokens": _TOKENS,
    "output_tokens": _TOKENS,
    "reasoning_tokens": _TOKENS,
    "card_seconds": SoldUnit("card_hour", SECONDS_PER_HOUR),
    "core_seconds": SoldUnit("core_hour", SECONDS_PER_HOUR),
    "storage_mb_seconds": SoldUnit("gb_month", 1_000 * SECONDS_PER_MONTH),
    "transfer_bytes": SoldUnit("gb", 10**9),
    "line_mbps_seconds": SoldUnit("mbps_month", SECONDS_PER_MONTH),
    "calls": SoldUnit("call", 1),
    "images": SoldUnit("image", 1),
}


def sold_unit(meter: str) -> SoldUnit:
    """The unit a meter is sold in; KeyError for an unknown meter."""
    return SOLD_UNITS[meter]
