"""What simpler ways of giving out a round would reach: the yardsticks of a plan.

Both keep to places and money; neither looks at floors, so they are compared, never applied.
"""

from collections.abc import Iterable

import numpy as np

from marketplace.matching.rules.rounds import IntArray, Round


def greedy(found: Round) -> IntArray:
    """Most value first: the pair of each need, or -1. Of equals the first row."""
    order = np.lexsort((np.arange(len(found.value)), -found.value))
    return _take(found, order.tolist())


def first_come(found: Round) -> IntArray:
    """In the order in which needs came in, each takes the best that is left: its pair, or -1."""
    arrival = found.received[found.need_of]
    order = np.lexsort((np.arange(len(arrival)), found.need_of, arrival))
    return _take(found, order.tolist())


def value_of(found: Round, pairs: IntArray) -> int:
    """Points of a choice."""
    return int(found.value[pairs[pairs >= 0]].sum())


def _take(found: Round, order: Iterable[int]) -> IntArray:
    need_of, offering_of = found.need_of.tolist(), found.offering_of.tolist()
    scheme_of, subsidy_fen = found.scheme_of.tolist(), found.subsidy_fen.tolist()
    places = found.places.tolist()
    money = [*found.budgets_fen.tolist(), 2**62]
    chosen = [-1] * len(found.needs)
    for pair in order:
        need, offering, scheme = need_of[pair], offering_of[pair], scheme_of[pair]
        fen = subsidy_fen[pair]
        if chosen[need] < 0 and places[offering] > 0 and money[scheme] >= fen:
            chosen[need] = pair
            places[offering] -= 1
            money[scheme] -= fen
    return np.array(chosen, dtype=np.int64)
