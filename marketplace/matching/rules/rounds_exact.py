"""A small round solved exactly: the best of all plans, or certainty that no plan reaches the floors.

The search for large rounds may miss a plan where few needs must meet a floor; a bureau's round is often so small
that every plan can be weighed. CP-SAT (OR-Tools) with one worker, a fixed seed and a limit of counted work, never
of time: the same input gives the same plan.
"""

from dataclasses import dataclass

import numpy as np
from ortools.sat.python import cp_model

from marketplace.matching.rules.rounds import IntArray, Round

MOST_PAIRS = 4_000
"""Larger rounds are searched."""

MOST_WORK = 60.0
"""Of the solver's own deterministic measure, about a second each."""


@dataclass(frozen=True, slots=True)
class Exact:
    """The pair of each need, or -1, and a proven bound: the value itself where the search ended."""

    pairs: IntArray
    bound: int


def solve(found: Round) -> Exact | None:
    """The best plan; None for a large round, and where no plan exists or none was found in time."""
    if not 0 < len(found.value) <= MOST_PAIRS:
        return None
    model, chosen = _model(found)
    solver = cp_model.CpSolver()
    solver.parameters.num_search_workers = 1
    solver.parameters.random_seed = found.seed % 2**31
    solver.parameters.max_deterministic_time = MOST_WORK
    if solver.solve(model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None
    pairs = np.full(len(found.needs), -1, dtype=np.int64)
    for pair, name in enumerate(chosen):
        if solver.boolean_value(name):
            pairs[found.need_of[pair]] = pair
    return Exact(pairs, int(np.floor(solver.best_objective_bound + 1e-6)))


def _model(found: Round) -> tuple[cp_model.CpModel, list[cp_model.IntVar]]:
    model = cp_model.CpModel()
    chosen = [model.new_bool_var(f"p{pair}") for pair in range(len(found.value))]
    for need in range(len(found.needs)):
        first, last = int(found.starts[need]), int(found.starts[need + 1])
        model.add_at_most_one(chosen[first:last])
    _limits(model, chosen, found)
    _floors(model, chosen, found)
    model.maximize(cp_model.LinearExpr.weighted_sum(chosen, found.value.tolist()))
    return model, chosen


def _limits(model: cp_model.CpModel, chosen: list[cp_model.IntVar], found: Round) -> None:
    for offering, places in enumerate(found.places.tolist()):
        rows = np.flatnonzero(found.offering_of == offering).tolist()
        model.add(sum(chosen[pair] for pair in rows) <= places)
    for scheme, budget in enumerate(found.budgets_fen.tolist()):
        rows = np.flatnonzero(found.scheme_of == scheme).tolist()
        costs = [int(found.subsidy_fen[pair]) for pair in rows]
        drawn = cp_model.LinearExpr.weighted_sum([chosen[pair] for pair in rows], costs)
        model.add(drawn <= budget)


def _floors(model: cp_model.CpModel, chosen: list[cp_model.IntVar], found: Round) -> None:
    for step in found.share_steps():
        weights = step[found.need_of].tolist()
        model.add(cp_model.LinearExpr.weighted_sum(chosen, weights) >= 0)
    if not found.floors.sections:
        return
    section = found.section_of[found.need_of]
    served = []
    for number in range(len(found.sections)):
        rows = np.flatnonzero(section == number).tolist()
        name = model.new_bool_var(f"s{number}")
        model.add(sum(chosen[pair] for pair in rows) >= name)
        served.append(name)
    model.add(sum(served) >= found.floors.sections)
