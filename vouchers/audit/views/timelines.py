"""Who did what when, as a timeline with what comes next."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Event
from common.components import Moment, Text
from vouchers.audit.models import Claim, ClaimStatus, Settlement, SettlementStatus

CLAIM_VERBS: dict[str, Text] = {
    "prefill": gettext_lazy("Pre-filled from confirmed bills"),
    "submit": gettext_lazy("Submitted with its invoice"),
    "confirm": gettext_lazy("Confirmed by the provider"),
    "refuse": gettext_lazy("Sent back by the provider"),
    "pass": gettext_lazy("Audit passed"),
    "return": gettext_lazy("Returned for correction"),
    "settle": gettext_lazy("Taken into a settlement"),
    "pay": gettext_lazy("Paid"),
    "payment_returned": gettext_lazy("Returned by the bank"),
}
SETTLEMENT_VERBS: dict[str, Text] = {
    "create": gettext_lazy("Batch created"),
    "sign": gettext_lazy("Signed"),
    "payment_paid": gettext_lazy("Payment carried out"),
    "payment_returned": gettext_lazy("Payment returned by the bank"),
    "pay": gettext_lazy("All payments answered"),
}
_CLAIM_AHEAD: dict[str, list[Text]] = {
    ClaimStatus.DRAFT: [gettext_lazy("Add the invoice and submit"), gettext_lazy("Audit")],
    ClaimStatus.CONFIRMING: [gettext_lazy("Confirmation by the provider"), gettext_lazy("Audit")],
    ClaimStatus.RETURNED: [gettext_lazy("Correct and submit again"), gettext_lazy("Audit")],
    ClaimStatus.SUBMITTED: [gettext_lazy("Audit"), gettext_lazy("Taking into a settlement")],
    ClaimStatus.PASSED: [gettext_lazy("Taking into a settlement"), gettext_lazy("Payment")],
    ClaimStatus.SETTLING: [gettext_lazy("Two signatures and payment")],
}
_SETTLEMENT_AHEAD: dict[str, list[Text]] = {
    SettlementStatus.DRAFT: [
        gettext_lazy("First signature"),
        gettext_lazy("Second signature"),
        gettext_lazy("Payment"),
    ],
    SettlementStatus.SIGNED_ONCE: [gettext_lazy("Second signature"), gettext_lazy("Payment")],
    SettlementStatus.SIGNED: [gettext_lazy("Payment")],
}


def of_claim(claim: Claim, events: Sequence[Event]) -> list[Moment]:
    """The claim's steps so far and those ahead."""
    return [_done(event, CLAIM_VERBS) for event in events] + _ahead(
        _CLAIM_AHEAD.get(claim.status, [])
    )


def of_settlement(settlement: Settlement, events: Sequence[Event]) -> list[Moment]:
    """The batch's steps so far and those ahead."""
    return [_done(event, SETTLEMENT_VERBS) for event in events] + _ahead(
        _SETTLEMENT_AHEAD.get(settlement.status, [])
    )


def _done(event: Event, verbs: dict[str, Text]) -> Moment:
    person = event.by or (event.by_key.created_by if event.by_key else None)
    names = [str(name) for name in (event.organization, person) if name]
    return Moment(
        what=verbs.get(event.verb, event.verb),
        state="stopped" if event.verb == "return" else "done",
        at=event.at,
        who=" · ".join(names),
        note=_note(event),
    )


def _note(event: Event) -> str:
    if event.data.get("finding"):
        return str(event.data["finding"])
    if event.verb.startswith("payment_") and "amount" in event.data:
        parts = [event.data.get(name, "") for name in ("provider", "amount", "serial", "reason")]
        return " · ".join(str(part) for part in parts if part)
    if event.verb == "settle":
        return str(event.data.get("settlement", ""))
    if event.verb == "sign":
        return _("Signature %(position)s over %(hash)s…") % {
            "position": event.data.get("position", ""),
            "hash": str(event.data.get("content_sha256", ""))[:16],
        }
    return ""


def _ahead(steps: Sequence[Text]) -> list[Moment]:
    return [
        Moment(step, "now" if position == 0 else "later") for position, step in enumerate(steps)
    ]
