"""Workbooks as spreadsheet programs write them."""

import io
import zipfile
from typing import Any

import openpyxl


def workbook(*rows: tuple[Any, ...], merge: str = "", notes: str = "") -> bytes:
    """An XLSX file whose first sheet has the rows; `notes` are merged cells of the other sheet.

    The first sheet is the second part of the file, as it is when somebody moves it to the front.
    """
    book = openpyxl.Workbook()
    if notes:
        book.worksheets[0].merge_cells(notes)
        book.move_sheet(book.create_sheet("usage"), -1)
    sheet = book.worksheets[0]
    for row in rows:
        sheet.append(row)
    if merge:
        sheet.merge_cells(merge)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def changed(content: bytes, part: str, old: bytes, new: bytes) -> bytes:
    """The same file with other bytes in one of its parts."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as given,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made,
    ):
        for each in given.infolist():
            body = given.read(each)
            if each.filename == part:
                assert old in body
                body = body.replace(old, new)
            made.writestr(each.filename, body)
    return out.getvalue()


def bomb() -> bytes:
    """A sheet of 61 MB in less than 100 kB."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 61_000_000)
    return out.getvalue()
