"""Tables as CSV and XLSX that open safely in spreadsheet programs."""

import csv
import io
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from decimal import Decimal

import xlsxwriter

NOBODYS_CLOCK = datetime(2000, 1, 1)  # noqa: DTZ001 - the format knows no zone
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def cell(value: object) -> str:
    """One cell as text: what a spreadsheet would take for a formula gets a leading apostrophe."""
    text = "" if value is None else str(value)
    if isinstance(value, (int, Decimal)):
        return text  # a number below zero is no formula
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """UTF-8 with byte order mark, CRLF, every cell escaped."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow([cell(name) for name in header])
    for row in rows:
        writer.writerow([cell(value) for value in row])
    return b"\xef\xbb\xbf" + buffer.getvalue().encode()


def workbook_bytes(
    header: Sequence[str], rows: Iterable[Sequence[str]], *, amounts: Collection[str] = ()
) -> bytes:
    """One sheet; every cell is text, but the columns `amounts` are numbers with two decimals.

    The same rows give the same bytes.
    """
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False})
    book.set_properties({"created": NOBODYS_CLOCK})
    bold, money = book.add_format({"bold": True}), book.add_format({"num_format": "#,##0.00"})
    sheet = book.add_worksheet()
    sheet.freeze_panes(1, 0)
    for column, name in enumerate(header):
        sheet.set_column(column, column, 20)
        sheet.write_string(0, column, name, bold)
    for number, row in enumerate(rows, start=1):
        for column, text in enumerate(row):
            if header[column] in amounts and text:
                sheet.write_number(number, column, float(text), money)
            elif text:
                sheet.write_string(number, column, text)
    book.close()
    return out.getvalue()
