"""The first sheet of an XLSX file as rows of text, as one would export it to CSV."""

from collections.abc import Iterator
from datetime import datetime

from common import workbooks
from common.workbooks import BadWorkbook, Cell, Spoiled
from vouchers.billing.rules.events import BadSheet

FORMULA = "\x00formula"
ROUNDED = "\x00rounded"
"""Stand in the place of what cannot be read: no cell of text can hold a NUL."""


def read_rows(content: bytes) -> Iterator[list[str]]:
    """Yield the rows, read as they are asked for, each at least as long as the first.

    Raises BadSheet.
    """
    width = 0
    try:
        for row in workbooks.read_rows(content):
            width = width or len(row)
            texts = [_text(cell) for cell in row]
            yield texts + [""] * (width - len(texts))
    except BadWorkbook as error:
        raise BadSheet(error.fault) from error


def _text(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, Spoiled):
        return FORMULA if cell is Spoiled.FORMULA else ROUNDED
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, float):
        return repr(cell)
    return str(cell).replace("\x00", "")
