"""Whom billing tells what: words of the alerts."""

from django.utils.translation import gettext_lazy as _

from accounts import topics
from accounts.permissions import Permission
from accounts.topics import Topic

HOLDERS = frozenset({Permission.WALLET_VIEW})
ANSWERERS = frozenset({Permission.BILL_CONFIRM})

TOPICS = (
    Topic(
        "funds_low",
        _("Own funds run low"),
        _("Own funds run low: %(left_fen)s left"),
        _(
            "At the current rate they last for about %(hours)s hours. "
            "When they are used up, subscriptions stand still until a payment is recorded."
        ),
        HOLDERS,
    ),
    Topic(
        "voucher_low",
        _("A voucher runs low"),
        _("Voucher %(code)s runs low: %(left_fen)s left"),
        _(
            "At the current rate it lasts for about %(hours)s hours. "
            "When it is used up, other vouchers or your own funds pay."
        ),
        HOLDERS,
    ),
    Topic(
        "budget_used",
        _("A part of the monthly budget is used"),
        _("%(threshold)s%% of the budget for %(month)s is reached"),
        _(
            "%(spent_fen)s of %(budget_fen)s is used, counting what vouchers do not pay. "
            "A budget only reminds you; it stops nothing."
        ),
        HOLDERS,
    ),
    Topic(
        "answer_due",
        _("Silence will confirm bills"),
        _("%(count)s bills are confirmed after %(day)s unless you answer"),
        _(
            "Confirm or dispute them by the end of that day. "
            "After it your silence counts as a confirmation, and the provider claims what the vouchers paid."
        ),
        ANSWERERS,
        must_mail=True,
    ),
)


def register() -> None:
    """Called once when the app is ready."""
    topics.register(*TOPICS)
