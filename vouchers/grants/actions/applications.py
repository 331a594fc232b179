"""Applications: start, prepare, submit, withdraw. One person prepares, another one submits."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.actions import trail
from accounts.models import OrganizationKind
from accounts.permissions import Permission
from common import states
from common.codes import new_code
from common.errors import Conflict, Forbidden
from common.periods import local_day
from vouchers.grants import notifying
from vouchers.grants.actions import answers as stated
from vouchers.grants.actions import desk, letters
from vouchers.grants.models import (
    Application,
    ApplicationStatus,
    LetterKind,
    Scheme,
    SchemeStatus,
    Supplement,
    SupplementStatus,
)

Status = ApplicationStatus

TRANSITIONS: states.Transitions = {
    Status.DRAFT: frozenset({Status.PREPARED, Status.WITHDRAWN}),
    Status.PREPARED: frozenset({Status.SUBMITTED, Status.DRAFT, Status.WITHDRAWN}),
    Status.SUBMITTED: frozenset(
        {Status.FIRST_PASSED, Status.SUPPLEMENT, Status.REJECTED, Status.WITHDRAWN}
    ),
    Status.FIRST_PASSED: frozenset(
        {Status.APPROVED, Status.SUPPLEMENT, Status.REJECTED, Status.WITHDRAWN}
    ),
    Status.SUPPLEMENT: frozenset(
        {Status.SUBMITTED, Status.FIRST_PASSED, Status.REJECTED, Status.WITHDRAWN}
    ),
    Status.APPROVED: frozenset({Status.NOTICED, Status.ISSUED, Status.WITHDRAWN}),
    # back to the first review when an objection is upheld
    Status.NOTICED: frozenset({Status.ISSUED, Status.WITHDRAWN, Status.SUBMITTED}),
}


class SchemeNotOpen(Conflict):
    """The scheme takes no applications at this moment."""

    code = "scheme_not_open"


class Incomplete(Conflict):
    """Something is still missing; `missing` names the fields, section by section."""

    code = "application_incomplete"

    def __init__(self, missing: Mapping[str, tuple[str, ...]]) -> None:
        fields = [name for names in missing.values() for name in names]
        super().__init__(
            _("Some sections are not complete. Finish them, then hand over."),
            errors=dict.fromkeys(fields, _("Fill this in.")),
        )
        self.missing = missing


class SamePerson(Forbidden):
    """One human cannot both prepare and submit."""

    code = "same_person"


@transaction.atomic
def start(
    *,
    by: Actor,
    scheme: Scheme,
    kind: str,
    planned_spend_fen: int,
    purpose: str = "",
    answers: Mapping[str, Any] | None = None,
    at: datetime,
) -> Application:
    """Begin a draft, at least with kind and planned spend in fen. `answers` are those without a column.

    Raises SchemeNotOpen, ApplicationInvalid, Forbidden.
    """
    by.require(Permission.APPLICATION_PREPARE)
    if not by.is_kind(OrganizationKind.ENTERPRISE):
        raise Forbidden(_("Only an enterprise can apply for a voucher."))
    _require_open(scheme, at)
    columns = {"kind": kind, "planned_spend_fen": planned_spend_fen, "purpose": purpose}
    stated.require_valid(scheme, {**columns, **(answers or {})}, local_day(at))
    application = Application(
        code=new_code("AP"),
        scheme=scheme,
        enterprise=by.own(),
        created_at=at,
        created_by=by.user,
    )
    stated.apply(application, {**columns, **(answers or {})})
    application.save(force_insert=True)
    trail.record(by=by, at=at, verb="started", subject=application)
    return application


@transaction.atomic
def prepare(*, by: Actor, application: Application, at: datetime) -> Application:
    """Hand the checked draft to the signatory. A second click answers the prepared one.

    Locks the application. Raises Incomplete, SchemeNotOpen, states.WrongState.
    """
    by.require(Permission.APPLICATION_PREPARE)
    locked = lock_own(by, application)
    if locked.status == Status.PREPARED and locked.prepared_by_id == by.user.pk:
        return locked
    _require_open(locked.scheme, at)
    states.require(locked, to=Status.PREPARED, transitions=TRANSITIONS)
    missing = stated.missing(locked)
    if missing:
        raise Incomplete(missing)
    states.move(
        locked, to=Status.PREPARED, transitions=TRANSITIONS, prepared_at=at, prepared_by=by.user
    )
    handed = trail.record(by=by, at=at, verb="prepared", subject=locked)
    notifying.tell_applicant("application_prepared", application=locked, once=str(handed.pk), at=at)
    return locked


@transaction.atomic
def submit(*, by: Actor, application: Application, at: datetime) -> Application:
    """Sign the declaration and hand the application in. A second click answers the submitted one.

    The signatory is never the preparer: neither the same account nor another account of the same human.
    Raises SamePerson, SchemeNotOpen, states.WrongState.
    """
    by.require(Permission.APPLICATION_SUBMIT)
    locked = lock_own(by, application)
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
    notifying.tell_applicant("application_submitted", application=locked, at=at)
    notifying.tell_bureau("application_received", application=locked, at=at)
    return locked


@transaction.atomic
def withdraw(*, by: Actor, application: Application, at: datetime) -> Application:
    """Take an application back, at any time before the voucher is issued. Preparer or signatory."""
    if Permission.APPLICATION_PREPARE.value not in by.permissions:
        by.require(Permission.APPLICATION_SUBMIT)
    locked = lock_own(by, application)
    if locked.status == Status.WITHDRAWN:
        return locked
    before = locked.status
    states.move(locked, to=Status.WITHDRAWN, transitions=TRANSITIONS)
    Supplement.objects.open().filter(application=locked).update(status=SupplementStatus.DROPPED)
    trail.record(by=by, at=at, verb="withdrawn", subject=locked, data={"from": before})
    return locked


def lock_own(by: Actor, application: Application) -> Application:
    """Lock an application of the own enterprise; Forbidden for another's."""
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
