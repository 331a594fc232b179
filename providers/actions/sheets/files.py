"""Files of a subject: the template to fill in, what there is, and what became of each row."""

import io
from collections.abc import Iterable, Sequence
from datetime import datetime

import xlsxwriter
from django.utils.translation import gettext as _

from common.exports import cell, csv_bytes
from providers.actions.sheets.base import Subject

NOBODYS_CLOCK = datetime(2000, 1, 1)  # noqa: DTZ001 - the format knows no zone
WIDTH = 20


def as_csv(subject: type[Subject], rows: Iterable[Sequence[object]]) -> bytes:
    """Rows under the columns' names; formulas escaped."""
    return csv_bytes(subject.names(), rows)


def as_xlsx(subject: type[Subject], rows: Iterable[Sequence[object]]) -> bytes:
    """The same, every cell as text so that no digit is lost; a second sheet explains the columns."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False})
    book.set_properties({"created": NOBODYS_CLOCK})
    plain, bold = book.add_format({"num_format": "@"}), book.add_format({"bold": True})
    table = book.add_worksheet(subject.name)
    table.set_column(0, len(subject.columns) - 1, WIDTH, plain)
    table.freeze_panes(1, 0)
    for place, name in enumerate(subject.names()):
        table.write_string(0, place, name, bold)
    for number, row in enumerate(rows, start=1):
        for place, value in enumerate(row):
            if value not in (None, ""):
                table.write_string(number, place, cell(str(value)), plain)
    _explain(book.add_worksheet(_("Columns")), subject)
    book.close()
    return buffer.getvalue()


def _explain(sheet: "xlsxwriter.worksheet.Worksheet", subject: type[Subject]) -> None:
    sheet.set_column(0, 0, WIDTH)
    sheet.set_column(1, 1, 3 * WIDTH)
    for number, column in enumerate(subject.columns):
        sheet.write_string(number, 0, column.name)
        words = f"{column.label}{_(' (required)') if column.is_required else ''}"
        sheet.write_string(number, 1, words)
