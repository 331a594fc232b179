"""How many to look at, and what the looked-at ones say about all: rates with 95 % intervals.

Only the random draw may be counted here; what was drawn for its risk finds more by design.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, comb, exp, lgamma, log, log1p

Z_SQUARED = Fraction("3.8414588207")
"""The square of the normal distribution's 97.5 % point; also chi-square's 95 % point."""

TAIL = 0.025
PLACES = 6


class EstimateInvalid(ValueError):
    """Figures that cannot be: more wrong than drawn, nothing drawn from a stratum."""


@dataclass(frozen=True, slots=True)
class Counted:
    """One stratum after the look: how many there are, were drawn, and were wrong."""

    population: int
    drawn: int
    wrong: int


@dataclass(frozen=True, slots=True)
class Estimate:
    """Share of wrong ones among all, and the ends of its 95 % interval, to six places."""

    rate: float
    low: float
    high: float
    effective_size: float


def size_for_margin(population: int, expected: Fraction, margin: Fraction) -> int:
    """How many to draw so that the rate is known to within the margin, 19 times of 20.

    n0 = z² p (1 − p) / d², and n = n0 / (1 + (n0 − 1) / N) for a list of N: W. G. Cochran, Sampling
    Techniques, 3rd edition 1977, formulas 4.1 and 4.2. Rounded up; a rate of 1/2 is the safe guess.
    """
    if population < 1 or not 0 < expected < 1 or not 0 < margin < 1:
        raise EstimateInvalid("a list, and shares between 0 and 1")
    first = Z_SQUARED * expected * (1 - expected) / margin**2
    return min(population, ceil(first / (1 + (first - 1) / population)))


def size_to_find(population: int, wrong: int) -> int:
    """How many to draw so that, if so many are wrong, one turns up 19 times of 20: exact.

    The smallest n with C(N − n, W) / C(N, W) ≤ 1/20 (hypergeometric; discovery sampling).
    """
    if not 1 <= wrong <= population:
        raise EstimateInvalid("between one and all are wrong")
    every = comb(population, wrong)
    low, high = 1, population
    while low < high:
        middle = (low + high) // 2
        if comb(population - middle, wrong) * 20 <= every:
            high = middle
        else:
            low = middle + 1
    return low


def estimate(strata: Sequence[Counted]) -> Estimate:
    """The stratified rate and its interval. Raises EstimateInvalid.

    The rate is the sum of W_h p_h (Cochran 1977, 5.1). The interval is that of C. Clopper and E. Pearson
    (Biometrika 26, 1934) on the effective size, as E. Korn and B. Graubard propose for few errors
    (Survey Methodology 24, 1998). The effective size is the smaller of two: L. Kish's, from the weights
    and sizes alone, and the one that the observed variance implies; both with the finite
    population correction. A list looked at in full has no interval.
    """
    for each in strata:
        if not 0 <= each.wrong <= each.drawn <= each.population or each.drawn < 1:
            raise EstimateInvalid(f"cannot be counted: {each}")
    if not strata:
        raise EstimateInvalid("nothing was drawn")
    whole = sum(each.population for each in strata)
    rate = sum(
        (Fraction(each.population, whole) * Fraction(each.wrong, each.drawn) for each in strata),
        Fraction(0),
    )
    size = _effective_size(strata, whole, rate)
    if size is None:
        exact = round(float(rate), PLACES)
        return Estimate(exact, exact, exact, float(whole))
    low, high = interval(float(rate * size), float(size))
    return Estimate(round(float(rate), PLACES), low, high, round(float(size), 2))


def interval(wrong: float, drawn: float) -> tuple[float, float]:
    """Clopper and Pearson's 95 % interval; counts may be parts of one, as effective sizes are."""
    low = 0.0 if wrong <= 0 else _root(lambda p: 1 - _beta(p, wrong, drawn - wrong + 1) < 1 - TAIL)
    right = drawn - wrong
    high = 1.0 if right <= 0 else _root(lambda p: _beta(p, wrong + 1, right) >= 1 - TAIL)
    return round(low, PLACES), round(high, PLACES)


def _effective_size(strata: Sequence[Counted], whole: int, rate: Fraction) -> Fraction | None:
    """None when every item was looked at."""
    by_weight = by_variance = Fraction(0)
    for each in strata:
        weight = Fraction(each.population, whole) ** 2
        left = weight * Fraction(each.population - each.drawn, each.population)
        by_weight += left / each.drawn
        part = Fraction(each.wrong, each.drawn)
        if each.drawn > 1:
            by_variance += left * part * (1 - part) / (each.drawn - 1)
    if not by_weight:
        return None
    pooled = rate * (1 - rate) * by_weight
    if by_variance > pooled:
        return rate * (1 - rate) / by_variance
    return 1 / by_weight


def _root(is_above: Callable[[float], bool]) -> float:
    """Where the answer turns from no to yes between 0 and 1, by halving."""
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        if is_above(middle):
            high = middle
        else:
            low = middle
    return (low + high) / 2


def _beta(x: float, a: float, b: float) -> float:
    """The regularized incomplete beta function, by its continued fraction (DLMF 8.17.22)."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1 - _beta(1 - x, b, a)
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x)) / a
    # Lentz's method, modified by Thompson and Barnett.
    upper, lower = 1.0, 1 / (1 - (a + b) * x / (a + 1))
    total = lower
    for m in range(1, 500):
        for step in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            lower = 1 / (1 + step * lower)
            upper = 1 + step / upper
            total *= lower * upper
        if abs(lower * upper - 1) < 1e-14:
            break
    return front * total
