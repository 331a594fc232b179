"""Better prices of money and floors: cutting planes in a box that follows success.

The bound is a convex function of the prices, and each answer of the flow gives a plane under it.
The lowest point of all planes inside a box around the best prices is asked next. The box grows when
the bound fell as foretold, and shrinks when it did not. The number of steps is given, never a time,
so that the same input gives the same prices.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from ortools.linear_solver import pywraplp

from marketplace.matching.rules import rounds_flow, rounds_prices
from marketplace.matching.rules.rounds import IntArray, Round
from marketplace.matching.rules.rounds_prices import FINE, POINT, Floats, Market, Prices

SMALLEST, WIDEST = 0.002, 0.5
"""Of the unit of a price: half the side of the box."""


@dataclass(frozen=True, slots=True)
class Step:
    """One answer of the flow: the prices asked at, the bound they prove, the pairs chosen."""

    prices: Prices
    bound: int
    pairs: IntArray


def descend(market: Market, start: Prices, *, steps: int, width: float) -> Iterator[Step]:
    """Ask the flow at ever better prices of money and floors, `steps` times at most.

    Prices of places are kept out: the flow finds them itself. Ends early when the planes promise
    nothing more. Raises FlowFailed.
    """
    unit = rounds_prices.units(market.round)
    best_at = asked = _flat(start) / unit
    best, planes = np.inf, []
    for _ in range(steps):
        prices = _prices(market.round, asked * unit)
        asked = _flat(prices) / unit
        flow = rounds_flow.solve(market, prices)
        yield Step(prices, flow.bound, flow.pairs)
        slope = _slope(market, flow.pairs) * unit
        planes.append((float(flow.bound) - float(slope @ asked), slope))
        if flow.bound < best:
            width = min(WIDEST, width * 1.5) if np.isfinite(best) else width
            best, best_at = float(flow.bound), asked
        else:
            width = max(SMALLEST, width / 2)
        asked, promised = _lowest(planes, best_at, width)
        if best - promised < 1e-5 * abs(best):
            return


def _slope(market: Market, pairs: IntArray) -> Floats:
    """By how many points the bound moves with each price."""
    found = market.round
    money = (found.budgets_fen - rounds_prices.spent(found, pairs)) / 2**FINE
    shares = market.steps[:, found.need_of[pairs]].sum(axis=1)
    return np.concatenate([money, shares]) / POINT


def _lowest(
    planes: list[tuple[float, Floats]], around: Floats, width: float
) -> tuple[Floats, float]:
    """The lowest point that all planes allow inside the box, and the bound promised there."""
    solver = pywraplp.Solver.CreateSolver("GLOP")
    level = solver.NumVar(-solver.infinity(), solver.infinity(), "")
    axes = [solver.NumVar(max(0.0, float(at) - width), float(at) + width, "") for at in around]
    for offset, slope in planes:
        row = solver.Constraint(offset, solver.infinity())
        row.SetCoefficient(level, 1.0)
        for axis, steepness in zip(axes, slope, strict=True):
            row.SetCoefficient(axis, -float(steepness))
    solver.Minimize(level)
    if solver.Solve() != pywraplp.Solver.OPTIMAL:
        return around, np.inf
    return np.array([axis.solution_value() for axis in axes]), float(level.solution_value())


def _flat(prices: Prices) -> Floats:
    return np.concatenate([prices.budgets, prices.shares]).astype(np.float64)


def _prices(found: Round, flat: Floats) -> Prices:
    whole = np.floor(np.maximum(flat, 0)).astype(np.int64)
    schemes = len(found.schemes)
    return Prices(
        np.zeros(len(found.offerings), dtype=np.int64),
        np.minimum(whole[:schemes], rounds_prices.MAX_BUDGET_PRICE),
        whole[schemes:],
    )
