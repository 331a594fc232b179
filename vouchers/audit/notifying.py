"""Whom the audit wing tells what."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts import topics
from accounts.actions import notifications
from accounts.permissions import Permission
from accounts.topics import Topic
from vouchers.audit.models import Claim, Settlement

CLAIMANTS = frozenset({Permission.CLAIM_SUBMIT})

TOPICS = (
    Topic(
        "claim_returned",
        _("A claim was returned"),
        _("Claim %(code)s was returned"),
        _("The bureau found: %(finding)s Mend it and hand the claim in again."),
        CLAIMANTS,
        must_mail=True,
    ),
    Topic(
        "settlement_paid",
        _("A settlement was paid"),
        _("Settlement %(code)s was paid"),
        _("%(amount_fen)s for your claims of “%(scheme)s” is on its way to your bank account."),
        CLAIMANTS,
    ),
)


def register() -> None:
    """Called once when the app is ready."""
    topics.register(*TOPICS)


def claim_returned(*, claim: Claim, finding: str, at: datetime) -> None:
    """Tell the provider what to mend; a claim may be returned more than once."""
    notifications.send(
        topic="claim_returned",
        to=claim.provider.organization,
        key=f"{claim.code}/{at.isoformat()}",
        data={"code": claim.code, "finding": finding},
        url=reverse("vouchers:claim_detail", args=[claim.code]),
        at=at,
    )


def settlement_paid(*, settlement: Settlement, at: datetime) -> None:
    """Tell each payee of a settlement its own amount."""
    scheme = {"zh": settlement.scheme.name, "en": settlement.scheme.name_en}
    payments = settlement.payments.select_related("provider__organization").order_by("pk")
    for payment in payments:
        notifications.send(
            topic="settlement_paid",
            to=payment.provider.organization,
            key=settlement.code,
            data={
                "code": settlement.code, "scheme": scheme, "amount_fen": payment.amount_fen,
            },
            url=reverse("vouchers:settlement_detail", args=[settlement.code]),
            at=at,
        )  # fmt: skip
