"""A clearing round as a linear program for HiGHS, written from the round alone.

HiGHS runs in a process of its own: OR-Tools brings another build of it under the same name, and one
process cannot hold both.
"""

import io
import subprocess
import sys
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from marketplace.matching.rules.rounds import IntArray, Round

Columns = Mapping[str, IntArray]


def relaxed_optimum(found: Round) -> float:
    """Most points when needs may be split; the sections' floor is left out, so it may be above."""
    return _elsewhere(found, is_whole=False)


def exact_optimum(found: Round) -> float:
    """Most points of any plan, the sections' floor included; small rounds only."""
    return _elsewhere(found, is_whole=True)


def _elsewhere(found: Round, *, is_whole: bool) -> float:
    packed = io.BytesIO()
    np.savez(
        packed,
        need_of=found.need_of,
        offering_of=found.offering_of,
        scheme_of=found.scheme_of,
        value=found.value,
        subsidy_fen=found.subsidy_fen,
        places=found.places,
        budgets_fen=found.budgets_fen,
        section_of=found.section_of,
        share_steps=found.share_steps(),
        floor=np.array([found.floors.sections, len(found.sections), is_whole]),
    )
    command = [sys.executable, "-m", "tests.marketplace.matching.linear"]
    done = subprocess.run(command, input=packed.getvalue(), check=True, capture_output=True)
    return float(done.stdout)


def _optimum(found: Columns) -> float:
    import highspy

    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("mip_rel_gap", 0.0)
    most_sections, sections, is_whole = found["floor"].tolist()
    pairs = len(found["value"])
    width = pairs + (sections if is_whole else 0)
    solver.addVars(width, np.zeros(width), np.ones(width))
    solver.changeColsCost(pairs, _numbers(pairs), found["value"].astype(float))
    solver.changeObjectiveSense(highspy.ObjSense.kMaximize)
    ones = np.ones(pairs)
    _rows(solver, found["need_of"], ones, np.ones(len(found["section_of"])))
    _rows(solver, found["offering_of"], ones, found["places"].astype(float))
    schemes = len(found["budgets_fen"])
    scheme_of = np.where(found["scheme_of"] < 0, schemes, found["scheme_of"])
    budgets = np.append(found["budgets_fen"], 0).astype(float)
    _rows(solver, scheme_of, found["subsidy_fen"].astype(float), budgets)
    for row in found["share_steps"]:
        weights = row[found["need_of"]].astype(float)
        solver.addRow(0.0, highspy.kHighsInf, pairs, _numbers(pairs), weights)
    if is_whole:
        _whole(solver, found, sections, most_sections)
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        raise RuntimeError(str(solver.getModelStatus()))
    return float(solver.getObjectiveValue())


def _rows(
    solver: "highspy.Highs",  # type: ignore[name-defined] # noqa: F821
    row_of: IntArray,
    weight: npt.NDArray[np.float64],
    most: npt.NDArray[np.float64],
) -> None:
    """Rows of sums of the pairs' columns, each at most so much."""
    order = np.argsort(row_of, kind="stable")
    starts = np.searchsorted(row_of[order], np.arange(len(most))).astype(np.int32)
    least = np.full(len(most), -np.inf)
    columns = order.astype(np.int32)
    solver.addRows(len(most), least, most, len(order), starts, columns, weight[order])


def _whole(
    solver: "highspy.Highs",  # type: ignore[name-defined] # noqa: F821
    found: Columns,
    sections: int,
    wanted: int,
) -> None:
    """Whole pairs; a section counts when a need of it is served, and enough sections count."""
    import highspy

    pairs = len(found["value"])
    kinds = np.full(pairs + sections, highspy.HighsVarType.kInteger)
    solver.changeColsIntegrality(pairs + sections, _numbers(pairs + sections), kinds)
    section_of = found["section_of"][found["need_of"]]
    for section in range(sections):
        members = np.flatnonzero(section_of == section)
        columns = np.append(members, pairs + section).astype(np.int32)
        weights = np.append(np.ones(len(members)), -1.0)
        solver.addRow(0.0, highspy.kHighsInf, len(columns), columns, weights)
    columns = pairs + _numbers(sections)
    solver.addRow(float(wanted), highspy.kHighsInf, sections, columns, np.ones(sections))


def _numbers(count: int) -> npt.NDArray[np.int32]:
    return np.arange(count, dtype=np.int32)


if __name__ == "__main__":
    with np.load(io.BytesIO(sys.stdin.buffer.read())) as columns:
        sys.stdout.write(repr(_optimum(dict(columns))))
