"""How likely it is by chance alone."""

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


def usual_most(sample: Sequence[float]) -> float:
    """What all but one in twenty stay at or below: the pattern that others are held against."""
    ordered = sorted(sample)
    return ordered[len(ordered) * 19 // 20]
