"""Whom the audit wing tells what."""

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts import topics
from accounts.actions import notifications
from accounts.models import Organization
from accounts.permissions import Permission
from accounts.topics import Topic
from vouchers.audit.models import Case, CaseEntry, Claim, ClaimStatus, Dispute, Payment, Settlement

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
        "refund_asked",
        _("An enterprise asks you to confirm its claim"),
        _("%(enterprise)s asks you to confirm claim %(code)s"),
        _(
            "It claims %(amount_fen)s back of bills that it paid to you. Confirm that you delivered and were paid,"
            " or send the claim back with a reason."
        ),
        CLAIMANTS,
        must_mail=True,
    ),
    Topic(
        "refund_confirmed",
        _("A provider confirmed your claim"),
        _("%(provider)s confirmed claim %(code)s"),
        _("%(amount_fen)s are owed to you now. The bureau audits the claim next."),
        CLAIMANTS,
    ),
    Topic(
        "refund_refused",
        _("A provider sent your claim back"),
        _("%(provider)s sent claim %(code)s back"),
        _("The provider says: %(finding)s Pre-fill the month again, then send the claim anew."),
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
    Topic(
        "payment_returned",
        _("A payment was returned by the bank"),
        _("The payment of settlement %(code)s was returned"),
        _(
            "%(amount_fen)s could not be paid: %(reason)s. Check your bank account; the next"
            " settlement pays it again."
        ),
        CLAIMANTS,
        must_mail=True,
    ),
    Topic(
        "dispute_opened",
        _("A bill is disputed"),
        _("Bill %(bill)s is disputed"),
        _(
            "%(enterprise)s disputes it: %(reason)s Its lines are taken off the claims. Answer by %(until)s"
            " on the page of dispute %(code)s."
        ),
        frozenset({Permission.CASE_ANSWER, Permission.CLAIM_AUDIT}),
        must_mail=True,
    ),
    Topic(
        "dispute_entry",
        _("Something new in a dispute"),
        _("Something new in dispute %(code)s"),
        _("Read on its page what was said or handed in about bill %(bill)s."),
        frozenset({Permission.CASE_ANSWER, Permission.CLAIM_AUDIT}),
    ),
    Topic(
        "dispute_ended",
        _("A dispute has ended"),
        _("Dispute %(code)s has ended"),
        _("Bill %(bill)s stands at %(outcome_fen)s. The reasons are on the page of the dispute."),
        frozenset({Permission.CASE_ANSWER, Permission.CLAIM_AUDIT}),
        must_mail=True,
    ),
    Topic(
        "case_letter",
        _("A letter in a case"),
        _("The bureau wrote to you in case %(code)s"),
        _("Read the letter on the page of the case. You can answer and add evidence there."),
        frozenset({Permission.CASE_ANSWER}),
        must_mail=True,
    ),
    Topic(
        "case_answered",
        _("An answer in a case"),
        _("%(enterprise)s answered in case %(code)s"),
        _("Read the answer on the page of the case."),
        frozenset({Permission.CLAIM_AUDIT}),
    ),
)


def register() -> None:
    """Called once when the app is ready."""
    topics.register(*TOPICS)


def claim_returned(*, claim: Claim, finding: str, at: datetime) -> None:
    """Tell the provider what to mend; a claim may be returned more than once."""
    notifications.send(
        topic="claim_returned",
        to=claim.payee,
        key=f"{claim.code}/{at.isoformat()}",
        data={"code": claim.code, "finding": finding},
        url=reverse("vouchers:claim_detail", args=[claim.code]),
        at=at,
    )


def claim_sent(*, claim: Claim, at: datetime) -> None:
    """Tell the provider when an enterprise's claim waits for its word."""
    if claim.status == ClaimStatus.CONFIRMING:
        _refund(claim, "refund_asked", claim.provider.organization, at)


def refund_answered(*, claim: Claim, finding: str = "", at: datetime) -> None:
    """Tell the enterprise what its provider said: confirmed, or sent back with a finding."""
    if claim.enterprise is not None:
        topic = "refund_refused" if finding else "refund_confirmed"
        _refund(claim, topic, claim.enterprise, at, finding=finding)


def _refund(claim: Claim, topic: str, to: Organization, at: datetime, *, finding: str = "") -> None:
    """A claim may be sent and answered more than once: the moment tells the times apart."""
    notifications.send(
        topic=topic,
        to=to,
        key=f"{claim.code}/{at.isoformat()}",
        data={
            "code": claim.code,
            "enterprise": claim.payee.name,
            "provider": claim.provider.organization.name,
            "amount_fen": claim.amount_fen,
            "finding": finding,
        },
        url=reverse("vouchers:claim_detail", args=[claim.code]),
        at=at,
    )


def payments_told(
    *, settlement: Settlement, paid: Sequence[Payment], returned: Sequence[Payment], at: datetime
) -> None:
    """Tell each payee of its own amount: on its way, or returned by the bank with the reason."""
    scheme = {"zh": settlement.scheme.name, "en": settlement.scheme.name_en}
    for topic, payments in (("settlement_paid", paid), ("payment_returned", returned)):
        for payment in payments:
            notifications.send(
                topic=topic,
                to=payment.payee,
                key=f"{settlement.code}/{payment.pk}",
                data={
                    "code": settlement.code,
                    "scheme": scheme,
                    "amount_fen": payment.amount_fen,
                    "reason": payment.return_reason,
                },
                url=reverse("vouchers:settlement_detail", args=[settlement.code]),
                at=at,
            )


def dispute_news(*, dispute: Dispute, topic: str, by: Organization, key: str, at: datetime) -> None:
    """Tell everybody in a dispute but the one who caused the news."""
    bill = dispute.bill
    news = [
        notifications.News(
            topic=topic,
            to=party,
            key=f"{dispute.code}/{key}/{party.pk}",
            data={
                "code": dispute.code,
                "bill": bill.code,
                "enterprise": bill.enterprise.name,
                "reason": dispute.reason,
                "until": dispute.until.isoformat(),
                "outcome_fen": dispute.outcome_fen or 0,
            },
            url=reverse("vouchers:dispute_detail", args=[dispute.code]),
        )
        for party in (bill.enterprise, bill.provider.organization, dispute.bureau)
        if party is not None and party.pk != by.pk
    ]
    notifications.send_each(news=news, at=at)


def case_letter(*, case: Case, entry: CaseEntry, at: datetime) -> None:
    """Tell a party that the bureau wrote to it; what the letter says stands on its page alone."""
    if entry.party is not None:
        notifications.send(
            topic="case_letter",
            to=entry.party,
            key=f"{case.code}/{entry.number}",
            data={"code": case.code},
            url=reverse("vouchers:inquiry_detail", args=[case.code]),
            at=at,
        )


def case_answered(*, case: Case, party: Organization, number: int, at: datetime) -> None:
    """Tell the auditors of the bureau that a party answered."""
    notifications.send(
        topic="case_answered",
        to=case.bureau,
        key=f"{case.code}/{number}",
        data={"code": case.code, "enterprise": party.name},
        url=reverse("vouchers:case_detail", args=[case.code]),
        at=at,
    )
