"""Median of a histogram and concentration of shares; whole numbers in, exact fractions out."""

from collections.abc import Iterable, Mapping
from fractions import Fraction


def median(counts: Mapping[int, int]) -> Fraction | None:
    """Middle value; the mean of the two middle ones for an even number; None for none."""
    total = sum(counts.values())
    if total == 0:
        return None
    return Fraction(_at(counts, (total - 1) // 2) + _at(counts, total // 2), 2)


def _at(counts: Mapping[int, int], place: int) -> int:
    before = 0
    for value in sorted(counts):
        before += counts[value]
        if place < before:
            return value
    raise IndexError(place)


def top_share(amounts: Iterable[int], most: int) -> Fraction | None:
    """The part that the largest few have of everything; None for nothing."""
    ordered = sorted(amounts, reverse=True)
    total = sum(ordered)
    return Fraction(sum(ordered[:most]), total) if total > 0 else None


def herfindahl(amounts: Iterable[int]) -> int | None:
    """Sum of squared shares in percent: 10,000 for one seller, near 0 for many. Rounded down."""
    known = list(amounts)
    total = sum(known)
    return sum(each * each for each in known) * 10_000 // total**2 if total > 0 else None
