"""Bulk work: preview, confirm, a second person above the limit; carried out one application at a time."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.access import Actor
from accounts.actions import trail
from accounts.permissions import Permission
from common import states
from common.codes import new_code
from common.errors import Conflict, DomainError, Forbidden
from vouchers.grants.actions import bulk_runs, bulk_steps, desk, recusals
from vouchers.grants.models import (
    Application,
    BulkItem,
    BulkItemStatus,
    BulkRun,
    BulkStatus,
    BulkVerb,
    DeskRules,
)
from vouchers.grants.rules import refusals

MOST_APPLICATIONS = 200
"""At once: the preview tries every single step."""


class BulkInvalid(DomainError):
    """Nothing or too much was chosen, or a refusal without its reason."""

    code = "bulk_invalid"


class NothingToDo(Conflict):
    """The step is possible for none of the chosen applications."""

    code = "bulk_nothing_to_do"


@dataclass(frozen=True, slots=True)
class Line:
    """What would happen to one application: the amount in fen, or the refusal in words with its code."""

    application: Application
    stage: str
    amount_fen: int
    code: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """What a run would do. `limits` are the bureau's."""

    lines: list[Line]
    limits: DeskRules

    @property
    def possible(self) -> list[Line]:
        """Those for which the step is possible."""
        return [line for line in self.lines if not line.code]

    @property
    def impossible(self) -> list[Line]:
        """Those for which it is not."""
        return [line for line in self.lines if line.code]

    @property
    def total_fen(self) -> int:
        """The sum over the possible ones."""
        return sum(line.amount_fen for line in self.possible)

    @property
    def needs_second(self) -> bool:
        """Whether a second person must approve the run."""
        return (
            len(self.possible) > self.limits.bulk_limit_count
            or self.total_fen > self.limits.bulk_limit_fen
        )


def preview(
    *,
    by: Actor,
    verb: BulkVerb,
    applications: Sequence[Application],
    reason: str = "",
    at: datetime,
) -> Preview:
    """Try the step for all, one after another, and roll everything back: exactly what a run would meet.

    So the preview knows that a budget ends within the run. Raises BulkInvalid, Forbidden.
    """
    by.require(bulk_steps.PERMISSIONS[verb])
    _require_fitting(verb, applications, reason)
    ordered = sorted(applications, key=lambda each: each.pk)
    limits = desk.rules_of(bureau=by.own())
    with transaction.atomic():
        lines = [_tried(by, verb, each, reason, at) for each in ordered]
        transaction.set_rollback(True)
    return Preview(lines, limits)


@transaction.atomic
def start(
    *, by: Actor, verb: BulkVerb, applications: Sequence[Application], token: uuid.UUID,
    reason: str = "", remark: str = "", at: datetime,
) -> BulkRun:  # fmt: skip
    """Confirm: write the run down; it begins at once, or waits for a second person above the limits.

    `token` belongs to the preview: a double click answers the one run. Raises BulkInvalid, NothingToDo,
    Forbidden.
    """
    existing = BulkRun.objects.visible_to(by).filter(token=token, proposed_by=by.user).first()
    if existing is not None:
        return existing
    found = preview(by=by, verb=verb, applications=applications, reason=reason, at=at)
    if not found.possible:
        raise NothingToDo(_("This step is possible for none of them. See the reasons below."))
    try:
        with transaction.atomic():
            run = _write(by, verb, found, token, reason, remark, at)
    except IntegrityError:
        return BulkRun.objects.visible_to(by).get(token=token)
    data = {"verb": verb, "count": run.item_count, "total_fen": run.total_fen}
    trail.record(by=by, at=at, verb="bulk_proposed", subject=run, data=data)
    if not run.needs_second:
        bulk_runs.begin(run=run, at=at)
    return run


@transaction.atomic
def approve(*, by: Actor, run: BulkRun, at: datetime) -> BulkRun:
    """The second signature: the run begins. Locks the run. A second click answers the running one.

    Raises recusals.SameOfficer, recusals.ApprovalByApplicant, states.WrongState, Forbidden.
    """
    by.require(Permission.DECISION_COUNTERSIGN)
    locked = _lock(by, run)
    if locked.decided_by_id == by.user.pk and locked.status != BulkStatus.DECLINED:
        return locked
    states.require(locked, to=BulkStatus.RUNNING, transitions=bulk_runs.TRANSITIONS)
    recusals.require_second(person=by.user, proposer=locked.proposed_by)
    firms = locked.items.values_list("application__enterprise_id", flat=True)
    recusals.require_stranger(person=by.user, enterprise_ids=set(firms))
    states.move(
        locked, to=BulkStatus.RUNNING, transitions=bulk_runs.TRANSITIONS, decided_at=at,
        decided_by=by.user,
    )  # fmt: skip
    trail.record(by=by, at=at, verb="bulk_approved", subject=locked)
    bulk_runs.begin(run=locked, at=at)
    return locked


@transaction.atomic
def decline(*, by: Actor, run: BulkRun, note: str, at: datetime) -> BulkRun:
    """Turn a run down, or take the own one back; nothing of it happened. Raises BulkInvalid, WrongState."""
    by.require(Permission.DECISION_COUNTERSIGN)
    locked = _lock(by, run)
    if locked.status == BulkStatus.DECLINED and locked.decided_by_id == by.user.pk:
        return locked
    if not note.strip():
        raise BulkInvalid(_("Give the reason."), errors={"note": _("Give the reason.")})
    states.move(
        locked, to=BulkStatus.DECLINED, transitions=bulk_runs.TRANSITIONS, decided_at=at,
        decided_by=by.user, note=note.strip(),
    )  # fmt: skip
    trail.record(by=by, at=at, verb="bulk_declined", subject=locked, data={"reason": note.strip()})
    return locked


def _require_fitting(verb: BulkVerb, applications: Sequence[Application], reason: str) -> None:
    if not applications:
        raise BulkInvalid(_("Choose at least one application in the queue."))
    if len(applications) > MOST_APPLICATIONS:
        raise BulkInvalid(
            _("Choose at most %(most)s applications at once.") % {"most": MOST_APPLICATIONS}
        )
    if verb == BulkVerb.REFUSE and reason not in refusals.REFUSALS:
        words = _("Choose the reason of the refusal.")
        raise BulkInvalid(words, errors={"reason": words})


def _tried(by: Actor, verb: BulkVerb, application: Application, reason: str, at: datetime) -> Line:
    stage = bulk_steps.stage_of(application)
    step = bulk_steps.Step(verb, stage, reason, "")
    try:
        with transaction.atomic():
            amount_fen = bulk_steps.take(by=by, application=application, step=step, at=at)
    except DomainError as refusal:
        return Line(application, stage, 0, refusal.code, str(refusal))
    return Line(application, stage, amount_fen)


def _write(
    by: Actor,
    verb: BulkVerb,
    found: Preview,
    token: uuid.UUID,
    reason: str,
    remark: str,
    at: datetime,
) -> BulkRun:
    run = BulkRun.objects.create(
        code=new_code("BK"),
        token=token,
        bureau=by.own(),
        verb=verb,
        reason=reason if verb == BulkVerb.REFUSE else "",
        remark=remark.strip(),
        status=BulkStatus.PROPOSED if found.needs_second else BulkStatus.RUNNING,
        item_count=len(found.lines),
        total_fen=found.total_fen,
        needs_second=found.needs_second,
        proposed_at=at,
        proposed_by=by.user,
    )
    BulkItem.objects.bulk_create(_item(run, line, at) for line in found.lines)
    return run


def _item(run: BulkRun, line: Line, at: datetime) -> BulkItem:
    """What cannot be done is written down as refused at once, so that the result names every one."""
    refused = bool(line.code)
    return BulkItem(
        run=run,
        application=line.application,
        stage=line.stage,
        amount_fen=line.amount_fen,
        status=BulkItemStatus.REFUSED if refused else BulkItemStatus.WAITING,
        code=line.code,
        message=line.message,
        done_at=at if refused else None,
    )


def _lock(by: Actor, run: BulkRun) -> BulkRun:
    locked = (
        BulkRun.objects.select_for_update(of=("self",)).select_related("proposed_by").get(pk=run.pk)
    )
    if locked.bureau_id != by.own().pk:
        raise Forbidden(_("This run belongs to another bureau."))
    return locked
