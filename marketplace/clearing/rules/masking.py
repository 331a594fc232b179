"""Small figures of a published table are hidden, and enough others that nobody can work them out.

A table of counts with its totals is a set of sums: each row and each column adds up. A hidden cell follows from
the rest exactly when it is the only link between two parts of the table (a bridge in the graph whose nodes are rows
and columns and whose edges are hidden cells). So cells are hidden until no hidden cell is a bridge. Zero is small,
too: were it shown, two hidden cells with the sum of two would be told. All hidden cells look the same.
"""

from collections.abc import Sequence

SMALLEST = 3
"""The least count that is published."""

Cell = tuple[int, int]


def masked_table(rows: Sequence[Sequence[int]]) -> list[list[int | None]]:
    """The table with totals at the right and below; hidden cells are None."""
    width = len(rows[0]) if rows else 0
    table = [[*row, sum(row)] for row in rows]
    table.append([sum(row[column] for row in table) for column in range(width + 1)])
    hidden = {
        (number, column)
        for number, row in enumerate(table)
        for column, count in enumerate(row)
        if count < SMALLEST
    }
    while loose := [cell for cell in sorted(hidden) if _is_told(cell, hidden)]:
        found = _next_to_hide(table, hidden, loose[0])
        if found is None:
            hidden = {(n, c) for n, row in enumerate(table) for c in range(len(row))}
            break
        hidden.add(found)
    return [
        [None if (number, column) in hidden else count for column, count in enumerate(row)]
        for number, row in enumerate(table)
    ]


def masked_counts(counts: Sequence[int]) -> tuple[list[int | None], int | None]:
    """One line of counts and its total, safe to publish side by side."""
    total = sum(counts)
    hidden = {number for number, count in enumerate(counts) if count < SMALLEST}
    others = [number for number in range(len(counts)) if number not in hidden]
    if len(hidden) == 1 and others:
        hidden.add(min(others, key=lambda number: (counts[number], number)))
    is_told = total < SMALLEST or len(hidden) == 1
    shown = [None if number in hidden else count for number, count in enumerate(counts)]
    return shown, None if is_told else total


def _is_told(cell: Cell, hidden: set[Cell]) -> bool:
    """Whether no other way leads from the cell's row to its column over hidden cells."""
    rest = hidden - {cell}
    rows, columns = {cell[0]}, set[int]()
    while True:
        more_columns = {column for row, column in rest if row in rows} - columns
        columns |= more_columns
        more_rows = {row for row, column in rest if column in columns} - rows
        rows |= more_rows
        if cell[1] in columns:
            return False
        if not more_columns and not more_rows:
            return True


def _next_to_hide(table: list[list[int]], hidden: set[Cell], cell: Cell) -> Cell | None:
    """The smallest shown cell of the row or column of a told one, inner cells before totals."""
    height, width = len(table) - 1, len(table[0]) - 1
    near = [(cell[0], column) for column in range(width + 1)]
    near += [(row, cell[1]) for row in range(height + 1)]
    shown = [each for each in near if each not in hidden]
    if not shown:
        shown = [
            (row, column)
            for row in range(height + 1)
            for column in range(width + 1)
            if (row, column) not in hidden
        ]
    rows, columns = {row for row, _column in hidden}, {column for _row, column in hidden}
    return min(
        shown,
        key=lambda each: (
            each[0] not in rows or each[1] not in columns,  # one that closes a circle comes first
            (each[0] == height) + (each[1] == width),
            table[each[0]][each[1]],
            each,
        ),
        default=None,
    )
