"""Disputes over bills: opened by the enterprise, ended by it, by both sides, or by the bureau."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Sum
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.actions import trail
from accounts.models import Organization
from accounts.permissions import Permission
from common import states
from common.errors import DomainError, Forbidden
from common.money import yuan_text
from common.periods import local_day, start_of_day
from providers.models import Provider
from vouchers.audit import notifying
from vouchers.audit.actions import claims, prefilling, relations
from vouchers.audit.models import (
    Claim,
    ClaimLine,
    ClaimStatus,
    ClaimWithdrawal,
    Dispute,
    DisputeEntry,
    DisputeStatus,
    Recovery,
    Refund,
)
from vouchers.billing.actions import bills
from vouchers.billing.models import Bill, Charge, Payer
from vouchers.grants.models import Scheme
from vouchers.grants.rules.schemes import from_json

TRANSITIONS: states.Transitions = {
    DisputeStatus.OPEN: frozenset(
        {DisputeStatus.WITHDRAWN, DisputeStatus.AGREED, DisputeStatus.DECIDED}
    ),
}
DAYS = 10
"""For statements, where the scheme states no days for an answer."""


class BillSettled(states.WrongState):
    """A claimed line of the bill is in a settlement: what was signed is not taken apart."""

    code = "bill_settled"

    def __init__(self) -> None:
        super().__init__(
            _("This bill is being paid already. Write to the bureau that issued the voucher.")
        )


class PaidBack(states.WrongState):
    """The enterprise asked a part of this bill back: what it claimed from public money it does not dispute."""

    code = "bill_paid_back"

    def __init__(self) -> None:
        super().__init__(
            _("You have claimed a part of this bill back. Write to the bureau that pays it.")
        )


class PeriodLocked(states.WrongState):
    """The claim's period is locked: no line leaves it."""

    code = "period_locked"

    def __init__(self) -> None:
        super().__init__(
            _("The period is locked for payment. Write to the bureau that issued the voucher.")
        )


class TooEarly(states.WrongState):
    """The other side has not answered, and its time is not over."""

    code = "too_early"


class AmountRefused(DomainError):
    """The total is not between nothing and the bill's own; `errors` names the field."""

    code = "amount_refused"


class OfferChanged(states.WrongState):
    """The offer is not the one that was shown."""

    code = "offer_changed"


@transaction.atomic
def open_dispute(*, by: Actor, bill: Bill, reason: str, at: datetime) -> Dispute:
    """Dispute a bill that is closed, or that silence confirmed; its claimed lines leave their claims at once.

    The rest of the claims goes on. The same dispute again changes nothing. Locks the provider, as pre-filling does,
    then the claims in primary-key order, as settlements do, then the bill: of a settlement and a dispute at the same
    moment one comes first. Raises BillSettled, PaidBack, PeriodLocked, bills.ReasonMissing, WrongState.
    """
    by.require(Permission.BILL_CONFIRM)
    Provider.objects.select_for_update(no_key=True).get(pk=bill.provider_id)
    held = _lock_claims(bill)
    disputed = bills.dispute(by=by, bill=bill, reason=reason, at=at)
    known = Dispute.objects.filter(bill=disputed).with_names().first()
    if known is not None:
        return known
    _require_unlocked(held)
    if Refund.objects.filter(bill=bill).exclude(claim__status=ClaimStatus.DRAFT).exists():
        raise PaidBack
    if any(claim.settlement_id for claim in held) or Recovery.objects.filter(bill=bill).exists():
        raise BillSettled
    if not disputed.total_fen:
        raise states.WrongState(_("This bill costs nothing. There is nothing to dispute."))
    bureau, days = _decider(disputed)
    made = Dispute.objects.create(
        bill=disputed,
        bureau=bureau,
        reason=disputed.dispute_reason,
        until=local_day(at) + timedelta(days=days),
        before_fen=disputed.total_fen,
        opened_at=at,
        opened_by=by.user,
    )
    _withdraw_lines(made, held, at)
    data = {"dispute": made.code, "claims": [claim.code for claim in held]}
    trail.record(by=by, at=at, verb="dispute_opened", subject=made, data=data)
    notifying.dispute_news(dispute=made, topic="dispute_opened", by=by.own(), key="open", at=at)
    return made


@transaction.atomic
def withdraw(*, by: Actor, dispute: Dispute, at: datetime) -> Dispute:
    """The enterprise takes its dispute back: the bill stands as it was. Locks dispute, bill, payers.

    Raises Forbidden and WrongState.
    """
    by.require(Permission.BILL_CONFIRM)
    locked = lock(dispute)
    _require_side(by, locked.bill.enterprise)
    return _end(by, locked, DisputeStatus.WITHDRAWN, locked.before_fen, "", at)


@transaction.atomic
def accept(*, by: Actor, dispute: Dispute, offered_fen: int, at: datetime) -> Dispute:
    """The enterprise accepts the provider's latest offer, which must be the one it was shown (fen).

    Locks dispute, bill, payers. Raises OfferChanged, Forbidden, WrongState.
    """
    by.require(Permission.BILL_CONFIRM)
    locked = lock(dispute)
    _require_side(by, locked.bill.enterprise)
    states.require(locked, to=DisputeStatus.AGREED, transitions=TRANSITIONS)
    latest = offer_of(locked)
    if latest is None or latest.offered_fen != offered_fen:
        raise OfferChanged(_("The offer is not the one you were shown. Reload the page."))
    return _end(by, locked, DisputeStatus.AGREED, offered_fen, latest.text[:2000], at)


@transaction.atomic
def decide(*, by: Actor, dispute: Dispute, total_fen: int, answer: str, at: datetime) -> Dispute:
    """The bureau says at which total the bill stands, with its reasons (fen, at most the present total).

    Only after the provider answered or the days are over, and by nobody near to a party. Locks dispute, bill, payers.
    Raises AmountRefused, claims.FindingMissing, TooEarly, relations.Related, Forbidden, WrongState.
    """
    by.require(Permission.CLAIM_AUDIT)
    locked = lock(dispute)
    if locked.bureau_id != by.own().pk:
        raise Forbidden(_("This dispute is decided by another bureau."))
    states.require(locked, to=DisputeStatus.DECIDED, transitions=TRANSITIONS)
    sides = {locked.bill.enterprise_id, locked.bill.provider.organization_id}
    relations.require_unrelated(
        user=by.user, organization_ids=sides, people=[locked.opened_by],
        since=start_of_day(locked.bill.month),
    )  # fmt: skip
    if not may_decide(locked, at=at):
        raise TooEarly(
            _("The provider may still answer. Decide when it has, or when its days are over.")
        )
    reasons = answer.strip()
    if not 0 < len(reasons) <= bills.MAX_REASON:
        words = _("Give your reasons; both sides read them.")
        raise claims.FindingMissing(words, errors={"answer": words})
    require_within(locked, total_fen, "total")
    return _end(by, locked, DisputeStatus.DECIDED, total_fen, reasons, at)


def lock(dispute: Dispute) -> Dispute:
    """The dispute with its bill and parties, locked."""
    rows = Dispute.objects.with_names().select_for_update(of=("self",))
    return rows.get(pk=dispute.pk)


def offer_of(dispute: Dispute) -> DisputeEntry | None:
    """The provider's latest offer."""
    return dispute.entries.filter(offered_fen__isnull=False).order_by("-number").first()


def is_time_over(dispute: Dispute, *, at: datetime) -> bool:
    """Tell whether the last day for statements has passed."""
    return dispute.until < local_day(at)


def may_decide(dispute: Dispute, *, at: datetime) -> bool:
    """Tell whether the provider answered or its days are over."""
    answered = dispute.entries.filter(party=dispute.bill.provider.organization_id)
    return is_time_over(dispute, at=at) or answered.exists()


def require_within(dispute: Dispute, total_fen: int, field: str) -> None:
    """Raise AmountRefused unless the total lies between nothing and the bill's."""
    if not 0 <= total_fen <= dispute.before_fen:
        words = _("Enter a total between 0 and what the bill says now.")
        raise AmountRefused(words, errors={field: words})


def _require_side(by: Actor, organization: Organization) -> None:
    if by.own().pk != organization.pk:
        raise Forbidden(_("Only the enterprise that opened the dispute may do this."))


def _require_unlocked(held: list[Claim]) -> None:
    """Raise PeriodLocked when a claim of the bill stands in a locked period; the triggers say it once more."""
    months = prefilling.locked_months({claim.scheme_id for claim in held})
    if any(claim.month in months[claim.scheme_id] for claim in held):
        raise PeriodLocked


def _lock_claims(bill: Bill) -> list[Claim]:
    rows = Claim.objects.filter(lines__bill=bill).values("pk")
    return list(Claim.objects.filter(pk__in=rows).select_for_update().order_by("pk"))


def _decider(bill: Bill) -> tuple[Organization | None, int]:
    """Who decides, and the days for statements: of the scheme whose vouchers paid most of the bill."""
    paid = Charge.objects.standing().filter(bill=bill, payer=Payer.VOUCHER)
    sums = paid.values("voucher__scheme").annotate(fen=Sum("amount_fen"))
    most = sums.order_by("-fen", "voucher__scheme").first()
    if most is None:
        return None, DAYS
    scheme = Scheme.objects.select_related("bureau").get(pk=most["voucher__scheme"])
    stated = from_json(scheme.rules).answer_days
    return scheme.bureau, stated.value if stated else DAYS


def _withdraw_lines(dispute: Dispute, held: list[Claim], at: datetime) -> None:
    """Take the bill's lines off their claims; a claim of which nothing is left is over."""
    lines = list(
        ClaimLine.objects.filter(bill=dispute.bill, withdrawal__isnull=True).order_by("pk")
    )
    ClaimWithdrawal.objects.bulk_create(
        ClaimWithdrawal(line=line, dispute=dispute, withdrawn_at=at) for line in lines
    )
    for claim in held:
        off_fen = sum(line.amount_fen for line in lines if line.claim_id == claim.pk)
        if off_fen == claim.amount_fen:
            states.move(claim, to=ClaimStatus.EMPTIED, transitions=claims.TRANSITIONS, amount_fen=0)
        elif off_fen:
            Claim.objects.filter(pk=claim.pk).update(amount_fen=F("amount_fen") - off_fen)


def _end(
    by: Actor, locked: Dispute, to: DisputeStatus, total_fen: int, answer: str, at: datetime
) -> Dispute:
    """Book the outcome and confirm the bill; payments that a claim had are all made anew."""
    anew = locked.withdrawals.exists()
    states.move(
        locked, to=to, transitions=TRANSITIONS, outcome_fen=total_fen, answer=answer,
        closed_at=at, closed_by=by.user,
    )  # fmt: skip
    bills.end_dispute(by=by, bill=locked.bill, total_fen=total_fen, anew=anew, at=at)
    data = {"outcome": to.value, "total": yuan_text(total_fen)}
    trail.record(by=by, at=at, verb="dispute_ended", subject=locked, data=data)
    notifying.dispute_news(dispute=locked, topic="dispute_ended", by=by.own(), key="end", at=at)
    return locked
