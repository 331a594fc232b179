"""A clearing round as a linear program for HiGHS, written from the round alone."""

import highspy
import numpy as np

from marketplace.matching.rules.rounds import IntArray, Round

INFINITY = highspy.kHighsInf


def relaxed_optimum(found: Round) -> float:
    """Most points when needs may be split; the sections' floor is left out, so it may be above."""
    return _optimum(found, is_whole=False)


def exact_optimum(found: Round) -> float:
    """Most points of any plan, the sections' floor included; small rounds only."""
    return _optimum(found, is_whole=True)


def _optimum(found: Round, *, is_whole: bool) -> float:
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    pairs = len(found.value)
    extra = len(found.sections) if is_whole else 0
    everything = np.arange(pairs)
    solver.addVars(pairs + extra, np.zeros(pairs + extra), np.ones(pairs + extra))
    solver.changeColsCost(pairs, everything.astype(np.int32), found.value.astype(float))
    solver.changeObjectiveSense(highspy.ObjSense.kMaximize)
    ones = np.ones(pairs)
    _rows(solver, found.need_of, ones, np.ones(len(found.needs)))
    _rows(solver, found.offering_of, ones, found.places.astype(float))
    paid = found.scheme_of >= 0
    _rows(
        solver,
        np.where(paid, found.scheme_of, len(found.schemes)),
        found.subsidy_fen.astype(float),
        np.append(found.budgets_fen, 0).astype(float),
    )
    for row in found.share_steps():
        solver.addRow(
            0.0, INFINITY, pairs, everything.astype(np.int32), row[found.need_of].astype(float)
        )
    if is_whole:
        _whole(solver, found)
    solver.run()
    assert solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return float(solver.getObjectiveValue())


def _rows(
    solver: highspy.Highs, row_of: IntArray, weight: np.ndarray, most: np.ndarray
) -> None:
    """Rows of sums of the pairs' columns, each at most so much."""
    order = np.argsort(row_of, kind="stable")
    starts = np.searchsorted(row_of[order], np.arange(len(most))).astype(np.int32)
    solver.addRows(
        len(most), np.full(len(most), -INFINITY), most, len(order),
        starts, order.astype(np.int32), weight[order],
    )  # fmt: skip


def _whole(solver: highspy.Highs, found: Round) -> None:
    """Whole pairs; a section counts when a need of it is served, and enough sections count."""
    pairs, sections = len(found.value), len(found.sections)
    kinds = np.full(pairs + sections, highspy.HighsVarType.kInteger)
    solver.changeColsIntegrality(
        pairs + sections, np.arange(pairs + sections, dtype=np.int32), kinds
    )
    for section in range(sections):
        members = np.flatnonzero(found.section_of[found.need_of] == section)
        columns = np.append(members, pairs + section).astype(np.int32)
        weights = np.append(np.ones(len(members)), -1.0)
        solver.addRow(0.0, INFINITY, len(columns), columns, weights)
    columns = np.arange(pairs, pairs + sections, dtype=np.int32)
    solver.addRow(float(found.floors.sections), INFINITY, sections, columns, np.ones(sections))
