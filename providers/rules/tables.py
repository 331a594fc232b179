"""Tables that people upload: CSV in UTF-8 or GB18030, or the first sheet of an XLSX workbook.

Every cell comes as the text that was meant. What a spreadsheet program spoiled is named, never
guessed: a formula, or a long number shown as 9.1E+17.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any, Literal, NamedTuple

from common import workbooks
from common.workbooks import BadWorkbook, Fault, Spoiled

MOST_BYTES = 10_000_000
MOST_ROWS = 5_000

TableFault = Literal[
    "table_empty",
    "table_too_large",
    "table_unreadable",
    "table_locked",
    "table_merged_cells",
    "table_too_long",
    "table_columns",
]
CellFault = Literal["cell_formula", "cell_shortened"]

_FAULTS: dict[Fault, TableFault] = {
    "locked": "table_locked",
    "too_large": "table_too_large",
    "merged_cells": "table_merged_cells",
    "unreadable": "table_unreadable",
}

_SHORTENED = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)?[eE][+]?[0-9]{2,}")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_NUMBER = re.compile(r"[+-]?[0-9][0-9,]*(?:\.[0-9]+)?")
_DAY = re.compile(r"([0-9]{4})/([0-9]{1,2})/([0-9]{1,2})")


class BadTable(ValueError):
    """The file as a whole is not taken; `detail` names what is wrong, where there is something."""

    def __init__(self, fault: TableFault, detail: str = "") -> None:
        super().__init__(f"{fault} {detail}")
        self.fault = fault
        self.detail = detail


class Row(NamedTuple):
    """One row: its number as the spreadsheet shows it, its cells by column, its spoiled cells."""

    number: int
    cells: dict[str, str]
    faults: dict[str, CellFault]


def read(content: bytes, columns: Sequence[str], required: Iterable[str]) -> list[Row]:
    """The rows of a table whose first row names columns, in any order; empty rows are passed by.

    Raises BadTable.
    """
    if not content.strip():
        raise BadTable("table_empty")
    if len(content) > MOST_BYTES:
        raise BadTable("table_too_large")
    lines = _of_workbook(content) if workbooks.is_workbook(content) else _of_csv(content)
    first = next(lines, None)
    if first is None:
        raise BadTable("table_empty")
    names = _names(first[1], columns, required)
    rows = []
    for number, cells in lines:
        row = _row(number, names, cells)
        if any(row.cells.values()) or row.faults:
            rows.append(row)
        if len(rows) > MOST_ROWS:
            raise BadTable("table_too_long", str(MOST_ROWS))
    return rows


def _names(cells: Sequence[Any], columns: Sequence[str], required: Iterable[str]) -> list[str]:
    names = [_text(cell)[0].lower() for cell in cells]
    while names and not names[-1]:
        names.pop()
    wrong = [name or "?" for name in names if name not in columns]
    wrong += sorted({name for name in names if names.count(name) > 1})
    wrong += [name for name in required if name not in names]
    if wrong:
        raise BadTable("table_columns", ", ".join(wrong))
    return names


def _row(number: int, names: Sequence[str], cells: Sequence[Any]) -> Row:
    found: dict[str, str] = {}
    faults: dict[str, CellFault] = {}
    for name, cell in zip(names, cells, strict=False):
        found[name], fault = _text(cell)
        if fault:
            faults[name] = fault
    return Row(number, found, faults)


def _text(cell: Any) -> tuple[str, CellFault | None]:
    """A cell's text and what a spreadsheet program did to it."""
    if cell is None:
        return "", None
    if isinstance(cell, bool):
        return ("yes" if cell else "no"), None
    if isinstance(cell, (datetime, date)):
        return f"{cell:%Y-%m-%d}", None
    if isinstance(cell, Spoiled):
        return "", "cell_formula" if cell is Spoiled.FORMULA else "cell_shortened"
    if isinstance(cell, (int, float)):
        return repr(cell), None
    text = unicodedata.normalize("NFC", str(cell)).strip()
    if _SHORTENED.fullmatch(unicodedata.normalize("NFKC", text)):
        return text, "cell_shortened"
    if text.startswith("'") and text[1:].startswith(_FORMULA):
        return text[1:], None  # as our own files write it
    if text.startswith(_FORMULA) and not _NUMBER.fullmatch(text):
        return text, "cell_formula"
    day = _DAY.fullmatch(text)
    return (f"{day[1]}-{day[2]:0>2}-{day[3]:0>2}" if day else text), None


def _of_csv(content: bytes) -> Iterator[tuple[int, Sequence[Any]]]:
    reader = csv.reader(io.StringIO(_decoded(content), newline=""), strict=True)
    try:
        for cells in reader:
            yield reader.line_num, cells
    except csv.Error as error:
        raise BadTable("table_unreadable") from error


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise BadTable("table_unreadable")


def _of_workbook(content: bytes) -> Iterator[tuple[int, Sequence[Any]]]:
    try:
        yield from enumerate(workbooks.read_rows(content), start=1)
    except BadWorkbook as error:
        raise BadTable(_FAULTS[error.fault]) from error
