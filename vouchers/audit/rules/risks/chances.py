"""How likely it is by chance alone."""

from bisect import bisect_left
from collections.abc import Sequence
from math import exp, lgamma, log, log1p


def at_least(hits: int, draws: int, chance: float) -> float:
    """P(X >= hits) of a binomial X, 0 < chance < 1; summed until terms stop to matter."""
    if hits <= 0:
        return 1.0
    total = 0.0
    for count in range(hits, draws + 1):
        term = exp(
            lgamma(draws + 1)
            - lgamma(count + 1)
            - lgamma(draws - count + 1)
            + count * log(chance)
            + (draws - count) * log1p(-chance)
        )
        total += term
        if count > draws * chance and term < total * 1e-12:
            break
    return min(total, 1.0)


def part_at_least(value: float, ordered: Sequence[float]) -> float:
    """The part of an ascending sample that reaches the value."""
    return (len(ordered) - bisect_left(ordered, value)) / len(ordered)
