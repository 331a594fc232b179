"""Which claims an auditor opens: drawn so that anybody can draw them again, byte for byte.

Two draws, told apart in the answer. The *random* one is stratified by provider and amount and alone
says how many are wrong. The *risk* one adds what the risk rules point at, with a chance proportional
to the points; it finds more and proves nothing about the rest.

Chance comes from SHA-256 of the recorded seed and the item's code, so that no language's generator
has to be trusted or kept: the items with the smallest digests are drawn (permanent random numbers:
E. Ohlsson, in Business Survey Methods, Wiley 1995, chapter 9). All arithmetic is in integers. The seed
must become known only after the list is frozen; `frame_sha256` names the list.
"""

import hashlib
import json
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

FORMAT = "puhui-sample-1"
OTHERS = "others"
RANDOM, RISK = "random", "risk"


class SampleInvalid(ValueError):
    """A plan or a list that cannot be drawn from."""


@dataclass(frozen=True, slots=True)
class Item:
    """Something that may be drawn: amount in fen, `points` of risk from 0 up."""

    code: str
    provider: str
    amount_fen: int
    points: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """How to draw. `bounds_fen` part the amounts: a band begins at its bound.

    The `named_providers` with the largest totals are strata of their own; the rest is one. Each
    stratum gives at least `least_each` items, or all it has.
    """

    seed: str
    random_size: int
    risk_size: int
    bounds_fen: tuple[int, ...]
    named_providers: int
    least_each: int = 2


@dataclass(frozen=True, slots=True)
class Stratum:
    """One stratum: its items and how many are drawn at random."""

    provider: str
    band: int
    population: int
    drawn: int

    @property
    def name(self) -> str:
        """As in the answer: provider and band of the amount."""
        return f"{self.provider}/{self.band}"


@dataclass(frozen=True, slots=True)
class Drawn:
    """One item drawn: by which draw and from which stratum."""

    code: str
    draw: str
    stratum: str


@dataclass(frozen=True, slots=True)
class Sample:
    """The answer: strata in order of their name, the random draw, then the risk draw."""

    plan: Plan
    frame_sha256: str
    strata: tuple[Stratum, ...]
    drawn: tuple[Drawn, ...]

    def as_bytes(self) -> bytes:
        """One JSON object a line: head, strata, items. Equal draws are equal bytes."""
        head = {"format": FORMAT, "frame_sha256": self.frame_sha256, **_row(self.plan)}
        return _lines(head, *map(_row, self.strata), *map(_row, self.drawn))


def export(items: Iterable[Item], plan: Plan) -> bytes:
    """What the stand-alone script reads: the plan, then the list, one JSON object a line."""
    return _lines({"format": FORMAT, **_row(plan)}, *map(_row, _in_order(items)))


def draw(items: Iterable[Item], plan: Plan) -> Sample:
    """Draw a sample. Raises SampleInvalid."""
    frame = _in_order(items)
    _check(frame, plan)
    stratum_of = strata_of(frame, plan)
    groups: dict[tuple[str, int], list[Item]] = defaultdict(list)
    for item in frame:
        groups[stratum_of[item.code]].append(item)
    names = sorted(groups)
    sizes = allocate([len(groups[name]) for name in names], plan.random_size, plan.least_each)
    strata = [
        Stratum(*name, len(groups[name]), size) for name, size in zip(names, sizes, strict=True)
    ]
    drawn = [
        Drawn(item.code, RANDOM, stratum.name)
        for stratum in strata
        for item in _lowest(
            groups[stratum.provider, stratum.band], stratum.drawn, f"{plan.seed}\n{RANDOM}"
        )
    ]
    taken = {each.code for each in drawn}
    rest = [item for item in frame if item.code not in taken and item.points > 0]
    drawn += [
        Drawn(item.code, RISK, Stratum(*stratum_of[item.code], 0, 0).name)
        for item in by_points(rest, plan.risk_size, f"{plan.seed}\n{RISK}")
    ]
    return Sample(plan, frame_sha256(frame), tuple(strata), tuple(drawn))


def strata_of(frame: Iterable[Item], plan: Plan) -> Mapping[str, tuple[str, int]]:
    """Provider and band of each item; providers of small totals together."""
    items = list(frame)
    totals: dict[str, int] = defaultdict(int)
    for item in items:
        totals[item.provider] += item.amount_fen
    largest = sorted(totals, key=lambda provider: (-totals[provider], provider))
    named = set(largest[: plan.named_providers])
    return {
        item.code: (
            item.provider if item.provider in named else OTHERS,
            bisect_right(plan.bounds_fen, item.amount_fen),
        )
        for item in items
    }


def allocate(populations: Sequence[int], size: int, least_each: int) -> list[int]:
    """How many of each stratum: the least, then in proportion by largest remainders.

    The sum is `size`, or more where the least of all strata is more, or less where there are not
    so many items. The earlier stratum wins a tie.
    """
    found = [min(least_each, population) for population in populations]
    left = max(min(size, sum(populations)) - sum(found), 0)
    room = [population - taken for population, taken in zip(populations, found, strict=True)]
    whole = sum(room)
    if left and whole:
        shares = [divmod(left * each, whole) for each in room]
        found = [taken + share for taken, (share, _rest) in zip(found, shares, strict=True)]
        extra = left - sum(share for share, _rest in shares)
        order = sorted(range(len(shares)), key=lambda place: (-shares[place][1], place))
        for place in order[:extra]:
            found[place] += 1
    return found


def by_points(items: Sequence[Item], size: int, salt: str) -> list[Item]:
    """A draw of fixed size with a chance proportional to the points, in integers.

    Systematic with probability proportional to size over items in hashed order (W. G. Madow, Annals
    of Mathematical Statistics 20, 1949): steps of total/size from a hashed start. Items whose points
    alone fill a step are taken with certainty first.
    """
    rest = _ordered(items, salt)
    if size >= len(rest):
        return rest
    sure: list[Item] = []
    while size > len(sure):
        total = sum(item.points for item in rest)
        large = [item for item in rest if item.points * (size - len(sure)) >= total]
        if not large:
            break
        sure += large
        taken = {item.code for item in sure}
        rest = [item for item in rest if item.code not in taken]
    steps = size - len(sure)
    return sure + (_steps(rest, steps, salt) if steps else [])


def _steps(items: Sequence[Item], steps: int, salt: str) -> list[Item]:
    # Everything is multiplied by the number of steps, so that a step is a whole number.
    step = sum(item.points for item in items)
    next_mark = _digest(salt, "start") % step
    found, reached = [], 0
    for item in items:
        reached += item.points * steps
        if reached > next_mark:
            found.append(item)
            next_mark += step
    return found


def frame_sha256(frame: Iterable[Item]) -> str:
    """The list's own name: SHA-256 over its items in order of the code, one JSON object a line."""
    return hashlib.sha256(frame_bytes(frame)).hexdigest()


def frame_bytes(frame: Iterable[Item]) -> bytes:
    """The list as it is kept: its items in order of the code, one JSON object a line."""
    return _lines(*map(_row, _in_order(frame)))


def read_frame(content: bytes) -> list[Item]:
    """A list from its bytes, in order of the code."""
    return [Item(**json.loads(line)) for line in content.splitlines()]


def _in_order(items: Iterable[Item]) -> list[Item]:
    return sorted(items, key=lambda item: item.code)


def _lowest(items: Iterable[Item], size: int, salt: str) -> list[Item]:
    return _ordered(items, salt)[:size]


def _ordered(items: Iterable[Item], salt: str) -> list[Item]:
    return sorted(items, key=lambda item: (_digest(salt, item.code), item.code))


def _digest(salt: str, code: str) -> int:
    return int.from_bytes(hashlib.sha256(f"{salt}\n{code}".encode()).digest(), "big")


def _check(frame: Sequence[Item], plan: Plan) -> None:
    if not plan.seed:
        raise SampleInvalid("a draw needs a seed")
    if min(plan.random_size, plan.risk_size, plan.named_providers, plan.least_each) < 0:
        raise SampleInvalid("sizes are zero or more")
    if list(plan.bounds_fen) != sorted(set(plan.bounds_fen)):
        raise SampleInvalid("bounds rise")
    if len({item.code for item in frame}) != len(frame):
        raise SampleInvalid("a code is in the list twice")
    if any(item.points < 0 for item in frame):
        raise SampleInvalid("points are zero or more")
    if any(item.provider == OTHERS for item in frame):
        raise SampleInvalid("no provider is called others")


def _row(each: Item | Plan | Stratum | Drawn) -> dict[str, Any]:
    return {field.name: getattr(each, field.name) for field in fields(each)}


def _lines(*rows: dict[str, Any]) -> bytes:
    texts = (
        json.dumps(row, sort_keys=True, separators=(",", ":"), ensure_ascii=False) for row in rows
    )
    return "".join(f"{text}\n" for text in texts).encode()
