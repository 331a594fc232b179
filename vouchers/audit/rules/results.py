"""What a bank answers to a payment file: one row a payment, paid or returned.

`position,amount,result,bank_serial,reason`; further columns are ignored, so the payment file itself can be filled
in. Result is `paid` (成功, 已付) or `returned` (退回, 退汇, 失败). Accepts UTF-8 (with or without mark) and GB18030.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

COLUMNS = ("position", "amount", "result", "bank_serial", "reason")
MAX_ROWS = 10_000
MAX_BYTES = 5_000_000
_AMOUNT = re.compile(r"[0-9]{1,15}(\.[0-9]{1,2})?")
_MAX_SERIAL, _MAX_REASON = 60, 200


class BadFile(ValueError):
    """The file is no table with the columns, or too large."""


class Result(StrEnum):
    """What became of a payment at the bank."""

    PAID = "paid"
    RETURNED = "returned"


_WORDS = {
    "paid": Result.PAID,
    "成功": Result.PAID,
    "已付": Result.PAID,
    "returned": Result.RETURNED,
    "退回": Result.RETURNED,
    "退汇": Result.RETURNED,
    "失败": Result.RETURNED,
}


class Fault(StrEnum):
    """Why a row cannot be taken."""

    POSITION = "unknown_position"
    TWICE = "position_twice"
    AMOUNT = "amount_differs"
    RESULT = "unknown_result"
    REASON = "reason_missing"
    TEXT = "text_too_long"
    PAID_AFTER_RETURN = "paid_after_return"


@dataclass(frozen=True, slots=True)
class Known:
    """A payment as the books have it: fen, and its result so far (None while it waits)."""

    amount_fen: int
    result: Result | None


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the file by its number; `result` is None with a fault, `is_new` when it changes something."""

    number: int
    position: int
    result: Result | None
    serial: str
    reason: str
    fault: Fault | None = None
    is_new: bool = False


def read(content: bytes, known: Mapping[int, Known]) -> list[Row]:
    """Hold each row against the payments by position (from 1). Raises BadFile.

    A result that is known already changes nothing. What was paid may be returned later; what was returned is paid
    by a new batch, never here. Rows that are not payments, like the control total, are passed over.
    """
    rows = []
    seen: set[int] = set()
    for number, cells in _table(content):
        if cells.get("record", "payment") not in {"payment", ""}:
            continue
        row = _row(number, cells, known, seen)
        seen.add(row.position)
        rows.append(row)
    return rows


def _row(number: int, cells: Mapping[str, str], known: Mapping[int, Known], seen: set[int]) -> Row:
    text = cells["position"]
    position = int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0
    result = _WORDS.get(cells["result"].lower())
    serial, reason = cells["bank_serial"], cells["reason"]
    payment = known.get(position)
    fault: Fault | None = None
    if payment is None:
        fault = Fault.POSITION
    elif position in seen:
        fault = Fault.TWICE
    elif not _is_amount(cells["amount"], payment.amount_fen):
        fault = Fault.AMOUNT
    elif result is None:
        fault = Fault.RESULT
    elif result == Result.RETURNED and not reason:
        fault = Fault.REASON
    elif len(serial) > _MAX_SERIAL or len(reason) > _MAX_REASON:
        fault = Fault.TEXT
    elif result == Result.PAID and payment.result == Result.RETURNED:
        fault = Fault.PAID_AFTER_RETURN
    if fault is not None or payment is None:
        return Row(number, position, None, serial, reason, fault)
    return Row(number, position, result, serial, reason, None, payment.result != result)


def _is_amount(text: str, amount_fen: int) -> bool:
    """Tell whether yuan with up to two decimals, maybe with thousands separators, are those fen."""
    plain = text.replace(",", "").lstrip("¥")
    return _AMOUNT.fullmatch(plain) is not None and Decimal(plain) * 100 == amount_fen


def _table(content: bytes) -> list[tuple[int, dict[str, str]]]:
    if len(content) > MAX_BYTES:
        raise BadFile("too large")
    try:
        lines = list(csv.reader(io.StringIO(_decoded(content), newline=""), strict=True))
    except csv.Error as error:
        raise BadFile("no CSV") from error
    header = [name.strip().lower() for name in lines[0]] if lines else []
    if not set(COLUMNS) <= set(header) or len(lines) > MAX_ROWS + 1:
        raise BadFile("columns")
    return [
        (number, dict(zip(header, _clean(cells), strict=False)) | _missing(header, cells))
        for number, cells in enumerate(lines[1:], start=2)
        if any(cell.strip() for cell in cells)
    ]


def _missing(header: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
    return dict.fromkeys(header[len(cells) :], "")


def _clean(cells: Sequence[str]) -> list[str]:
    return [unicodedata.normalize("NFKC", cell).strip() for cell in cells]


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadFile("neither UTF-8 nor GB18030")
