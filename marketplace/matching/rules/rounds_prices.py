"""Prices of what is scarce, and the bound that any such prices prove.

Put a price on each place, each fen of a budget and each percent of a floor. If every need then
takes the pair that leaves it most after paying, no plan whatsoever can be worth more than what the
needs keep plus what all scarce things cost together (weak Lagrangian duality). The bound holds for
any prices not below zero; good prices make it tight. Everything is figured in whole numbers and
rounded against us, so the bound is a proof and not an estimate.
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from marketplace.matching.rules.rounds import NO_SCHEME, IntArray, Round

POINT = 1024
"""Money of this module: 1/1024 point."""

FINE = 20
"""Budget prices are in 2**-20 of that per fen."""

MAX_BUDGET_PRICE = 2**62 // 10**10
"""So that price times subsidy stays within 63 bits."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Prices:
    """Per place (1/1024 point), per fen (2**-20 of it), per percent of a share (1/1024 point)."""

    places: IntArray
    budgets: IntArray
    shares: IntArray


@dataclass(frozen=True, slots=True)
class Demand:
    """What the needs would take at some prices, and what that proves."""

    bound: int
    pairs: IntArray
    places: IntArray
    budgets_fen: IntArray
    shares: IntArray


def free(found: Round) -> Prices:
    """Prices of nothing."""
    return Prices(
        np.zeros(len(found.offerings), dtype=np.int64),
        np.zeros(len(found.schemes), dtype=np.int64),
        np.zeros(len(found.floors.shares), dtype=np.int64),
    )


class Market:
    """A round prepared for asking many prices quickly; reads the round, never changes it."""

    def __init__(self, found: Round) -> None:
        self.round = found
        self.steps = found.share_steps()
        starts = found.starts[:-1]
        self._served = np.flatnonzero(np.diff(found.starts) > 0)
        self._starts = starts[self._served]
        self._counts = np.diff(found.starts)[self._served]
        self._worth = found.value * POINT
        self._scheme = np.where(found.scheme_of == NO_SCHEME, len(found.schemes), found.scheme_of)

    def without_places(self, prices: Prices) -> IntArray:
        """What each pair leaves after paying for money and floors, in 1/1024 point.

        The charge is rounded down, so what is left is never understated.
        """
        per_fen = np.append(prices.budgets, 0)
        left: IntArray = self._worth - ((per_fen[self._scheme] * self.round.subsidy_fen) >> FINE)
        if len(prices.shares):
            left += (prices.shares @ self.steps)[self.round.need_of]
        return left

    def left(self, prices: Prices) -> IntArray:
        """What each pair leaves after paying for everything, in 1/1024 point."""
        left = self.without_places(prices)
        left -= prices.places[self.round.offering_of]
        return left

    def cost_of_money(self, prices: Prices) -> int:
        """What all budgets cost together in 1/1024 point, rounded up."""
        whole = sum(
            int(price) * int(budget)
            for price, budget in zip(prices.budgets, self.round.budgets_fen, strict=True)
        )
        return -(-whole >> FINE)

    def ask(self, prices: Prices) -> Demand:
        """Let every need choose at the prices. A tie goes to the pair that comes first."""
        left = self.left(prices)
        pairs, kept = self._best(left)
        bound = kept + int(prices.places @ self.round.places) + self.cost_of_money(prices)
        return Demand(
            bound // POINT,
            pairs,
            np.bincount(self.round.offering_of[pairs], minlength=len(self.round.offerings)).astype(
                np.int64
            ),
            spent(self.round, pairs),
            self.steps[:, self.round.need_of[pairs]].sum(axis=1),
        )

    def _best(self, left: IntArray) -> tuple[IntArray, int]:
        if not len(left):
            return np.zeros(0, dtype=np.int64), 0
        most = np.maximum.reduceat(left, self._starts)
        at_top = np.flatnonzero(left == np.repeat(np.maximum(most, 1), self._counts))
        needs = self.round.need_of[at_top]
        first = np.ones(len(needs), dtype=np.bool_)
        first[1:] = needs[1:] != needs[:-1]
        return at_top[first].astype(np.int64), int(np.maximum(most, 0).sum())


def typical(found: Round) -> float:
    """Value of a pair on average, in 1/1024 point: the scale on which prices are moved."""
    return POINT * int(found.value.sum()) / max(1, len(found.value)) or 1.0


def spent(found: Round, pairs: IntArray) -> IntArray:
    """Fen that the pairs draw from each budget; exact."""
    total = np.zeros(len(found.schemes) + 1, dtype=np.int64)
    np.add.at(total, found.scheme_of[pairs], found.subsidy_fen[pairs])
    return total[:-1]


def search(
    market: Market, start: Prices, *, steps: int, first: float, last: float, money: float = 1.0
) -> tuple[Prices, int]:
    """Move prices towards balance: up where more is asked than there is, down where less.

    The step shrinks from `first` to `last`, as part of a typical pair's value; prices of money and
    floors move `money` times as fast as those of places. Returns the last prices, where demand is
    near supply, and the lowest bound met. Sums are of whole numbers, so the same input gives the
    same prices on every machine.
    """
    found = market.round
    offerings = len(found.offerings)
    unit = np.concatenate([np.full(offerings, typical(found)), units(found)])
    pace = np.concatenate([np.ones(offerings), np.full(len(unit) - offerings, money)])
    prices, current = start, _flat(start) / unit
    bound = market.ask(start).bound
    for number in range(steps):
        demand = market.ask(prices)
        bound = min(bound, demand.bound)
        step = first * (last / first) ** (number / max(1, steps - 1))
        current = np.maximum(0.0, current + step * pace * _excess(found, demand))
        prices = _prices(found, current * unit)
    return prices, bound


def of_places(market: Market, prices: Prices, pairs: IntArray) -> Prices:
    """The same prices with a first guess for places: what the least need leaves where it is full."""
    found = market.round
    left = market.without_places(prices)[pairs]
    offering = found.offering_of[pairs]
    used = np.bincount(offering, minlength=len(found.offerings))
    least = np.full(len(found.offerings), np.iinfo(np.int64).max)
    np.minimum.at(least, offering, left)
    is_full = (used >= found.places) & (used > 0)
    return replace(prices, places=np.where(is_full, np.maximum(least, 0), 0))


def units(found: Round) -> Floats:
    """Scales of the prices of money and floors: at one they take a typical pair's whole value."""
    paid = found.subsidy_fen[found.scheme_of != NO_SCHEME]
    fen = int(paid.sum()) / max(1, len(paid)) or 1.0
    return np.concatenate(
        [
            np.full(len(found.schemes), typical(found) / fen * 2**FINE),
            np.full(len(found.floors.shares), typical(found) / 100),
        ]
    )


def _excess(found: Round, demand: Demand) -> Floats:
    """How far demand is above supply, each relative to the supply and at most one."""
    served = max(1, len(demand.pairs))
    parts = (
        (demand.places - found.places) / np.maximum(1, found.places),
        (demand.budgets_fen - found.budgets_fen) / np.maximum(1, found.budgets_fen),
        -demand.shares / (4 * served),
    )
    return np.clip(np.concatenate(parts), -1.0, 1.0)


def _flat(prices: Prices) -> Floats:
    return np.concatenate([prices.places, prices.budgets, prices.shares]).astype(np.float64)


def _prices(found: Round, flat: Floats) -> Prices:
    offerings, schemes = len(found.offerings), len(found.schemes)
    whole = np.floor(flat).astype(np.int64)
    return Prices(
        whole[:offerings],
        np.minimum(whole[offerings : offerings + schemes], MAX_BUDGET_PRICE),
        whole[offerings + schemes :],
    )
