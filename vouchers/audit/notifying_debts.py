"""Whom the audit wing tells what about debts."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts import topics
from accounts.actions import notifications
from accounts.permissions import Permission
from accounts.topics import Topic
from vouchers.audit.models import Recovery, Repayment

DEBTORS = frozenset({Permission.CASE_ANSWER})

TOPICS = (
    Topic(
        "debt_due",
        _("A debt is to be paid back soon"),
        _("%(left_fen)s are to be paid back by %(day)s"),
        _("It is about case %(code)s. The payment slip with the account is on the page."),
        DEBTORS,
        must_mail=True,
    ),
    Topic(
        "debt_overdue",
        _("A debt is overdue"),
        _("%(left_fen)s were to be paid back by %(day)s"),
        _("It is about case %(code)s. Pay at once, with the payment slip on the page, or write to the bureau."),
        DEBTORS,
        must_mail=True,
    ),
    Topic(
        "debt_received",
        _("Money for a debt was received"),
        _("%(amount_fen)s received for case %(code)s"),
        _("Still to be paid back: %(left_fen)s."),
        DEBTORS,
    ),
    Topic(
        "debt_unpaid",
        _("A debtor did not pay in time"),
        _("%(enterprise)s owes %(left_fen)s since %(day)s"),
        _("It is about case %(code)s. Record what came in, or write to the debtor."),
        frozenset({Permission.FUNDS_RECORD}),
    ),
)  # fmt: skip


def register() -> None:
    """Called once when the app is ready."""
    topics.register(*TOPICS)


def received(*, repayment: Repayment, left_fen: int, at: datetime) -> None:
    """Tell the debtor that money came in."""
    recovery = repayment.recovery
    notifications.send(
        topic="debt_received",
        to=recovery.debtor,
        key=f"{recovery.case.code}/{repayment.reference}",
        data={
            "code": recovery.case.code, "amount_fen": repayment.amount_fen, "left_fen": left_fen,
        },
        url=reverse("vouchers:due_detail", args=[recovery.case.code]),
        at=at,
    )  # fmt: skip


def due(*, recovery: Recovery, left_fen: int, occasion: str, at: datetime) -> None:
    """Tell the debtor, and the bureau once it is late; each occasion once."""
    code = recovery.case.code
    data = {
        "code": code, "left_fen": left_fen, "day": str(recovery.due_on),
        "enterprise": recovery.debtor.name,
    }  # fmt: skip
    key = f"{code}/{occasion}"
    is_late = occasion != "soon"
    notifications.send(
        topic="debt_overdue" if is_late else "debt_due",
        to=recovery.debtor,
        key=key,
        data=data,
        url=reverse("vouchers:due_detail", args=[code]),
        at=at,
    )
    if is_late:
        notifications.send(
            topic="debt_unpaid",
            to=recovery.scheme.bureau,
            key=key,
            data=data,
            url=reverse("vouchers:debt_detail", args=[code]),
            at=at,
        )
