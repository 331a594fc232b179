"""Tables that people upload: CSV in UTF-8 or GB18030, or the first sheet of an XLSX workbook.

Every cell comes as the text that was meant. What a spreadsheet program spoiled is named, never
guessed: a formula, or a long number shown as 9.1E+17.
"""

import csv
import io
import re
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any, Literal, NamedTuple

import openpyxl

MOST_BYTES = 10_000_000
MOST_UNPACKED = 60_000_000
"""Bytes of a workbook's parts together: what inflates to more is no table of ours."""
MOST_ROWS = 5_000
EXACT_DIGITS = 15
"""So many digits of a number a spreadsheet keeps."""

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
    if content.startswith(b"\xd0\xcf\x11\xe0"):  # a locked workbook, or one of before 2007
        raise BadTable("table_locked")
    lines = _of_workbook(content) if content.startswith(b"PK") else _of_csv(content)
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
    if isinstance(cell, (int, float)):
        text = repr(cell)
        is_long = abs(cell) >= 10**EXACT_DIGITS
        return (
            str(int(cell)) if cell == int(cell) else text
        ), "cell_shortened" if is_long else None
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
    _inspect(content)
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        yield from enumerate(sheet.iter_rows(values_only=True), start=1)
    except BadTable:
        raise
    except Exception as error:  # the library raises many kinds for files that are no workbooks
        raise BadTable("table_unreadable") from error


def _inspect(content: bytes) -> None:
    """Refuse what would fill memory, and cells that lie over several rows."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(part.file_size for part in archive.infolist()) > MOST_UNPACKED:
                raise BadTable("table_too_large")
            sheets = [name for name in archive.namelist() if name.startswith("xl/worksheets/sheet")]
            if any(b"<mergeCell " in archive.read(name) for name in sorted(sheets)[:1]):
                raise BadTable("table_merged_cells")
    except (zipfile.BadZipFile, RuntimeError, OSError) as error:
        raise BadTable("table_unreadable") from error
