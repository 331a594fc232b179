"""Latencies as a CSV file: `facility,district,latency_ms,from_day`, one circle a row.

UTF-8 (with or without mark) or GB18030. Milliseconds with at most three decimals are exact
microseconds.
"""

import csv
import io
import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime

COLUMNS = ("facility", "district", "latency_ms", "from_day")
MOST_ROWS = 5_000
MOST_BYTES = 1_000_000
MOST_MILLISECONDS = 10_000
_MILLISECONDS = re.compile(r"(0|[1-9][0-9]{0,5})(?:\.([0-9]{1,3}))?")


class Unreadable(ValueError):
    """The file is no such table, or too large."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the file; `fault` is empty, or the code of what is wrong with it."""

    number: int
    facility: str = ""
    district: str = ""
    latency_us: int = 0
    from_day: date | None = None
    fault: str = ""


def read(content: bytes) -> list[Row]:
    """Read the rows below the header, numbered as in the file. Raises Unreadable."""
    if len(content) > MOST_BYTES:
        raise Unreadable
    reader = csv.reader(io.StringIO(_decoded(content), newline=""), strict=True)
    found: list[Row] = []
    try:
        header = next(reader, [])
        if tuple(_plain(name).lower() for name in header) != COLUMNS:
            raise Unreadable
        for cells in reader:
            if any(cell.strip() for cell in cells):
                found.append(_row(reader.line_num, [_plain(cell) for cell in cells]))
            if len(found) > MOST_ROWS:
                raise Unreadable
    except csv.Error as error:
        raise Unreadable from error
    return found


def microseconds(text: str) -> int | None:
    """Milliseconds as text in whole microseconds: "0.85" is 850; None for anything else."""
    match = _MILLISECONDS.fullmatch(text)
    if match is None:
        return None
    found = int(match[1]) * 1000 + int((match[2] or "").ljust(3, "0"))
    return found if found <= MOST_MILLISECONDS * 1000 else None


def _row(number: int, cells: list[str]) -> Row:
    if len(cells) != len(COLUMNS):
        return Row(number, fault="columns")
    facility, district, milliseconds, day = cells
    latency = microseconds(milliseconds)
    if latency is None:
        return Row(number, facility, district, fault="latency")
    begins = _day(day)
    if begins is None:
        return Row(number, facility, district, latency, fault="day")
    return Row(number, facility, district, latency, begins)


def _day(text: str) -> date | None:
    for shape in ("%Y-%m-%d", "%Y/%m/%d"):
        try:
            return datetime.strptime(text, shape).date()  # noqa: DTZ007 - a civil day has no zone
        except ValueError:
            continue
    return None


def _plain(cell: str) -> str:
    return unicodedata.normalize("NFKC", cell).strip()


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unreadable
