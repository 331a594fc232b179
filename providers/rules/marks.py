"""What a figure of a listing rests on: the provider's word, an officer's look, or the product's measuring."""

from collections.abc import Sequence

LEAST_MEASURED = 3
"""Fewer firms or places than this measure nothing."""

LIMITS = {
    "latency_us": (1, 60_000_000),
    "uptime_millionths": (0, 1_000_000),
    "tokens_per_second": (1, 10_000_000),
    "days_to_first_use": (0, 365),
}
"""Least and largest value that can be meant, in the unit the name ends with."""

HIGHER_IS_BETTER = frozenset({"uptime_millionths", "tokens_per_second"})


def lower_median(values: Sequence[int]) -> int | None:
    """The middle value, of two the lower; None for fewer than are needed."""
    found = sorted(values)
    return found[(len(found) - 1) // 2] if len(found) >= LEAST_MEASURED else None


def weakest(name: str, values: Sequence[int]) -> int:
    """The position of the value a whole chain stands by."""
    pick = min if name in HIGHER_IS_BETTER else max
    return pick(range(len(values)), key=values.__getitem__)
