"""From a choice that may break limits to a plan that breaks none: drop what is worth least, refill.

What leaving a pair costs is what it leaves after all prices are paid: at good prices the pairs on
the margin leave almost nothing, so moving them loses almost nothing against the bound.
"""

import numpy as np

from marketplace.matching.rules.rounds import IntArray, Round
from marketplace.matching.rules.rounds_prices import Floats, Market, Prices

UNLIMITED = 2**62


class FloorOutOfReach(ValueError):
    """No plan was found that reaches a floor: `floor` is sections or a group."""

    def __init__(self, floor: str, reached: int, wanted: int) -> None:
        super().__init__(f"{floor}: {reached} of {wanted}")
        self.floor = floor
        self.reached = reached
        self.wanted = wanted


class Draft:
    """A plan in the making: the pair of each need (or none) and what is left of everything."""

    def __init__(self, market: Market, prices: Prices) -> None:
        self.round: Round = market.round
        self.steps = market.steps
        self.left = market.left(prices)
        self.pair_of = np.full(len(self.round.needs), -1, dtype=np.int64)
        self.places = self.round.places.copy()
        self.money = np.append(self.round.budgets_fen, UNLIMITED)
        self.slack = np.zeros(len(self.steps), dtype=np.int64)
        self.anchors = np.zeros(len(self.round.needs), dtype=np.bool_)

    @property
    def served(self) -> IntArray:
        """Pairs chosen so far, in the order of their needs."""
        return self.pair_of[self.pair_of >= 0]

    @property
    def value(self) -> int:
        """Points of the plan."""
        return int(self.round.value[self.served].sum())

    def put(self, pairs: IntArray) -> None:
        """Serve needs by pairs; limits are not looked at."""
        self._book(pairs, -1)
        self.pair_of[self.round.need_of[pairs]] = pairs

    def drop(self, pairs: IntArray) -> None:
        """Serve these needs no longer."""
        self._book(pairs, 1)
        self.pair_of[self.round.need_of[pairs]] = -1

    def _book(self, pairs: IntArray, sign: int) -> None:
        found = self.round
        np.add.at(self.places, found.offering_of[pairs], sign)
        np.add.at(self.money, found.scheme_of[pairs], sign * found.subsidy_fen[pairs])
        self.slack -= sign * self.steps[:, found.need_of[pairs]].sum(axis=1)


def repair(market: Market, prices: Prices, pairs: IntArray, *, is_quick: bool = False) -> Draft:
    """A plan within all limits, near the pairs given; a quick one is filled only once.

    Raises FloorOutOfReach.
    """
    draft = Draft(market, prices)
    draft.put(pairs)
    _anchor(draft)
    _drop_beyond_places(draft)
    _drop_beyond_money(draft)
    _reach_shares(draft)
    while (_fill(draft) or _raise(draft)) and not is_quick:
        pass
    return draft


def _droppable(draft: Draft) -> IntArray:
    served = draft.served
    return served[~draft.anchors[draft.round.need_of[served]]]


def _anchor(draft: Draft) -> None:
    """Keep one need of each section, as many sections as the floor asks for, whatever happens.

    Sections already served come first, then those whose best pair leaves most.
    """
    found, wanted = draft.round, draft.round.floors.sections
    if not wanted:
        return
    section = found.section_of[found.need_of]
    is_served = np.zeros(len(found.value), dtype=np.bool_)
    is_served[draft.served] = True
    order = draft.served
    if len(np.unique(section[order])) < wanted:
        order = np.arange(len(section))
    order = order[np.lexsort((order, -draft.left[order], ~is_served[order]))]
    best = order[np.sort(np.unique(section[order], return_index=True)[1])]
    places = found.places.copy()
    money = np.append(found.budgets_fen, UNLIMITED)
    kept: set[int] = set()
    for pair in [*best, *order]:
        if len(kept) == wanted:
            return
        offering, scheme = found.offering_of[pair], found.scheme_of[pair]
        fen = found.subsidy_fen[pair]
        if section[pair] in kept or not places[offering] or money[scheme] < fen:
            continue
        kept.add(int(section[pair]))
        places[offering] -= 1
        money[scheme] -= fen
        _hold(draft, int(pair))
    raise FloorOutOfReach("sections", len(kept), wanted)


def _hold(draft: Draft, pair: int) -> None:
    need = draft.round.need_of[pair]
    former = draft.pair_of[need]
    if former != pair:
        if former >= 0:
            draft.drop(np.array([former]))
        draft.put(np.array([pair]))
    draft.anchors[need] = True


def _drop_beyond_places(draft: Draft) -> None:
    """Of each overfull offering those that leave least go."""
    if draft.places.min(initial=0) >= 0:
        return
    pairs = _droppable(draft)
    offering = draft.round.offering_of[pairs]
    order = np.lexsort((draft.left[pairs], offering))
    pairs, offering = pairs[order], offering[order]
    position = np.arange(len(pairs)) - np.searchsorted(offering, offering)
    draft.drop(pairs[position < -draft.places[offering]])


def _drop_beyond_money(draft: Draft) -> None:
    """Of each overspent budget those go that leave least per fen."""
    for scheme in np.flatnonzero(draft.money < 0):
        pairs = _droppable(draft)
        fen = draft.round.subsidy_fen[pairs]
        pairs = pairs[(draft.round.scheme_of[pairs] == scheme) & (fen > 0)]
        fen = draft.round.subsidy_fen[pairs]
        per_fen: Floats = np.maximum(draft.left[pairs], 0) / fen
        order = np.lexsort((pairs, per_fen))
        freed = np.cumsum(fen[order])
        count = int(np.searchsorted(freed, -draft.money[scheme])) + 1
        draft.drop(pairs[order[:count]])


def _reach_shares(draft: Draft) -> None:
    """Needs outside a group go until it has its share; what they free is filled again after."""
    for _ in range(len(draft.steps) + 1):
        for row, share in enumerate(draft.round.floors.shares):
            if draft.slack[row] >= 0:
                continue
            pairs = _droppable(draft)
            outside = draft.steps[row, draft.round.need_of[pairs]] < 0
            pairs = pairs[outside]
            order = np.lexsort((pairs, draft.left[pairs]))
            count = -(-int(-draft.slack[row]) // share.percent)
            draft.drop(pairs[order[:count]])
    for row, share in enumerate(draft.round.floors.shares):
        if draft.slack[row] < 0:
            _give_up(draft, share.group, row)


def _give_up(draft: Draft, group: str, row: int) -> None:
    served = draft.round.need_of[draft.served]
    members = int((draft.steps[row, served] > 0).sum())
    raise FloorOutOfReach(group, 100 * members // max(1, len(served)), _percent(draft, row))


def _percent(draft: Draft, row: int) -> int:
    return draft.round.floors.shares[row].percent


def _fill(draft: Draft) -> int:
    """Serve who still fits, those first that leave most; returns how many were added."""
    found = draft.round
    pairs = _open_pairs(draft)
    needs, offerings, schemes, fens = _columns(found, pairs)
    moves = draft.steps[:, found.need_of[pairs]].T.tolist()
    places, money, slack = draft.places.tolist(), draft.money.tolist(), draft.slack.tolist()
    added: list[int] = []
    served: set[int] = set()
    for pair, need, offering, scheme, fen, move in zip(
        pairs.tolist(), needs, offerings, schemes, fens, moves, strict=True
    ):
        if need in served or places[offering] <= 0 or money[scheme] < fen:
            continue
        if any(step < 0 and each + step < 0 for each, step in zip(slack, move, strict=True)):
            continue
        places[offering] -= 1
        money[scheme] -= fen
        slack = [each + step for each, step in zip(slack, move, strict=True)]
        served.add(need)
        added.append(pair)
    draft.put(np.array(added, dtype=np.int64))
    return len(added)


def _open_pairs(draft: Draft) -> IntArray:
    found = draft.round
    is_open = (
        (draft.pair_of[found.need_of] < 0)
        & (draft.places[found.offering_of] > 0)
        & (draft.money[found.scheme_of] >= found.subsidy_fen)
    )
    pairs = np.flatnonzero(is_open)
    return pairs[np.lexsort((pairs, -draft.left[pairs]))]


def _raise(draft: Draft) -> int:
    """Give who is served a pair of more value that still fits; returns how many were moved."""
    found = draft.round
    current = draft.pair_of[found.need_of]
    own = np.where(current >= 0, current, 0)
    back = np.where(found.scheme_of[own] == found.scheme_of, found.subsidy_fen[own], 0)
    is_better = (
        (current >= 0)
        & (found.value > found.value[own])
        & (draft.places[found.offering_of] > 0)
        & (draft.money[found.scheme_of] + back >= found.subsidy_fen)
    )
    pairs = np.flatnonzero(is_better)
    needs, offerings, schemes, fens = _columns(found, pairs)
    formers = current[pairs]
    _, own_offerings, own_schemes, own_fens = _columns(found, formers)
    places, money = draft.places.tolist(), draft.money.tolist()
    moved: dict[int, int] = {}
    for row, need in enumerate(needs):
        scheme, own_scheme = schemes[row], own_schemes[row]
        free = money[scheme] + (own_fens[row] if scheme == own_scheme else 0)
        if need in moved or places[offerings[row]] <= 0 or free < fens[row]:
            continue
        places[offerings[row]] -= 1
        places[own_offerings[row]] += 1
        money[own_scheme] += own_fens[row]
        money[scheme] -= fens[row]
        moved[need] = row
    rows = np.array(list(moved.values()), dtype=np.int64)
    draft.drop(formers[rows])
    draft.put(pairs[rows])
    return len(moved)


def _columns(found: Round, pairs: IntArray) -> tuple[list[int], list[int], list[int], list[int]]:
    """Need, offering, scheme and subsidy of pairs as plain lists: loops over them are quicker."""
    return (
        found.need_of[pairs].tolist(),
        found.offering_of[pairs].tolist(),
        found.scheme_of[pairs].tolist(),
        found.subsidy_fen[pairs].tolist(),
    )
