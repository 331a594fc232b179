"""The best use of places at given prices of money and floors: a minimum-cost flow, solved exactly.

Each need sends one unit to one of its pairs or home; each offering lets through as many as it has
places. Such a flow has a best answer in whole units, so no place is split and the value it reaches,
with the cost of money added, is again a bound that no plan can pass.
"""

from dataclasses import dataclass

import numpy as np
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

from marketplace.matching.rules.rounds import IntArray
from marketplace.matching.rules.rounds_prices import POINT, Market, Prices


class FlowFailed(RuntimeError):
    """The solver gave no optimal answer; its status is the message. Nothing may be concluded."""


@dataclass(frozen=True, slots=True)
class Flow:
    """Pairs chosen within all places, and the bound on any plan's value, in points."""

    bound: int
    pairs: IntArray


def solve(market: Market, prices: Prices) -> Flow:
    """Give places where they leave most after paying for money and floors. Raises FlowFailed."""
    found = market.round
    left = market.without_places(prices)
    pairs = np.flatnonzero(left > 0)
    money = market.cost_of_money(prices)
    if not len(pairs):
        return Flow(money // POINT, pairs)
    needs, offerings = len(found.needs), len(found.offerings)
    home = needs + offerings
    tails = (found.need_of[pairs], np.arange(needs), needs + np.arange(offerings))
    heads = (needs + found.offering_of[pairs], np.full(needs, home), np.full(offerings, home))
    rooms = (np.ones(len(pairs) + needs, dtype=np.int64), found.places)
    flow = SimpleMinCostFlow()
    arcs = flow.add_arcs_with_capacity_and_unit_cost(
        np.concatenate(tails).astype(np.int32),
        np.concatenate(heads).astype(np.int32),
        np.concatenate(rooms),
        np.concatenate([-left[pairs], np.zeros(needs + offerings, dtype=np.int64)]),
    )
    supplies = np.zeros(home + 1, dtype=np.int64)
    supplies[:needs], supplies[home] = 1, -needs
    flow.set_nodes_supplies(np.arange(home + 1, dtype=np.int32), supplies)
    status = flow.solve()
    if status != flow.OPTIMAL:
        raise FlowFailed(str(status))
    taken = flow.flows(arcs[: len(pairs)]) > 0
    return Flow((money - flow.optimal_cost()) // POINT, pairs[taken])
