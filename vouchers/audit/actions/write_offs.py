"""Writing off: one officer proposes to give up a debt, another human decides, the ledger keeps it apart."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.actions import trail
from accounts.permissions import Permission
from common import states
from common.errors import Conflict, Forbidden
from common.money import yuan_text
from common.periods import local_day
from vouchers.audit.actions import debts, relations
from vouchers.audit.models import Recovery, WriteOff, WriteOffStatus
from vouchers.grants.actions import recusals
from vouchers.ledger.actions import accounts, transfers
from vouchers.ledger.kinds import AccountKind

Status = WriteOffStatus
TRANSITIONS: states.Transitions = {
    Status.PROPOSED: frozenset({Status.APPROVED, Status.DECLINED}),
}


class WriteOffOpen(Conflict):
    """Another proposal for this debt waits for its decision."""

    code = "write_off_open"


@transaction.atomic
def propose(
    *, by: Actor, recovery: Recovery, amount_fen: int, reason: str, at: datetime
) -> WriteOff:
    """Propose to give up a debt or a part of it; nothing moves yet. Locks the recovery.

    The same proposal again answers the first one. Raises WriteOffOpen, debts.MoreThanLeft, debts.DebtInvalid,
    relations.Related, Forbidden.
    """
    by.require(Permission.FUNDS_RECORD)
    _require_person(by)
    locked = debts.lock(by=by, recovery=recovery)
    said = debts.words(reason)
    if isinstance(amount_fen, bool) or amount_fen <= 0:
        text = _("Enter an amount in yuan above zero.")
        raise debts.DebtInvalid(text, errors={"amount": text})
    waiting = locked.write_offs.filter(status=Status.PROPOSED).first()
    if waiting is not None:
        if (waiting.proposed_by_id, waiting.amount_fen, waiting.reason) == (
            by.user.pk, amount_fen, said,
        ):  # fmt: skip
            return waiting
        raise WriteOffOpen(_("A proposal to write this debt off waits for a second person."))
    debts.require_left(locked, amount_fen, local_day(at))
    _require_unrelated(by, locked)
    made = WriteOff.objects.create(
        recovery=locked, amount_fen=amount_fen, reason=said, proposed_at=at, proposed_by=by.user
    )
    data = {"amount": yuan_text(amount_fen), "reason": said, "proposal": made.code}
    trail.record(by=by, at=at, verb="write_off_proposed", subject=locked.case, data=data)
    return made


@transaction.atomic
def approve(*, by: Actor, write_off: WriteOff, at: datetime) -> WriteOff:
    """Carry a proposal out: written off → receivable on the ledger. By another human, never with a key.

    A second click of the same person answers what was done. Locks the recovery, then the proposal. Raises
    recusals.SameOfficer, relations.Related, debts.MoreThanLeft, states.WrongState, Forbidden.
    """
    by.require(Permission.SETTLEMENT_SIGN)
    _require_person(by)
    locked = _lock(by, write_off)
    if locked.status == Status.APPROVED and locked.decided_by_id == by.user.pk:
        return locked
    states.require(locked, to=Status.APPROVED, transitions=TRANSITIONS)
    recusals.require_second(person=by.user, proposer=locked.proposed_by)
    _require_unrelated(by, locked.recovery)
    debts.require_left(locked.recovery, locked.amount_fen, local_day(at))
    case = locked.recovery.case
    entry = transfers.Entry(
        id=transfers.derive_id("write off", locked.code),
        debit=accounts.get_or_open(
            kind=AccountKind.WRITTEN_OFF, key=locked.recovery.scheme.code
        ).pk,
        credit=debts.receivable(locked.recovery),
        amount_fen=locked.amount_fen,
        reason="write_off",
        reference=case.code,
    )
    transfers.post(entries=[entry], at=at)
    states.move(
        locked, to=Status.APPROVED, transitions=TRANSITIONS, decided_at=at, decided_by=by.user,
        transfer_id=entry.id,
    )  # fmt: skip
    data = {"amount": yuan_text(locked.amount_fen), "proposal": locked.code}
    trail.record(by=by, at=at, verb="written_off", subject=case, data=data)
    return locked


@transaction.atomic
def decline(*, by: Actor, write_off: WriteOff, at: datetime) -> WriteOff:
    """Turn a proposal down, or take the own one back; the debt stays. Locks the recovery, then the proposal."""
    by.require(Permission.SETTLEMENT_SIGN)
    locked = _lock(by, write_off)
    if locked.status == Status.DECLINED and locked.decided_by_id == by.user.pk:
        return locked
    states.move(
        locked, to=Status.DECLINED, transitions=TRANSITIONS, decided_at=at, decided_by=by.user
    )
    data = {"proposal": locked.code}
    trail.record(by=by, at=at, verb="write_off_declined", subject=locked.recovery.case, data=data)
    return locked


def _lock(by: Actor, write_off: WriteOff) -> WriteOff:
    """The debt first, as everywhere, then the proposal."""
    recovery = debts.lock(by=by, recovery=write_off.recovery)
    rows = WriteOff.objects.select_for_update(of=("self",)).select_related("proposed_by")
    locked = rows.get(pk=write_off.pk)
    locked.recovery = recovery
    return locked


def _require_person(by: Actor) -> None:
    if by.key is not None:
        raise Forbidden(_("Debts are written off by people, not with an API key. Sign in."))


def _require_unrelated(by: Actor, recovery: Recovery) -> None:
    relations.require_unrelated(
        user=by.user,
        organization_ids={recovery.debtor_id, recovery.provider.organization_id},
        people=[],
        since=recovery.recovered_at,
    )
