"""Statements as paper: one bill in full, or a month with a line for each bill and then each in full."""

from collections.abc import Sequence

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from common import pdf
from common.display import moment_text, money_text
from vouchers.billing.exports.entries import charges_of, payments_of
from vouchers.billing.exports.scope import Reader
from vouchers.billing.models import Bill

IN_FULL = 60
"""A month of more bills than this is set as a list; spreadsheets have the rest."""


def of_bills(bills: Sequence[Bill], reader: Reader, title: str) -> bytes:
    """The statement; the same bytes every time. `title` says which bill or month it is."""
    paper = pdf.Document(
        _("Statement of usage and payment"),
        language=get_language() or "zh-hans",
        subtitle=title,
        author=reader.actor.own().name,
        footer=title,
    )
    if len(bills) != 1:
        _overview(paper, bills, reader)
    if len(bills) > IN_FULL:
        paper.paragraph(_("The spreadsheet of the same month lists every line of these bills."))
        return paper.render()
    for bill in bills:
        _bill(paper, bill, reader)
    paper.paragraph(
        _(
            "Each line is the whole month's quantity at its price, rounded to the fen once. "
            "This statement is no invoice."
        ),
        quiet=True,
    )
    return paper.render()


def _overview(paper: pdf.Document, bills: Sequence[Bill], reader: Reader) -> None:
    paper.rows(
        [
            (_("For"), reader.actor.own().name),
            (_("Bills"), str(len(bills))),
            (_("Total"), money_text(sum(bill.total_fen for bill in bills))),
            (_("Paid by vouchers"), money_text(sum(bill.voucher_fen for bill in bills))),
            (_("Own funds"), money_text(sum(bill.own_fen for bill in bills))),
            (_("Outstanding"), money_text(sum(bill.receivable_fen for bill in bills))),
        ]
    )
    paper.table(
        [_("Bill"), _("Enterprise"), _("Provider"), _("Total"), _("Paid by vouchers")],
        [
            [
                bill.code,
                bill.enterprise.name,
                bill.provider.organization.name,
                money_text(bill.total_fen),
                money_text(bill.voucher_fen),
            ]
            for bill in bills
        ],
        widths=[2.2, 3, 3, 1.8, 1.8],
    )


def _bill(paper: pdf.Document, bill: Bill, reader: Reader) -> None:
    paper.heading(f"{_('Bill')} {bill.code}")
    facts = [
        (_("Month"), f"{bill.month:%Y-%m}"),
        (_("Enterprise"), f"{bill.enterprise.name} ({bill.enterprise.uscc})"),
        (_("Provider"), bill.provider.organization.name),
        (_("Offering"), bill.subscription.offering.name),
        (_("Subscription"), bill.subscription.code),
        (_("State"), str(bill.get_status_display())),
    ]
    if bill.confirmed_at:
        facts.append((_("Confirmed"), moment_text(bill.confirmed_at)))
    paper.rows(facts)
    paper.table(
        [_("What was used"), _("Quantity"), _("Price"), _("Amount")],
        [
            *(
                [entry.words, entry.quantity_text, entry.price, money_text(entry.amount_fen)]
                for entry in charges_of(bill)
            ),
            [_("Total"), "", "", money_text(bill.total_fen)],
        ],
        widths=[3.4, 1.9, 2.4, 1.5],
    )
    paper.table(
        [_("Who pays"), _("Voucher"), _("Amount")],
        [
            [entry.kind, entry.words or "—", money_text(entry.amount_fen)]
            for entry in payments_of(bill, reader)
        ],
        widths=[1.6, 5, 1.6],
    )
