"""Statements as CSV and XLSX: one row for each entry, amounts as numbers, everything else as text."""

import io
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

import xlsxwriter
from django.utils.translation import gettext as _

from common.exports import NOBODYS_CLOCK, csv_bytes
from common.money import yuan
from vouchers.billing.exports.entries import Entry, charges_of, payments_of
from vouchers.billing.exports.scope import Reader
from vouchers.billing.models import Bill

LARGEST_NUMBER = 10**15
"""A spreadsheet keeps fifteen digits of a number; longer ones are written as text."""
WIDTHS = (14, 9, 16, 26, 22, 26, 14, 24, 12, 36, 18, 20, 22, 14)


class Cells(NamedTuple):
    """One row: texts but for the quantity in base units and the amount in yuan."""

    bill: str
    month: str
    status: str
    enterprise: str
    uscc: str
    provider: str
    subscription: str
    offering: str
    kind: str
    words: str
    quantity: int | None
    quantity_text: str
    price: str
    amount: Decimal


def header() -> tuple[str, ...]:
    """Names of the columns in the reader's language."""
    return (
        _("Bill"),
        _("Month"),
        _("State"),
        _("Enterprise"),
        _("Unified social credit code"),
        _("Provider"),
        _("Subscription"),
        _("Offering"),
        _("Entry"),
        _("Description"),
        _("Quantity in base units"),
        _("Quantity"),
        _("Price"),
        _("Amount in yuan"),
    )


def as_csv(bills: Sequence[Bill], reader: Reader) -> bytes:
    """UTF-8 with byte order mark; formulas escaped, long numbers kept as text."""
    rows = [
        [_kept(value) if isinstance(value, str) else value for value in row]
        for row in _rows(bills, reader)
    ]
    return csv_bytes(header(), rows)


def as_xlsx(bills: Sequence[Bill], reader: Reader) -> bytes:
    """A workbook of two sheets: what was charged and who paid; the same input gives the same bytes."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_numbers": False,
            "strings_to_urls": False,
        },
    )
    book.set_properties({"created": NOBODYS_CLOCK})
    bold = book.add_format({"bold": True, "bottom": 1, "text_wrap": True})
    money = book.add_format({"num_format": "#,##0.00"})
    whole = book.add_format({"num_format": "#,##0"})
    for title, is_payment in ((_("Charges"), False), (_("Payments"), True)):
        sheet = book.add_worksheet(title)
        sheet.freeze_panes(1, 0)
        for column, (name, width) in enumerate(zip(header(), WIDTHS, strict=True)):
            sheet.set_column(column, column, width)
            sheet.write_string(0, column, name, bold)
        for number, row in enumerate(_rows(bills, reader, is_payment=is_payment), start=1):
            for column, value in enumerate(row):
                if isinstance(value, (int, Decimal)) and abs(int(value)) < LARGEST_NUMBER:
                    style = money if isinstance(value, Decimal) else whole
                    sheet.write_number(number, column, float(value), style)
                elif value is not None:
                    sheet.write_string(number, column, str(value))
    book.close()
    return out.getvalue()


def _rows(
    bills: Sequence[Bill], reader: Reader, *, is_payment: bool | None = None
) -> Iterator[Cells]:
    for bill in bills:
        if is_payment is not True:
            yield from (_cells(bill, entry) for entry in charges_of(bill))
        if is_payment is not False:
            yield from (_cells(bill, entry) for entry in payments_of(bill, reader))


def _cells(bill: Bill, entry: Entry) -> Cells:
    return Cells(
        bill.code,
        f"{bill.month:%Y-%m}",
        str(bill.get_status_display()),
        bill.enterprise.name,
        bill.enterprise.uscc,
        bill.provider.organization.name,
        bill.subscription.code,
        bill.subscription.offering.name,
        entry.kind,
        entry.words,
        entry.quantity,
        entry.quantity_text,
        entry.price,
        yuan(entry.amount_fen),
    )


def _kept(text: str) -> str:
    """A code of many digits would lose its last ones as a number."""
    return f"'{text}" if len(text) > 11 and text.isdigit() else text
