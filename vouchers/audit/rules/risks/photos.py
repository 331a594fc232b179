"""Photographs that were handed in before, by another firm."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise

from vouchers.audit.rules.risks.flags import Flag, shown
from vouchers.audit.rules.risks.index import Index
from vouchers.audit.rules.risks.policy import Rule

WIDTH, HEIGHT = 9, 8
"""Pixels of the picture that `difference_hash` reads."""

BITS, BANDS = 64, 4
_BAND_BITS = BITS // BANDS
_MASK = (1 << _BAND_BITS) - 1


def difference_hash(gray: Sequence[int]) -> int:
    """64 bits: whether each pixel of a 9 by 8 gray picture is darker than its right neighbor.

    Blind to scale, brightness and compression; not to cropping, turning or mirroring.
    """
    if len(gray) != WIDTH * HEIGHT:
        raise ValueError("a gray picture of 9 by 8 pixels, row by row")
    found = 0
    for row in range(HEIGHT):
        line = gray[row * WIDTH : (row + 1) * WIDTH]
        for left, right in pairwise(line):
            found = found << 1 | (left < right)
    return found


def photo_reused(index: Index, rule: Rule) -> Iterator[Flag]:
    """Pictures of different firms whose hashes differ in a few bits at most.

    Hashes that say nothing (blank pages) are left out. Distances above seven bits cannot be asked:
    the search turns one bit of each quarter (M. Norouzi and others, Multi-index hashing, 2012).
    """
    pictures = [
        (picture, one.firm, one.code)
        for one in index.redemptions
        for picture in one.photos
        if rule["least_bits"] <= picture.bit_count() <= BITS - rule["least_bits"]
    ]
    matches: dict[str, dict[str, int]] = defaultdict(dict)
    for left, right, distance in _near([each[0] for each in pictures], rule["distance_bits"]):
        (_a, firm, code), (_b, other_firm, other) = pictures[left], pictures[right]
        if firm != other_firm:
            for one, two in ((code, other), (other, code)):
                matches[one][two] = min(distance, matches[one].get(two, BITS))
    for code in sorted(matches):
        found = matches[code]
        yield rule.flag(
            code, shown("redemption", found), others=len(found), bits=min(found.values())
        )


def _near(pictures: Sequence[int], most: int) -> Iterator[tuple[int, int, int]]:
    """Pairs of places whose pictures differ in at most so many bits, maybe told twice."""
    if most >= 2 * BANDS:
        raise ValueError("the search finds distances up to seven bits")
    buckets: dict[int, list[int]] = defaultdict(list)
    for place, picture in enumerate(pictures):
        for band, part in _parts(picture):
            for other in buckets.get(band << _BAND_BITS | part, ()):
                yield from _pair(pictures, other, place, most)
            for bit in range(_BAND_BITS):
                for other in buckets.get(band << _BAND_BITS | part ^ 1 << bit, ()):
                    yield from _pair(pictures, other, place, most)
        for band, part in _parts(picture):
            buckets[band << _BAND_BITS | part].append(place)


def _pair(
    pictures: Sequence[int], left: int, right: int, most: int
) -> Iterator[tuple[int, int, int]]:
    distance = (pictures[left] ^ pictures[right]).bit_count()
    if distance <= most:
        yield left, right, distance


def _parts(picture: int) -> Iterator[tuple[int, int]]:
    for band in range(BANDS):
        yield band, picture >> band * _BAND_BITS & _MASK
