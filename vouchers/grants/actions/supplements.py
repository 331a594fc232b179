"""Supplements (补正): an officer names all that is missing at once; the enterprise answers each."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.actions import trail
from accounts.permissions import Permission
from common import states
from common.errors import Conflict, DomainError, Forbidden
from common.periods import end_of_day, local_day
from vouchers.grants import notifying
from vouchers.grants.actions import answers as stated
from vouchers.grants.actions import drafts, letters, queue, recusals
from vouchers.grants.actions.applications import TRANSITIONS, Status, lock_own
from vouchers.grants.models import (
    Application,
    Evidence,
    LetterKind,
    Remark,
    ReviewStage,
    Supplement,
    SupplementStatus,
)
from vouchers.grants.rules import sections

STEPS: states.Transitions = {
    SupplementStatus.OPEN: frozenset({SupplementStatus.ANSWERED, SupplementStatus.LAPSED}),
}
BACK_TO = {ReviewStage.FIRST: Status.SUBMITTED, ReviewStage.SECOND: Status.FIRST_PASSED}
MOST_DAYS = 90
MOST_TEXT = 1000
MOST_ANSWER = 2000


class RemarksInvalid(DomainError):
    """The remarks cannot stand: none, an unknown field, one twice, no words, or a day that cannot be met."""

    code = "remarks_invalid"


class SupplementOpen(Conflict):
    """A supplement is already open; there is one at a time."""

    code = "supplement_open"


class AnswersMissing(DomainError):
    """Every remark needs an answer; `errors` names the fields without one."""

    code = "answers_missing"


class FieldClosed(Forbidden):
    """Only the fields that were remarked on are open."""

    code = "field_closed"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the enterprise says to one remark; `value` is the corrected value, None to leave it as it is."""

    text: str = ""
    value: Any = None


@transaction.atomic
def ask(
    *,
    by: Actor,
    application: Application,
    remarks: Sequence[tuple[str, str]],
    due_on: date,
    at: datetime,
) -> Supplement:
    """Ask the enterprise to correct every named field by the end of `due_on`.

    `remarks` are pairs of field and words; `fields_of` lists the fields. Only the officer who claimed the
    application asks; the claim ends. Locks the application. A double click answers the first one. Raises
    RemarksInvalid, SupplementOpen, queue.NotClaimed, queue.ClaimedByAnother, Forbidden, states.WrongState.
    """
    by.require(Permission.APPLICATION_REVIEW)
    locked = _lock_for_bureau(by, application)
    recusals.require_stranger(person=by.user, enterprise_ids=[locked.enterprise_id])
    recusals.require_undecided(person=by.user, application=locked)
    running = locked.supplements.filter(status=SupplementStatus.OPEN).first()
    if running is not None:
        if running.asked_by_id == by.user.pk and _same(running, remarks):
            return running
        raise SupplementOpen(
            _("A supplement is already open. Wait for its answer or its last day.")
        )
    states.require(locked, to=Status.SUPPLEMENT, transitions=TRANSITIONS)
    _require_askable(locked, remarks, due_on, at)
    stage = queue.STAGE_OF[Status(locked.status)]
    queue.finish(claim=queue.require_mine(by=by, application=locked, at=at))
    states.move(locked, to=Status.SUPPLEMENT, transitions=TRANSITIONS)
    made = Supplement.objects.create(
        application=locked, stage=stage, asked_at=at, asked_by=by.user, due_at=end_of_day(due_on)
    )
    values = stated.values_of(locked)
    Remark.objects.bulk_create(
        Remark(supplement=made, field=field, text=text.strip(), before=values.get(field))
        for field, text in remarks
    )
    data = {"fields": [field for field, _text in remarks], "due_on": str(due_on)}
    trail.record(by=by, at=at, verb="supplement_asked", subject=locked, data=data)
    _tell(made, locked, remarks, due_on, at)
    return made


def fields_of(application: Application) -> tuple[str, ...]:
    """The fields of an application that a remark may name."""
    return sections.remarkable(stated.sections_of(application.scheme))


@transaction.atomic
def save(
    *, by: Actor, supplement: Supplement, answers: Mapping[str, Answer], at: datetime
) -> Supplement:
    """Keep answers that are not handed in yet. Preparer or signatory; the application itself stays as it is.

    Locks application and supplement. Raises FieldClosed, ApplicationInvalid, states.WrongState.
    """
    locked = _lock_open(by, supplement, at)
    _keep(locked, answers, at)
    trail.record(by=by, at=at, verb="supplement_saved", subject=locked.application)
    return locked


@transaction.atomic
def answer(
    *,
    by: Actor,
    supplement: Supplement,
    answers: Mapping[str, Answer] | None = None,
    at: datetime,
) -> Supplement:
    """Sign the answers and hand them in; corrected values take effect and the review goes on where it stopped.

    The signatory hands in, with `answers` on top of those that were saved. Each remark needs words, a corrected
    value or, for evidence, a new file. A second click answers the first one. Locks application and supplement.
    Raises AnswersMissing, FieldClosed, ApplicationInvalid, states.WrongState.
    """
    by.require(Permission.APPLICATION_SUBMIT)
    done = Supplement.objects.filter(pk=supplement.pk, answered_by=by.user).first()
    if done is not None:
        return done
    locked = _lock_open(by, supplement, at)
    application = locked.application
    _keep(locked, answers or {}, at)
    remarks = list(locked.remarks.order_by("pk"))
    _require_answered(locked, remarks)
    values = {each.field: each.after for each in remarks if sections.is_given(each.after)}
    changes = stated.changes(application, values)
    touched = stated.sections_touched(application.scheme, values)
    drafts.write(application, values, touched, by, at)
    now = SupplementStatus.ANSWERED
    states.move(locked, to=now, transitions=STEPS, answered_at=at, answered_by=by.user)
    back = BACK_TO[ReviewStage(locked.stage)]
    states.move(application, to=back, transitions=TRANSITIONS)
    data = {"changes": {name: list(pair) for name, pair in changes.items()}}
    trail.record(by=by, at=at, verb="supplement_answered", subject=application, data=data)
    notifying.tell_bureau(
        "supplement_answered", application=application, once=str(locked.pk), at=at
    )
    return locked


def _tell(
    made: Supplement,
    application: Application,
    remarks: Sequence[tuple[str, str]],
    due_on: date,
    at: datetime,
) -> None:
    """The letter with all remarks, and the notice of it."""
    letters.send(
        kind=LetterKind.SUPPLEMENT,
        application=application,
        occasion=str(made.pk),
        at=at,
        until=due_on,
        remark=letters.remarks_in_words(application, remarks),
    )
    notifying.tell_applicant(
        "supplement_asked",
        application=application,
        once=str(made.pk),
        until=due_on,
        count=len(remarks),
        at=at,
    )


def _lock_for_bureau(by: Actor, application: Application) -> Application:
    locked = (
        Application.objects.select_for_update(of=("self",))
        .select_related("scheme__bureau", "enterprise")
        .get(pk=application.pk)
    )
    if locked.scheme.bureau_id != by.own().pk:
        raise Forbidden(_("This application belongs to another bureau."))
    return locked


def _require_askable(
    application: Application, remarks: Sequence[tuple[str, str]], due_on: date, at: datetime
) -> None:
    faults: dict[str, Any] = {}
    known = set(fields_of(application))
    names = [field for field, _text in remarks]
    if not names:
        faults["remarks"] = _("Name at least one field and what is missing.")
    for field, text in remarks:
        if field not in known:
            faults[field] = _("The application has no such field.")
        elif names.count(field) > 1:
            faults[field] = _("Say everything about one field in one remark.")
        elif not 0 < len(text.strip()) <= MOST_TEXT:
            faults[field] = _("Say in 1 to 1,000 characters what is missing or wrong.")
    today = local_day(at)
    if not today < due_on <= today + timedelta(days=MOST_DAYS):
        faults["due_on"] = _("Choose a last day from tomorrow on, within 90 days.")
    if faults:
        raise RemarksInvalid(_("The supplement cannot be asked like this."), errors=faults)


def _same(running: Supplement, remarks: Iterable[tuple[str, str]]) -> bool:
    asked = set(running.remarks.values_list("field", "text"))
    return asked == {(field, text.strip()) for field, text in remarks}


def _lock_open(by: Actor, supplement: Supplement, at: datetime) -> Supplement:
    """Lock the application, then its supplement; only the enterprise's people, only in time."""
    if Permission.APPLICATION_PREPARE.value not in by.permissions:
        by.require(Permission.APPLICATION_SUBMIT)
    application = lock_own(by, supplement.application)
    locked = Supplement.objects.select_for_update(of=("self",)).get(pk=supplement.pk)
    locked.application = application
    if locked.status != SupplementStatus.OPEN or locked.due_at <= at:
        raise states.WrongState(
            _("This supplement takes no answers any more. See where the application stands.")
        )
    return locked


def _keep(supplement: Supplement, answers: Mapping[str, Answer], at: datetime) -> None:
    by_field = {remark.field: remark for remark in supplement.remarks.all()}
    if not answers.keys() <= by_field.keys():
        raise FieldClosed(_("Only the fields that were remarked on can be changed."))
    application = supplement.application
    values = {name: each.value for name, each in answers.items() if each.value is not None}
    stated.require_valid(application.scheme, values, local_day(at))
    for name, given in answers.items():
        remark = by_field[name]
        remark.answer = given.text.strip()[:MOST_ANSWER]
        remark.after = given.value
        remark.save(update_fields=["answer", "after"])


def _require_answered(supplement: Supplement, remarks: Iterable[Remark]) -> None:
    new_kinds = set(
        Evidence.objects.filter(
            application=supplement.application, added_at__gte=supplement.asked_at
        ).values_list("kind", flat=True)
    )
    silent = {
        remark.field: _("Answer this remark: correct the entry, or say why it stands.")
        for remark in remarks
        if not remark.answer
        and not (sections.is_given(remark.after) and remark.after != remark.before)
        and remark.field.removeprefix(sections.EVIDENCE_PREFIX) not in new_kinds
    }
    if silent:
        raise AnswersMissing(_("Answer every remark, then hand in."), errors=silent)
