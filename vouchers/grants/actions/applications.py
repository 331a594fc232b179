"""Applications: start, save, prepare, submit, withdraw. One person prepares, another one submits."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.actions import trail
from accounts.models import OrganizationKind
from accounts.permissions import Permission
from common import states
from common.codes import new_code
from common.errors import Conflict, DomainError, Forbidden
from common.money import MAX_FEN
from common.periods import local_day
from vouchers.grants import wording
from vouchers.grants.actions import desk, letters
from vouchers.grants.models import (
    Application,
    ApplicationStatus,
    LetterKind,
    Scheme,
    SchemeStatus,
)

Status = ApplicationStatus

TRANSITIONS: states.Transitions = {
    Status.DRAFT: frozenset({Status.PREPARED, Status.WITHDRAWN}),
    Status.PREPARED: frozenset({Status.SUBMITTED, Status.DRAFT, Status.WITHDRAWN}),
    Status.SUBMITTED: frozenset({Status.FIRST_PASSED, Status.REJECTED, Status.WITHDRAWN}),
    Status.FIRST_PASSED: frozenset({Status.APPROVED, Status.REJECTED, Status.WITHDRAWN}),
    Status.APPROVED: frozenset({Status.NOTICED, Status.ISSUED, Status.WITHDRAWN}),
    Status.NOTICED: frozenset({Status.ISSUED, Status.WITHDRAWN}),
}


class SchemeNotOpen(Conflict):
    """The scheme takes no applications at this moment."""

    code = "scheme_not_open"


class ApplicationInvalid(DomainError):
    """The application cannot stand like this; `errors` names each field."""

    code = "application_invalid"


class SamePerson(Forbidden):
    """One human cannot both prepare and submit."""

    code = "same_person"


@transaction.atomic
def start(
    *, by: Actor, scheme: Scheme, kind: str, planned_spend_fen: int, purpose: str, at: datetime
) -> Application:
    """Begin a draft. Planned spend in fen. Raises SchemeNotOpen, ApplicationInvalid, Forbidden."""
    by.require(Permission.APPLICATION_PREPARE)
    if not by.is_kind(OrganizationKind.ENTERPRISE):
        raise Forbidden(_("Only an enterprise can apply for a voucher."))
    _require_open(scheme, at)
    _require_valid(scheme, kind, planned_spend_fen, purpose)
    application = Application.objects.create(
        code=new_code("AP"),
        scheme=scheme,
        enterprise=by.own(),
        kind=kind,
        planned_spend_fen=planned_spend_fen,
        purpose=purpose.strip(),
        created_at=at,
        created_by=by.user,
    )
    trail.record(by=by, at=at, verb="started", subject=application)
    return application


@transaction.atomic
def save_draft(
    *,
    by: Actor,
    application: Application,
    kind: str,
    planned_spend_fen: int,
    purpose: str,
    at: datetime,
) -> Application:
    """Change a draft, or take a prepared application back to draft and change it. Locks the application."""
    by.require(Permission.APPLICATION_PREPARE)
    locked = _lock_own(by, application)
    if locked.status not in {Status.DRAFT, Status.PREPARED}:
        raise states.WrongState(
            _(
                "The application was handed in and cannot be changed. Withdraw it and begin a new one."
            )
        )
    _require_valid(locked.scheme, kind, planned_spend_fen, purpose)
    if locked.status == Status.PREPARED:
        states.move(
            locked, to=Status.DRAFT, transitions=TRANSITIONS, prepared_at=None, prepared_by=None
        )
    locked.kind, locked.planned_spend_fen, locked.purpose = kind, planned_spend_fen, purpose.strip()
    locked.save(update_fields=["kind", "planned_spend_fen", "purpose"])
    trail.record(by=by, at=at, verb="changed", subject=locked)
    return locked


@transaction.atomic
def prepare(*, by: Actor, application: Application, at: datetime) -> Application:
    """Hand the checked draft to the signatory. A second click answers the prepared one."""
    by.require(Permission.APPLICATION_PREPARE)
    locked = _lock_own(by, application)
    if locked.status == Status.PREPARED and locked.prepared_by_id == by.user.pk:
        return locked
    _require_open(locked.scheme, at)
    states.move(
        locked, to=Status.PREPARED, transitions=TRANSITIONS, prepared_at=at, prepared_by=by.user
    )
    trail.record(by=by, at=at, verb="prepared", subject=locked)
    return locked


@transaction.atomic
def submit(*, by: Actor, application: Application, at: datetime) -> Application:
    """Sign the declaration and hand the application in. A second click answers the submitted one.

    The signatory is never the preparer: neither the same account nor another account of the same human.
    Raises SamePerson, SchemeNotOpen, states.WrongState.
    """
    by.require(Permission.APPLICATION_SUBMIT)
    locked = _lock_own(by, application)
    if locked.status == Status.SUBMITTED and locked.submitted_by_id == by.user.pk:
        return locked
    if locked.prepared_by and locked.prepared_by.is_same_person(by.user):
        raise SamePerson(
            _(
                "You prepared this application. Another person with the right to sign must submit it."
            )
        )
    _require_open(locked.scheme, at)
    states.move(
        locked, to=Status.SUBMITTED, transitions=TRANSITIONS, submitted_at=at, submitted_by=by.user
    )
    trail.record(by=by, at=at, verb="submitted", subject=locked)
    rules = desk.rules_of(bureau=locked.scheme.bureau)
    letters.send(
        kind=LetterKind.ACCEPTED,
        application=locked,
        occasion="submitted",
        at=at,
        until=desk.due_day(rules=rules, status=locked.status, arrived_at=at),
    )
    return locked


@transaction.atomic
def withdraw(*, by: Actor, application: Application, at: datetime) -> Application:
    """Take an application back, at any time before the voucher is issued. Preparer or signatory."""
    if Permission.APPLICATION_PREPARE.value not in by.permissions:
        by.require(Permission.APPLICATION_SUBMIT)
    locked = _lock_own(by, application)
    if locked.status == Status.WITHDRAWN:
        return locked
    before = locked.status
    states.move(locked, to=Status.WITHDRAWN, transitions=TRANSITIONS)
    trail.record(by=by, at=at, verb="withdrawn", subject=locked, data={"from": before})
    return locked


def _lock_own(by: Actor, application: Application) -> Application:
    locked = (
        Application.objects.select_for_update(of=("self",))
        .select_related("scheme__bureau", "enterprise", "prepared_by")
        .get(pk=application.pk)
    )
    if locked.enterprise_id != by.own().pk:
        raise Forbidden(_("This application belongs to another enterprise."))
    return locked


def _require_open(scheme: Scheme, at: datetime) -> None:
    day = local_day(at)
    if scheme.status != SchemeStatus.PUBLISHED or not scheme.opens_on <= day <= scheme.closes_on:
        raise SchemeNotOpen(
            _("This scheme takes no applications at present. See the list of open schemes.")
        )


def _require_valid(scheme: Scheme, kind: str, planned_spend_fen: int, purpose: str) -> None:
    faults = {}
    if kind not in scheme.voucher_kinds:
        faults["kind"] = wording.refusal("kind_not_offered")
    whole = isinstance(planned_spend_fen, int) and not isinstance(planned_spend_fen, bool)
    if not whole or not 0 < planned_spend_fen <= MAX_FEN:
        faults["planned_spend_fen"] = str(_("Enter an amount above zero."))
    if not purpose.strip():
        faults["purpose"] = str(_("Say in a few sentences what the computing is for."))
    if len(purpose) > 2000:
        faults["purpose"] = str(_("Use at most 2,000 characters."))
    if faults:
        raise ApplicationInvalid(_("Some answers cannot stand. Correct them."), errors=faults)
