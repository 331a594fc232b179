"""Objections of the public: raised without an account, decided by the bureau."""

import hashlib
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.files import File
from django.core.validators import validate_email
from django.db import transaction
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.actions import trail
from accounts.permissions import Permission
from common import outbox, states, stored_files
from common.errors import Conflict, DomainError, Forbidden
from common.outbox import Mail
from vouchers.grants import notifying
from vouchers.grants.actions.applications import TRANSITIONS as APPLICATION_TRANSITIONS
from vouchers.grants.models import (
    Announcement,
    Application,
    ApplicationStatus,
    Objection,
    ObjectionStatus,
    PublicNotice,
)

Status = ObjectionStatus
TRANSITIONS: states.Transitions = {Status.OPEN: frozenset({Status.UPHELD, Status.REJECTED})}


class WindowClosed(Conflict):
    """The notice takes no objections: its window is over, or the application is no longer on notice."""

    code = "objection_window_closed"


class AnswerMissing(DomainError):
    """An objection is decided with reasons in words."""

    code = "objection_answer_missing"


@transaction.atomic
def raise_against(
    *,
    announcement: Announcement,
    application: str,
    name: str,
    contact: str,
    reason: str,
    file: "File[bytes] | None" = None,
    at: datetime,
) -> Objection:
    """Object to one application of an announcement; the same statement again is the same objection.

    Nobody need sign in, so there is no actor; edges limit how often one place may call it. Locks the application,
    so of an objection and an issue at the same moment one sees the other. Raises WindowClosed,
    attachments.FileRefused.
    """
    locked = (
        Application.objects.select_for_update(of=("self",))
        .filter(code=application, notice__announcement=announcement)
        .select_related("scheme__bureau", "enterprise", "notice")
        .first()
    )
    if locked is None or not _is_open(announcement, locked, at):
        raise WindowClosed(
            _(
                "This notice takes no objections any more. Write to the bureau of the scheme instead."
            )
        )
    digest = hashlib.sha256(f"{name}\0{contact}\0{reason}".encode()).hexdigest()
    known = Objection.objects.filter(
        announcement=announcement, notice=locked.notice, sha256=digest
    ).first()
    if known is not None:
        return known
    made = Objection.objects.create(
        announcement=announcement,
        notice=locked.notice,
        name=name.strip(),
        contact=contact.strip(),
        reason=reason.strip(),
        evidence=(
            stored_files.attach(file=file, organization_id=locked.scheme.bureau_id, at=at)
            if file
            else None
        ),
        sha256=digest,
        raised_at=at,
    )
    trail.record(by=None, at=at, verb="objected", subject=made, data={"application": locked.code})
    notifying.tell_bureau(
        "objection_received", application=locked, once=made.code, objection=made.code, at=at
    )
    _write(
        made, "received", _("Your objection %(code)s has been received and will be decided."), at
    )
    return made


@transaction.atomic
def uphold(*, by: Actor, objection: Objection, answer: str, at: datetime) -> Objection:
    """Agree with an objection: the application goes back to its first review, and its notice is taken down.

    The reviews there were are set aside, so two people decide anew. Locks the application, then the objection.
    Raises AnswerMissing, Forbidden, states.WrongState.
    """
    locked, is_new = _decide(by, objection, Status.UPHELD, answer, at)
    application = locked.notice.application
    if is_new and application.status == ApplicationStatus.NOTICED:
        states.move(
            application,
            to=ApplicationStatus.SUBMITTED,
            transitions=APPLICATION_TRANSITIONS,
            granted_fen=None,
            assessment={},
        )
        application.reviews.update(superseded_at=at)
        PublicNotice.objects.filter(pk=locked.notice_id).update(withdrawn_at=at)
        data = {"objection": locked.code}
        trail.record(by=by, at=at, verb="returned_to_review", subject=application, data=data)
        for tell in (notifying.tell_applicant, notifying.tell_bureau):
            tell(
                "objection_upheld", application=application, once=locked.code, reason=answer, at=at
            )
    _write(locked, "decided", _("Your objection %(code)s was upheld: %(answer)s"), at)
    return locked


@transaction.atomic
def reject(*, by: Actor, objection: Objection, answer: str, at: datetime) -> Objection:
    """Disagree with an objection, with reasons. Locks as `uphold` does and raises the same."""
    locked, _is_new = _decide(by, objection, Status.REJECTED, answer, at)
    _write(locked, "decided", _("Your objection %(code)s was not upheld: %(answer)s"), at)
    return locked


def _is_open(announcement: Announcement, application: Application, at: datetime) -> bool:
    return (
        announcement.takes_objections_at(at)
        and application.status == ApplicationStatus.NOTICED
        and application.notice.withdrawn_at is None
    )


def _decide(
    by: Actor, objection: Objection, to: Status, answer: str, at: datetime
) -> tuple[Objection, bool]:
    """The decided objection, and whether it was decided just now; a second click decides nothing."""
    by.require(Permission.VOUCHER_ISSUE)
    if not answer.strip():
        words = _("Give your reasons; whoever objected is told of them.")
        raise AnswerMissing(words, errors={"answer": words})
    Application.objects.select_for_update(of=("self",)).get(notice=objection.notice_id)
    locked = (
        Objection.objects.select_for_update(of=("self",))
        .select_related(
            "announcement__scheme",
            "notice__application__scheme__bureau",
            "notice__application__enterprise",
        )
        .get(pk=objection.pk)
    )
    if locked.announcement.scheme.bureau_id != by.own().pk:
        raise Forbidden(_("This objection belongs to another bureau."))
    if (locked.status, locked.decided_by_id, locked.answer) == (to, by.user.pk, answer.strip()):
        return locked, False
    states.move(
        locked, to=to, transitions=TRANSITIONS, answer=answer.strip(), decided_at=at,
        decided_by=by.user,
    )  # fmt: skip
    locked.refresh_from_db(fields=["answer", "decided_at", "decided_by"])
    data = {"outcome": to.value}
    trail.record(by=by, at=at, verb="objection_decided", subject=locked, data=data)
    return locked, True


def _write(objection: Objection, occasion: str, sentence: Promise, at: datetime) -> None:
    """Tell whoever objected, in Chinese, when the contact is a mail address."""
    try:
        validate_email(objection.contact)
    except ValidationError:
        return
    with translation.override("zh-hans"):
        words = str(sentence) % {"code": objection.code, "answer": objection.answer}
    title = objection.announcement.title
    body = f"{words}\n\n{title}\n{objection.announcement.scheme.bureau.name}\n"
    key = f"objection:{objection.code}:{occasion}"
    outbox.post(mails=[Mail(key, objection.contact, words, body)], at=at)
