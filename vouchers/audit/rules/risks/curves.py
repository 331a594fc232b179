"""Curves of daily use that nobody's work draws: flat ones, and copies of another's."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from math import sqrt
from operator import mul

from vouchers.audit.rules.risks.facts import Redemption
from vouchers.audit.rules.risks.flags import Evidence, Flag, shown
from vouchers.audit.rules.risks.index import Index
from vouchers.audit.rules.risks.policy import Rule

Shape = tuple[float, ...]
"""A curve with mean zero and length one: the product of two is their correlation."""

WEEK = 7
_BAND = 11
_CLOSE = 60
"""A curve is held against so many others of its bucket at most; buckets hold a few."""


def flat_curve(index: Index, rule: Rule) -> Iterator[Flag]:
    """Days that hardly differ, on an offering that is not sold by reserved time.

    Measured by the coefficient of variation, in permille of the mean.
    """
    for one in _judged(index, rule):
        mean, deviation = _moments(one.by_day)
        if deviation * 1000 <= mean * rule["variation_permille"]:
            yield rule.flag(
                one.code,
                (Evidence("offering", one.offering),),
                days=len(one.by_day),
                variation_permille=int(deviation * 1000 / mean),
            )


def copied_curve(index: Index, rule: Rule) -> Iterator[Flag]:
    """Days of different firms that rise and fall together, whatever the scale.

    Two curves are copies from a correlation of `correlation_permille` on, and, from two
    weeks on, `weekly_permille` between what changed from week to week. Copies that are equal to
    the unit are found everywhere; scaled or noisy ones within one provider. A curve is held against
    those that moved the same way from each weekday to the next week's: there honest curves, alike
    by their working weeks, differ.
    """
    copies: dict[str, set[str]] = defaultdict(set)
    for left, right in _copies(list(_judged(index, rule)), rule):
        copies[left.code].add(right.code)
        copies[right.code].add(left.code)
    for code in sorted(copies):
        yield rule.flag(code, shown("redemption", copies[code]), others=len(copies[code]))


def _copies(found: list[Redemption], rule: Rule) -> Iterator[tuple[Redemption, Redemption]]:
    buckets: dict[object, list[tuple[Redemption, Shape]]] = defaultdict(list)
    for one in found:
        mean, deviation = _moments(one.by_day)
        if deviation * 1000 < mean * rule["least_variation_permille"]:
            continue
        curve = one, _shape(one.by_day)
        buckets[one.by_day].append(curve)
        for band in _bands(one.by_day):
            buckets[one.provider, len(one.by_day), band].append(curve)
    least = rule["correlation_permille"] / 1000
    for each in buckets.values():
        for place, (left, shape) in enumerate(each):
            for right, other in each[place + 1 : place + 1 + _CLOSE]:
                near = left.firm != right.firm and correlation(shape, other) >= least
                if near and _weeks_agree(left, right, rule):
                    yield left, right


def _weeks_agree(left: Redemption, right: Redemption, rule: Rule) -> bool:
    """Whether days differ from those a week before in the same way; short curves cannot tell."""
    if len(left.by_day) < 2 * WEEK or left.by_day == right.by_day:
        return True
    one, other = (
        _shape([later - day for day, later in zip(days, days[WEEK:], strict=False)])
        for days in (left.by_day, right.by_day)
    )
    return correlation(one, other) * 1000 >= rule["weekly_permille"]


def correlation(left: Shape, right: Shape) -> float:
    """Pearson's, of two shapes."""
    return float(sum(map(mul, left, right)))


def _shape(days: Sequence[int]) -> Shape:
    mean, deviation = _moments(days)
    length = deviation * sqrt(len(days)) or 1.0
    return tuple((quantity - mean) / length for quantity in days)


def _judged(index: Index, rule: Rule) -> Iterator[Redemption]:
    for one in index.redemptions:
        used = sum(quantity > 0 for quantity in one.by_day)
        enough = used >= rule["least_days"] and one.quantity >= rule["least_per_day"] * used
        if enough and not index.book.offerings[one.offering].reserved:
            yield one


def _bands(days: tuple[int, ...]) -> Iterator[tuple[int, int]]:
    """Which way each day moved, a week and a day on, in bands: one bit each, a number a band."""
    for lag in (WEEK, 1):
        bits = [int(later > day) for day, later in zip(days, days[lag:], strict=False)]
        starts = range(0, max(len(bits) - _BAND, 0) + 1, _BAND)
        for start in starts:
            band = bits[start : start + _BAND]
            yield lag * 100 + start, int("1" + "".join(map(str, band)), 2)


def _moments(days: Sequence[int]) -> tuple[float, float]:
    """Mean and standard deviation."""
    mean = sum(days) / len(days)
    return mean, sqrt(max(sum(map(mul, days, days)) / len(days) - mean * mean, 0.0))
