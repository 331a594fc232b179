"""The slip by which a debt is paid back."""

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from common import display, pdf
from vouchers.audit.actions.debts import Debt
from vouchers.audit.models import CollectionAccount


def slip(debt: Debt, account: CollectionAccount | None) -> bytes:
    """Payee, account, amount, purpose and last day; without an account it says whom to ask."""
    recovery = debt.recovery
    bureau, code = recovery.scheme.bureau, recovery.case.code
    paper = pdf.Document(
        _("Payment slip"),
        language=get_language() or "zh-hans",
        subtitle=code,
        author=bureau.name,
        footer=code,
    )
    paper.paragraph(
        _("Please pay the following back. You may pay in parts; each one names the purpose below.")
    )
    payee = (
        [
            (_("Account holder"), account.holder),
            (_("Bank and branch"), account.bank_name),
            (_("Account number"), account.account_number),
        ]
        if account
        else [(_("Account"), _("Ask the bureau; it has stated none here yet."))]
    )
    paper.rows(
        [
            (_("Payer"), recovery.debtor.name),
            *payee,
            (_("Amount"), display.money_text(debt.left_fen)),
            (_("Purpose"), _("Recovered public money, case %(code)s") % {"code": code}),
            (_("To be paid by"), str(recovery.due_on)),
            (_("Scheme"), recovery.scheme.title),
            (_("Bureau"), bureau.name),
        ]
    )
    return paper.render()
