"""Words for what pages of the audit show."""

from collections.abc import Iterable
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vouchers.audit.rules.results import Fault, Result, Row

_RESULTS: dict[Result, str | Promise] = {
    Result.PAID: gettext_lazy("Paid"),
    Result.RETURNED: gettext_lazy("Returned by the bank"),
}
_FAULTS: dict[Fault, str | Promise] = {
    Fault.POSITION: gettext_lazy("No payment of the settlement has this position. Leave positions as they are."),
    Fault.TWICE: gettext_lazy("The position stands in the file twice. Keep one row."),
    Fault.AMOUNT: gettext_lazy("The amount is not that of the payment. Use this settlement's file."),
    Fault.RESULT: gettext_lazy("Write paid or returned as the result."),
    Fault.REASON: gettext_lazy("Write the bank's reason for the return."),
    Fault.TEXT: gettext_lazy("Serial number (60) or reason (200 characters) is too long."),
    Fault.PAID_AFTER_RETURN: gettext_lazy(
        "This payment was returned before. The next settlement pays it again."
    ),
}  # fmt: skip


def results(rows: Iterable[Row]) -> list[dict[str, Any]]:
    """Rows of a bank's answer with what each one changes, in words."""
    return [
        {
            "number": row.number,
            "position": row.position or "",
            "result": _RESULTS[row.result] if row.result else "",
            "reason": row.reason,
            "is_bad": row.fault is not None,
            "words": _FAULTS[row.fault]
            if row.fault
            else _("Will be recorded")
            if row.is_new
            else _("Known already"),
        }
        for row in rows
    ]


DISCLOSED: dict[str, Promise] = {
    "paid_on": gettext_lazy("Day of payment in Beijing time, YYYY-MM-DD"),
    "scheme": gettext_lazy("Name of the scheme that paid"),
    "bureau": gettext_lazy("Bureau in charge of the scheme"),
    "payee": gettext_lazy(
        "Organization that was paid; signs ＊ stand for characters that would name a person"
    ),
    "amount_yuan": gettext_lazy("Amount in yuan, exact, with two decimals"),
}
"""Columns of the published payments and what each holds."""
