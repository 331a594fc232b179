"""The first sheet of an XLSX workbook, row by row: the only reader of workbooks that people send.

A cell is what its writer meant or a `Spoiled` that names why nobody can know: a formula, whose
result is not in our hands, or a number that lost digits. Nothing is guessed. Knows no framework, so
that rules may use it.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from enum import Enum
from typing import Any, Literal

from openpyxl import load_workbook
from openpyxl.cell.cell import TYPE_FORMULA
from openpyxl.styles.numbers import is_datetime

MOST_UNPACKED = 60_000_000
"""Bytes of a workbook's parts together; reading them takes about four times as much memory."""
MOST_COLUMNS = 64
MOST_ROWS = 1_048_576
"""The last row a spreadsheet has. Rows that a file skips are counted, too: it may name any number."""
EXACT_DIGITS = 15
"""So many digits of a number a spreadsheet keeps (91310000MA1FL0XW becomes 9.1E+17)."""
PACKED = b"PK"
COMPOUND = b"\xd0\xcf\x11\xe0"
"""How a workbook with a password begins, and one of before 2007."""

_MERGED = re.compile(rb"<(?:[A-Za-z0-9]+:)?mergeCell[ />]")

Fault = Literal["locked", "too_large", "merged_cells", "unreadable"]


class Spoiled(Enum):
    """What stands in the place of a cell that cannot be read."""

    FORMULA = "formula"
    SHORTENED = "shortened"


Cell = str | bool | int | float | datetime | date | time | timedelta | Spoiled | None


class BadWorkbook(ValueError):
    """The file as a whole is not taken."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault)
        self.fault: Fault = fault


def is_workbook(content: bytes) -> bool:
    """Tell whether the content claims to be a workbook, locked or not, and no text."""
    return content.startswith((PACKED, COMPOUND))


def read_rows(content: bytes) -> Iterator[list[Cell]]:
    """Yield the rows, read as they are asked for; rows that were left empty are rows.

    Raises BadWorkbook: for one with a password, one that is too large unpacked, one that has merged
    cells, of which only the first would have the value, and for what is no workbook.
    """
    if content.startswith(COMPOUND):
        raise BadWorkbook("locked")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(part.file_size for part in packed.infolist()) > MOST_UNPACKED:
                raise BadWorkbook("too_large")
            yield from _rows(content, packed)
    except BadWorkbook:
        raise
    except Exception as error:  # whatever a broken file makes the libraries raise
        raise BadWorkbook("unreadable") from error


def _rows(content: bytes, packed: zipfile.ZipFile) -> Iterator[list[Cell]]:
    book = load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
    sheet: Any = book.worksheets[0]
    path = sheet._worksheet_path  # noqa: SLF001 - the first sheet need not be the first part
    if _MERGED.search(packed.read(path)):  # never more than the size declared above
        raise BadWorkbook("merged_cells")
    sheet.reset_dimensions()
    skipped: Any = None
    for number, row in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS), start=1):
        if number > MOST_ROWS:
            raise BadWorkbook("too_large")
        if row is skipped:  # the library gives one object for all rows that are not there
            yield []
            continue
        cells = _cells(row)
        skipped = skipped if cells else row
        yield cells


def _cells(row: Any) -> list[Cell]:
    """The cells up to the last one that is not empty."""
    cells = [_cell(cell) for cell in row]
    while cells and cells[-1] is None:
        cells.pop()
    return cells


def _cell(cell: Any) -> Cell:
    value: Cell = cell.value
    if value is None:
        return None
    if cell.data_type == TYPE_FORMULA:
        return Spoiled.FORMULA
    if isinstance(value, float | int) and not isinstance(value, bool):
        if abs(value) >= 10**EXACT_DIGITS:
            return Spoiled.SHORTENED
        return int(value) if value == int(value) else value
    if isinstance(value, datetime) and is_datetime(cell.number_format) == "date":
        return value.date()  # a day that shows no hour is none of its midnight
    return value
