"""The first sheet of an XLSX file as rows of text, as one would export it to CSV.

What a spreadsheet may have changed unseen is named instead of read: formulas, whose results are
not in our hands, and numbers that it cut to 15 digits (91310000MA1FL0XW as 9.1E+17).
"""

import io
import zipfile
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from openpyxl import load_workbook
from openpyxl.cell.cell import TYPE_FORMULA

from vouchers.billing.rules.events import BadBatch

MAX_UNPACKED_BYTES = 64_000_000
"""Of all parts of the file together; reading them takes about four times as much memory."""
MAX_COLUMNS = 64
EXACT = 10**15
"""From here on a spreadsheet's numbers have lost digits."""
FORMULA = "\x00formula"
ROUNDED = "\x00rounded"
"""Stand in the place of what cannot be read: no cell of text can hold a NUL."""
SIGNATURE = b"PK\x03\x04"


def is_sheet(content: bytes) -> bool:
    """Tell whether the content is a packed file, as XLSX is, and no text."""
    return content.startswith(SIGNATURE)


def read_rows(content: bytes) -> Iterator[list[str]]:
    """Yield the rows, read as they are asked for.

    Raises BadBatch for a file that is no XLSX, would be too large unpacked, or has merged cells,
    of whose rows only the first would have the value.
    """
    _check_parts(content)
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        for row in sheet.iter_rows(max_col=MAX_COLUMNS):
            yield [_text(cell) for cell in row]
    except BadBatch:
        raise
    except Exception as error:  # whatever a broken file makes the library raise
        raise BadBatch("the file is no XLSX workbook") from error


def _check_parts(content: bytes) -> None:
    """Refuse what unpacks to more than the bound: declared sizes bind the unpacking, too."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            parts = packed.infolist()
            if sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES:
                raise BadBatch("the file is too large unpacked")
            for part in parts:
                if part.filename.startswith("xl/worksheets/") and b"<mergeCell " in packed.read(
                    part
                ):
                    raise BadBatch("the sheet has merged cells")
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise BadBatch("the file is no XLSX workbook") from error


def _text(cell: Any) -> str:
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == TYPE_FORMULA:
        return FORMULA
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, float | int) and not isinstance(value, bool):
        if abs(value) >= EXACT:
            return ROUNDED
        return str(int(value)) if value == int(value) else repr(value)
    return str(value).replace("\x00", "")
