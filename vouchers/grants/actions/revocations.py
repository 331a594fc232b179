"""Revocations: one officer proposes, another one decides; what is left returns to the budget."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import Actor
from accounts.actions import trail
from accounts.permissions import Permission
from common import states
from common.codes import new_code
from common.errors import Conflict, Forbidden
from vouchers.grants.actions import recusals, wallets
from vouchers.grants.models import Revocation, RevocationStatus, Voucher

Status = RevocationStatus
TRANSITIONS: states.Transitions = {
    Status.PROPOSED: frozenset({Status.APPROVED, Status.DECLINED}),
}


class RevocationOpen(Conflict):
    """Another proposal for this voucher waits for its decision."""

    code = "revocation_open"


@transaction.atomic
def propose(*, by: Actor, voucher: Voucher, reason: str, at: datetime) -> Revocation:
    """Propose to revoke a voucher; nothing moves yet. Locks the voucher.

    The same proposal again (a double click) answers the first one. Raises RevocationOpen,
    wallets.WordsMissing, states.WrongState, Forbidden.
    """
    by.require(Permission.VOUCHER_ISSUE)
    locked = wallets.lock(by=by, voucher=voucher)
    said = wallets.require_reason(reason)
    waiting = Revocation.objects.filter(voucher=locked, status=Status.PROPOSED).first()
    if waiting is not None:
        if (waiting.proposed_by_id, waiting.reason) == (by.user.pk, said):
            return waiting
        raise RevocationOpen(_("A proposal to revoke this voucher waits for a second person."))
    if locked.status not in wallets.TRANSITIONS:
        raise states.WrongState(_("This voucher has ended. Only a running one can be revoked."))
    recusals.require_stranger(person=by.user, enterprise_ids=[locked.enterprise_id])
    made = Revocation.objects.create(
        code=new_code("RV"), voucher=locked, reason=said, proposed_at=at, proposed_by=by.user
    )
    data = {"revocation": made.code, "reason": said}
    trail.record(by=by, at=at, verb="revocation_proposed", subject=locked, data=data)
    return made


@transaction.atomic
def approve(*, by: Actor, revocation: Revocation, at: datetime) -> Revocation:
    """Carry a proposal out: the voucher ends, its rest returns to the budget through the ledger.

    Locks the voucher, then its account. A second click of the same person answers what was done. Raises
    recusals.SameOfficer, recusals.ApprovalByApplicant, states.WrongState, Forbidden.
    """
    by.require(Permission.DECISION_COUNTERSIGN)
    locked = _lock(by, revocation)
    if locked.status == Status.APPROVED and locked.decided_by_id == by.user.pk:
        return locked
    states.require(locked, to=Status.APPROVED, transitions=TRANSITIONS)
    recusals.require_second(person=by.user, proposer=locked.proposed_by)
    recusals.require_stranger(person=by.user, enterprise_ids=[locked.voucher.enterprise_id])
    states.move(
        locked, to=Status.APPROVED, transitions=TRANSITIONS, decided_at=at, decided_by=by.user
    )
    wallets.revoke(by=by, voucher=locked.voucher, reason=locked.reason, at=at)
    return locked


@transaction.atomic
def decline(*, by: Actor, revocation: Revocation, note: str, at: datetime) -> Revocation:
    """Turn a proposal down, or take the own one back; the voucher goes on. Raises wallets.WordsMissing."""
    by.require(Permission.DECISION_COUNTERSIGN)
    locked = _lock(by, revocation)
    if locked.status == Status.DECLINED and locked.decided_by_id == by.user.pk:
        return locked
    said = wallets.require_reason(note, field="note")
    states.move(
        locked, to=Status.DECLINED, transitions=TRANSITIONS, decided_at=at, decided_by=by.user,
        note=said,
    )  # fmt: skip
    data = {"revocation": locked.code, "reason": said}
    trail.record(by=by, at=at, verb="revocation_declined", subject=locked.voucher, data=data)
    return locked


def _lock(by: Actor, revocation: Revocation) -> Revocation:
    """The voucher first, as everywhere, then the proposal."""
    voucher = Voucher.objects.select_for_update(of=("self",), no_key=True).get(
        pk=revocation.voucher_id
    )
    locked = (
        Revocation.objects.select_for_update(of=("self",))
        .select_related("voucher__scheme", "proposed_by")
        .get(pk=revocation.pk, voucher=voucher)
    )
    if locked.voucher.scheme.bureau_id != by.own().pk:
        raise Forbidden(_("This voucher belongs to another bureau."))
    return locked
