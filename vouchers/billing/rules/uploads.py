"""Usage as a table, in CSV or XLSX, in one of two forms; a provider keeps to one.

`event_id,time,subscription` and a column for each meter: a row is an event, an empty cell a meter
that it lacks. Prices by the request's length need this form. Or
`event_id,time,subscription,meter,quantity`: each row is an event of its own, identified by event id
and meter. A time without an offset is Asia/Shanghai. CSV may be UTF-8 (with or without mark) or
GB18030.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime

from common.codes import normalize_code
from common.periods import ZONE
from common.workbooks import is_workbook
from vouchers.billing.rules import sheets
from vouchers.billing.rules.events import (
    MAX_EVENTS,
    MAX_METERS,
    BadBatch,
    Parsed,
    Refusal,
    TooMany,
    Unreadable,
    report,
)

SHARED = ("event_id", "time", "subscription")
COLUMNS = (*SHARED, "meter", "quantity")
SOURCE = "/uploads/csv"
_METER = re.compile(r"[a-z][a-z_]{0,40}")
_ROUNDED = re.compile(r"[0-9](?:\.[0-9]+)?[Ee]\+[0-9]{1,3}")
_WHOLE = re.compile(r"(?:0|[1-9][0-9]{0,15})")


def read_table(content: bytes) -> list[Parsed]:
    """Read an upload: CSV or the first sheet of an XLSX file.

    Raises BadBatch for a file that is no such table, TooMany for too many rows.
    """
    if is_workbook(content):
        return _read_rows(_limited_rows(sheets.read_rows(content)))
    return read_csv(content)


def read_csv(content: bytes) -> list[Parsed]:
    """Read a table as text. Raises BadBatch and TooMany."""
    reader = csv.reader(io.StringIO(_decoded(content), newline=""), strict=True)
    try:
        rows = _limited_rows(reader)
    except csv.Error as error:
        raise BadBatch("the file is not CSV") from error
    return _read_rows(rows)


def _read_rows(rows: list[list[str]]) -> list[Parsed]:
    if not rows:
        raise BadBatch("the file is empty")
    while rows[0] and not rows[0][-1].strip():  # columns that only other sheets' rows fill
        rows[0].pop()
    head = tuple(name.strip().lower() for name in rows[0])
    if head == COLUMNS:
        return [_read_row(row) for row in rows[1:]]
    meters = head[len(SHARED) :]
    if head[: len(SHARED)] != SHARED or not _are_meters(meters):
        raise BadBatch("the first row must be " + ",".join(COLUMNS))
    return [_read_wide_row(row, meters) for row in rows[1:]]


def _are_meters(names: tuple[str, ...]) -> bool:
    return (
        0 < len(names) <= MAX_METERS
        and len(set(names)) == len(names)
        and not {"meter", "quantity"} & set(names)
        and all(_METER.fullmatch(name) for name in names)
    )


def _limited_rows(reader: Iterable[list[str]]) -> list[list[str]]:
    rows: list[list[str]] = []
    for row in reader:
        if any(cell.strip() for cell in row):
            rows.append(row)
        if len(rows) > MAX_EVENTS + 1:
            raise TooMany(f"at most {MAX_EVENTS} rows in one file")
    return rows


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadBatch("the file is neither UTF-8 nor GB18030")


def _time(text: str) -> datetime | None:
    """ISO 8601, or as spreadsheets write it (2026/5/1 10:00).

    None for anything else, or a bare day.
    """
    if ":" not in text:
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    for shape in ("%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M"):
        try:
            return datetime.strptime(text, shape).replace(tzinfo=ZONE)
        except ValueError:
            continue
    return None


def _read_row(row: list[str]) -> Parsed:
    """One meter of an event; the meter is part of its id."""
    cells = _cells(row, len(COLUMNS))
    if isinstance(cells, Unreadable):
        return cells
    event_id, time, subscription, meter, quantity = cells
    return _event(event_id, f"{event_id}/{meter}", time, subscription, {meter: quantity})


def _read_wide_row(row: list[str], meters: tuple[str, ...]) -> Parsed:
    """A whole event: an empty cell is a meter that it does not have."""
    cells = _cells(row, len(SHARED) + len(meters))
    if isinstance(cells, Unreadable):
        return cells
    event_id, time, subscription, *sent = cells
    quantities = {meter: text for meter, text in zip(meters, sent, strict=True) if text}
    return _event(event_id, event_id, time, subscription, quantities)


def _cells(row: list[str], expected: int) -> list[str] | Unreadable:
    """Tidy cells, those of a sheet without its empty columns on the right."""
    cells = [unicodedata.normalize("NFKC", cell).strip() for cell in row]
    while len(cells) > expected and not cells[-1]:
        cells.pop()
    shown = cells[0] if cells[0].isprintable() else ""
    if sheets.FORMULA in cells:
        return Unreadable(shown, Refusal.FORMULA)
    if sheets.ROUNDED in cells or any(_ROUNDED.fullmatch(cell) for cell in cells):
        return Unreadable(shown, Refusal.ROUNDED_NUMBER)
    return cells if len(cells) == expected else Unreadable(shown, Refusal.MALFORMED)


def _event(
    shown: str, event_id: str, time_text: str, subscription: str, quantities: dict[str, str]
) -> Parsed:
    shown = shown if shown.isprintable() else ""
    texts = (shown, time_text, subscription, *quantities, *quantities.values())
    if not quantities or not all(texts):
        return Unreadable(shown, Refusal.MISSING_ATTRIBUTE)
    if not all(_WHOLE.fullmatch(text) for text in quantities.values()):
        return Unreadable(shown, Refusal.INVALID_QUANTITY)
    time = _time(time_text)
    if time is None:
        return Unreadable(shown, Refusal.INVALID_TIME)
    return report(
        source=SOURCE,
        event_id=event_id,
        time=time if time.tzinfo else time.replace(tzinfo=ZONE),
        subscription=normalize_code(subscription),
        quantities={meter: int(text) for meter, text in quantities.items()},
    )
