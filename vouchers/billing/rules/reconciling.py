"""A provider's own figures beside our meter and, where there is one, the gateway: what differs, and why in a word."""

import csv
import io
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from common.codes import normalize_code
from common.workbooks import is_workbook
from vouchers.billing.rules import sheets
from vouchers.billing.rules.events import BadBatch, TooMany

COLUMNS = ("subscription", "meter", "day", "quantity")
MAX_ROWS = 50_000
TOLERANCE_PERMILLE = 5
"""Half a percent: clocks differ by minutes, so a day's edge may count here or there."""
MOST_QUANTITY = 10**18


class Fault(StrEnum):
    """Why a row of a statement is not taken."""

    COLUMNS = "columns"
    SUBSCRIPTION = "subscription"
    METER = "meter"
    DAY = "day"
    QUANTITY = "quantity"
    TWICE = "twice"


class Finding(StrEnum):
    """What comparing the figures of one day came to."""

    EQUAL = "equal"
    WITHIN = "within"
    ABSENT_STATED = "absent_stated"
    ABSENT_METERED = "absent_metered"
    STATED_MORE = "stated_more"
    STATED_LESS = "stated_less"
    EDGE_DIFFERS = "edge_differs"


@dataclass(frozen=True, slots=True)
class Stated:
    """One row of a statement: subscription by code, civil day, base units."""

    number: int
    subscription: str
    meter: str
    day: date
    quantity: int


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that is not taken; `number` counts from 1 without the head."""

    number: int
    fault: Fault
    text: str


def read(content: bytes) -> list[Stated | BadRow]:
    """Read a statement, CSV (UTF-8 or GB18030) or the first sheet of an XLSX file.

    Raises BadBatch for a file that is no such table, TooMany for too many rows.
    """
    rows = sheets.read_rows(content) if is_workbook(content) else _csv_rows(content)
    head = tuple(cell.strip().lower() for cell in next(rows, []) if cell.strip())
    if head != COLUMNS:
        raise BadBatch("the first row must be " + ",".join(COLUMNS))
    found: list[Stated | BadRow] = []
    seen: set[tuple[str, str, date]] = set()
    for row in rows:
        if not any(cell.strip() for cell in row):
            continue
        if len(found) == MAX_ROWS:
            raise TooMany(f"at most {MAX_ROWS} rows in one file")
        each = _row(len(found) + 1, row)
        if isinstance(each, Stated):
            key = each.subscription, each.meter, each.day
            if key in seen:
                each = BadRow(each.number, Fault.TWICE, " ".join(row)[:80])
            seen.add(key)
        found.append(each)
    return found


def judge(stated: int | None, metered: int, edge: int | None = None) -> Finding:
    """Compare one day's figures; None where a source has none. Without a gateway two are compared.

    Differences of at most TOLERANCE_PERMILLE of the larger figure are within tolerance.
    """
    if edge is not None and not _near(edge, metered):
        return Finding.EDGE_DIFFERS
    if stated is None:
        return Finding.ABSENT_STATED if metered else Finding.EQUAL
    if stated == metered:
        return Finding.EQUAL
    if _near(stated, metered):
        return Finding.WITHIN
    if not metered:
        return Finding.ABSENT_METERED
    return Finding.STATED_MORE if stated > metered else Finding.STATED_LESS


def _near(one: int, other: int) -> bool:
    return abs(one - other) * 1000 <= max(abs(one), abs(other)) * TOLERANCE_PERMILLE


def _csv_rows(content: bytes) -> Iterator[list[str]]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        try:
            yield from csv.reader(io.StringIO(text, newline=""), strict=True)
        except csv.Error as error:
            raise BadBatch("the file is not CSV") from error
        return
    raise BadBatch("the file is neither UTF-8 nor GB18030")


def _row(number: int, row: Sequence[str]) -> Stated | BadRow:
    cells = [unicodedata.normalize("NFKC", cell).strip() for cell in row]
    while len(cells) > len(COLUMNS) and not cells[-1]:
        cells.pop()
    shown = " ".join(cell for cell in cells if cell.isprintable())[:80]
    if len(cells) != len(COLUMNS):
        return BadRow(number, Fault.COLUMNS, shown)
    subscription, meter, day_text, quantity_text = cells
    day = _day(day_text)
    if day is None:
        return BadRow(number, Fault.DAY, shown)
    if not quantity_text.isdecimal() or int(quantity_text) > MOST_QUANTITY:
        return BadRow(number, Fault.QUANTITY, shown)
    if not subscription:
        return BadRow(number, Fault.SUBSCRIPTION, shown)
    return Stated(number, normalize_code(subscription), meter, day, int(quantity_text))


def _day(text: str) -> date | None:
    for shape in ("%Y-%m-%d", "%Y/%m/%d", "%Y-%m-%d %H:%M:%S"):
        try:
            return datetime.strptime(text, shape).date()  # noqa: DTZ007 - a civil day has no zone
        except ValueError:
            continue
    return None
