"""Published tables: small cells are hidden, and nobody can work a hidden one out."""

import random

import numpy as np
import pytest

from marketplace.clearing.rules.masking import SMALLEST, masked_counts, masked_table
from marketplace.clearing.rules.places import places_of


def told(table: list[list[int | None]]) -> list[tuple[int, int]]:
    """Hidden cells that the sums of rows and columns determine, by linear algebra."""
    height, width = len(table), len(table[0])
    hidden = [(r, c) for r in range(height) for c in range(width) if table[r][c] is None]
    sums = [
        [float(cell[0] == row) * (1 - 2 * (cell[1] == width - 1)) for cell in hidden]
        for row in range(height)
    ] + [
        [float(cell[1] == column) * (1 - 2 * (cell[0] == height - 1)) for cell in hidden]
        for column in range(width)
    ]
    if not hidden:
        return []
    matrix = np.array(sums)
    rank = np.linalg.matrix_rank(matrix)
    units = np.eye(len(hidden))
    return [
        cell
        for number, cell in enumerate(hidden)
        if np.linalg.matrix_rank(np.vstack([matrix, units[number]])) == rank
    ]


@pytest.mark.parametrize("seed", range(40))
def test_no_hidden_cell_follows_from_the_totals(seed: int) -> None:
    draw = random.Random(seed)
    height, width = draw.randint(1, 6), draw.randint(1, 6)
    rows = [[draw.choice((0, 1, 2, 3, 5, 9, 40)) for _ in range(width)] for _ in range(height)]

    table = masked_table(rows)

    whole = [[*row, sum(row)] for row in rows]
    whole.append([sum(column) for column in zip(*whole, strict=True)])
    assert told(table) == []
    for shown, real in zip(table, whole, strict=True):
        for cell, count in zip(shown, real, strict=True):
            assert cell in (None, count)
            assert count >= SMALLEST or cell is None


def test_one_small_count_hides_the_next_one_with_it() -> None:
    assert masked_counts([10, 1, 7]) == ([10, None, None], 18)


def test_large_counts_are_all_shown() -> None:
    assert masked_counts([10, 5, 7]) == ([10, 5, 7], 22)
    assert masked_counts([]) == ([], None)


def test_bundles_that_share_an_offering_share_its_places() -> None:
    wanted = [("A", {"O": {"calls": 10}}), ("B", {"O": {"calls": 40}}), ("C", {"P": {"calls": 1}})]

    # 100 calls hold two needs of 40, the largest; A and B get one each; P states no limit.
    assert places_of(wanted=wanted, left={("O", "calls"): 100}, needs=9) == {"A": 1, "B": 1, "C": 9}
    assert places_of(wanted=wanted[:1], left={("O", "calls"): 9}, needs=9) == {"A": 0}
