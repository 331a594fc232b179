"""Evidence: files beside an application, each checked, hashed and kept once."""

from datetime import datetime
from typing import Any

from django.core.files import File
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.actions import trail
from accounts.models import Organization
from accounts.permissions import Permission
from common import attachments, states, stored_files
from common.errors import DomainError, Forbidden
from common.models import StoredFile
from vouchers.grants.actions.applications import TRANSITIONS, Status, lock_own
from vouchers.grants.models import Application, Evidence, EvidenceKind, Remark, SupplementStatus
from vouchers.grants.rules import sections

MOST_FILES = 20


class TooManyFiles(DomainError):
    """More files than one application may have."""

    code = "too_many_files"


@transaction.atomic
def add(
    *, by: Actor, application: Application, kind: str, file: "File[bytes]", at: datetime
) -> Evidence:
    """Check a file, keep it, and put it beside the application. The same file again is the same evidence.

    Locks the application; a prepared one goes back to draft.
    Raises attachments.FileRefused, TooManyFiles, Forbidden, states.WrongState.
    """
    locked = _lock_open(by, application, kind)
    name, content_type, content = attachments.read(file=file)
    stored = _keep(locked.enterprise, name, content_type, content, at)
    return _put(by, locked, kind, stored, at)


@transaction.atomic
def reuse(
    *, by: Actor, application: Application, kind: str, file_id: Any, at: datetime
) -> Evidence:
    """Put a file that the enterprise handed in before beside this application too."""
    locked = _lock_open(by, application, kind)
    if not earlier(enterprise=locked.enterprise).filter(pk=file_id).exists():
        raise Forbidden(_("This file is not among those of your enterprise."))
    return _put(by, locked, kind, StoredFile.objects.defer("content").get(pk=file_id), at)


@transaction.atomic
def remove(*, by: Actor, application: Application, file_id: Any, at: datetime) -> Application:
    """Take a file away from a draft; after it was handed in nothing is taken away. Removing twice is removing once.

    The bytes go with the last application that has them. Locks the application.
    """
    by.require(Permission.APPLICATION_PREPARE)
    locked = lock_own(by, application)
    if locked.status not in {Status.DRAFT, Status.PREPARED}:
        raise states.WrongState(
            _("The application was handed in; its evidence stays. Add further files when asked.")
        )
    rows = Evidence.objects.filter(application=locked, file_id=file_id)
    if not rows.exists():
        return locked
    _reopen(by, locked, at)
    rows.delete()
    if not Evidence.objects.filter(file_id=file_id).exists():
        StoredFile.objects.filter(pk=file_id).delete()
    trail.record(by=by, at=at, verb="evidence_removed", subject=locked, data={"file": str(file_id)})
    return locked


def earlier(*, enterprise: Organization) -> Any:
    """Files that lie beside any application of the enterprise, the newest first, without their bytes."""
    used = Evidence.objects.filter(application__enterprise=enterprise).values("file_id")
    rows = StoredFile.objects.filter(pk__in=used, organization_id=enterprise.pk)
    return rows.defer("content").order_by("-created_at", "pk")


def _lock_open(by: Actor, application: Application, kind: str) -> Application:
    """Lock the application; drafts take every kind, an open supplement those that were remarked on."""
    if Permission.APPLICATION_PREPARE.value not in by.permissions:
        by.require(Permission.APPLICATION_SUBMIT)
    locked = lock_own(by, application)
    if kind not in EvidenceKind.values:
        raise DomainError(_("Choose what the file shows."), errors={"kind": _("Choose one.")})
    if locked.status == Status.SUPPLEMENT and kind in open_kinds(locked):
        return locked
    if locked.status not in {Status.DRAFT, Status.PREPARED}:
        raise states.WrongState(
            _("The application was handed in; its evidence stays. Add further files when asked.")
        )
    by.require(Permission.APPLICATION_PREPARE)
    return locked


def open_kinds(application: Application) -> set[str]:
    """Kinds of evidence that an open supplement asks for."""
    names = Remark.objects.filter(
        supplement__application=application,
        supplement__status=SupplementStatus.OPEN,
        field__startswith=sections.EVIDENCE_PREFIX,
    ).values_list("field", flat=True)
    return {name.removeprefix(sections.EVIDENCE_PREFIX) for name in names}


def _keep(
    enterprise: Organization, name: str, content_type: str, content: bytes, at: datetime
) -> StoredFile:
    known = earlier(enterprise=enterprise).filter(sha256=stored_files.sha256(content)).first()
    if known is not None:
        return known  # type: ignore[no-any-return]
    return stored_files.keep(
        organization_id=enterprise.pk,
        name=name,
        content_type=content_type,
        content=content,
        at=at,
    )


def _put(
    by: Actor, application: Application, kind: str, stored: StoredFile, at: datetime
) -> Evidence:
    there = Evidence.objects.filter(application=application, kind=kind, file=stored).first()
    if there is not None:
        return there
    if Evidence.objects.filter(application=application).count() >= MOST_FILES:
        raise TooManyFiles(_("An application takes at most 20 files. Put several into one PDF."))
    _reopen(by, application, at)
    made = Evidence.objects.create(
        application=application, kind=kind, file=stored, added_at=at, added_by=by.user
    )
    data = {"file": str(stored.pk), "kind": kind, "sha256": stored.sha256}
    trail.record(by=by, at=at, verb="evidence_added", subject=application, data=data)
    return made


def _reopen(by: Actor, application: Application, at: datetime) -> None:
    """What was prepared for signature changed, so it is prepared again."""
    if application.status == Status.PREPARED:
        states.move(
            application,
            to=Status.DRAFT,
            transitions=TRANSITIONS,
            prepared_at=None,
            prepared_by=None,
        )
