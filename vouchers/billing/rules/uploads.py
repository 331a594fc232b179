"""Usage as a CSV file: `event_id,time,subscription,meter,quantity`, one meter a row.

Each row is an event of its own, identified by event id and meter, so a request with input and
output tokens takes two rows. A time without an offset is Asia/Shanghai. Accepts UTF-8 (with or
without mark) and GB18030.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime

from common.codes import normalize_code
from common.periods import ZONE
from vouchers.billing.rules.events import (
    MAX_EVENTS,
    BadBatch,
    Parsed,
    Refusal,
    TooMany,
    Unreadable,
    report,
)

COLUMNS = ("event_id", "time", "subscription", "meter", "quantity")
SOURCE = "/uploads/csv"
_WHOLE = re.compile(r"(?:0|[1-9][0-9]{0,15})")


def read_csv(content: bytes) -> list[Parsed]:
    """Read an upload.

    Raises BadBatch for a file that is no such table, TooMany for too many rows.
    """
    reader = csv.reader(io.StringIO(_decoded(content), newline=""), strict=True)
    try:
        rows = _limited_rows(reader)
    except csv.Error as error:
        raise BadBatch("the file is not CSV") from error
    if not rows or tuple(name.strip().lower() for name in rows[0]) != COLUMNS:
        raise BadBatch("the first row must be " + ",".join(COLUMNS))
    return [_read_row(row) for row in rows[1:]]


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
    if len(row) != len(COLUMNS):
        return Unreadable("", Refusal.MALFORMED)
    event_id, time_text, subscription, meter, quantity = (
        unicodedata.normalize("NFKC", cell).strip() for cell in row
    )
    shown = event_id if event_id.isprintable() else ""
    if not all((event_id, time_text, subscription, meter, quantity)):
        return Unreadable(shown, Refusal.MISSING_ATTRIBUTE)
    if not _WHOLE.fullmatch(quantity):
        return Unreadable(shown, Refusal.INVALID_QUANTITY)
    time = _time(time_text)
    if time is None:
        return Unreadable(shown, Refusal.INVALID_TIME)
    return report(
        source=SOURCE,
        event_id=f"{event_id}/{meter}",
        time=time if time.tzinfo else time.replace(tzinfo=ZONE),
        subscription=normalize_code(subscription),
        quantities={meter: int(quantity)},
    )
