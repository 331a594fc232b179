"""Why each need got what it got: a closed list of outcomes, and what stood in the way.

Reasons are read off the finished plan, not off the way it was found: for every pair that a need
would have liked better, either the offering is full, or the money left does not cover the subsidy,
or serving the need would break a floor, or the exchange would have cost the plan points.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from marketplace.matching.rules.rounds import IntArray, Round


class Outcome(StrEnum):
    """How a need fared. The last four are not served; the word names what stood in the way."""

    FIRST_CHOICE = "first_choice"
    LATER_CHOICE = "later_choice"
    NO_PAIR = "no_pair"
    PLACES = "places"
    MONEY = "money"
    PLACES_AND_MONEY = "places_and_money"
    FLOOR = "floor"


class Block(StrEnum):
    """What kept a need from one pair."""

    PLACES = "places"
    MONEY = "money"
    FLOOR = "floor"


@dataclass(frozen=True, slots=True)
class Standing:
    """What a plan leaves: places, money (its last entry for pairs without a scheme), floors' slack.

    `least`: per offering the fewest points with which a need was served there; -1 for none.
    """

    pairs: IntArray
    places: IntArray
    money: IntArray
    slack: IntArray
    steps: IntArray
    least: IntArray


@dataclass(frozen=True, slots=True)
class Missed:
    """A pair that a need did not get: what blocked it, and what would have had to be there.

    `short`: fen missing in the budget, or 1 for a missing place, or percent points of the floor's
    slack. `least`: the fewest points served at that offering, -1 for none.
    """

    offering: str
    scheme: str
    value: int
    block: Block
    short: int
    least: int


def standing(found: Round, pairs: IntArray) -> Standing:
    """What a choice (the pair of each need, or -1) leaves of everything."""
    served = pairs[pairs >= 0]
    places = found.places.copy()
    np.subtract.at(places, found.offering_of[served], 1)
    money = np.append(found.budgets_fen, 2**62)
    np.subtract.at(money, found.scheme_of[served], found.subsidy_fen[served])
    steps = found.share_steps()
    slack = steps[:, found.need_of[served]].sum(axis=1)
    least = np.full(len(found.offerings), np.iinfo(np.int64).max)
    np.minimum.at(least, found.offering_of[served], found.value[served])
    least[least == np.iinfo(np.int64).max] = -1
    return Standing(pairs, places, money, slack, steps, least)


def outcomes(found: Round, left: Standing) -> list[Outcome]:
    """One outcome per need, in the order of the needs."""
    starts = found.starts
    has_pairs = np.diff(starts) > 0
    is_first = left.pairs == starts[:-1]
    is_full, is_short = _blocked(found, left)
    by_places = np.bincount(found.need_of[is_full], minlength=len(found.needs)) > 0
    by_money = np.bincount(found.need_of[is_short], minlength=len(found.needs)) > 0
    names = [
        (left.pairs >= 0) & is_first,
        left.pairs >= 0,
        ~has_pairs,
        by_places & by_money,
        by_places,
        by_money,
    ]
    words = (
        Outcome.FIRST_CHOICE, Outcome.LATER_CHOICE, Outcome.NO_PAIR,
        Outcome.PLACES_AND_MONEY, Outcome.PLACES, Outcome.MONEY, Outcome.FLOOR,
    )  # fmt: skip
    chosen = np.select(names, np.arange(len(names)), default=len(names))
    return [words[number] for number in chosen.tolist()]


def missed(found: Round, left: Standing, need: int) -> list[Missed]:
    """The pairs that a need would have liked better than what it got, best first.

    For a need that is served, its own subsidy counts as money it could give back.
    """
    first, last = int(found.starts[need]), int(found.starts[need + 1])
    own = int(left.pairs[need])
    rows = []
    for pair in range(first, own if own >= 0 else last):
        if own >= 0 and found.value[pair] == found.value[own]:
            continue
        block, short = _block(found, left, pair, own)
        offering, scheme = int(found.offering_of[pair]), int(found.scheme_of[pair])
        rows.append(
            Missed(
                found.offerings[offering],
                found.schemes[scheme] if scheme >= 0 else "",
                int(found.value[pair]),
                block,
                short,
                int(left.least[offering]),
            )
        )
    return rows


def _blocked(found: Round, left: Standing) -> tuple[np.ndarray, np.ndarray]:
    """Pairs whose offering is full; pairs with a place whose budget is short. The rest: a floor."""
    is_full = left.places[found.offering_of] <= 0
    is_short = ~is_full & (left.money[found.scheme_of] < found.subsidy_fen)
    return is_full, is_short


def _block(found: Round, left: Standing, pair: int, own: int) -> tuple[Block, int]:
    if left.places[found.offering_of[pair]] <= 0:
        return Block.PLACES, 1
    scheme = found.scheme_of[pair]
    back = found.subsidy_fen[own] if own >= 0 and found.scheme_of[own] == scheme else 0
    short = int(found.subsidy_fen[pair] - left.money[scheme] - back)
    if short > 0:
        return Block.MONEY, short
    after = left.slack + left.steps[:, found.need_of[pair]]
    return Block.FLOOR, max(0, -int(after.min(initial=0)))
