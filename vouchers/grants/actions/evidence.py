"""Evidence: files beside an application, each checked, hashed and kept once."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from django.core.files import File
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.actions import trail
from accounts.models import Organization
from accounts.permissions import Permission
from common import states
from common.errors import DomainError, Forbidden
from common.models import StoredFile
from vouchers.grants.actions.applications import TRANSITIONS, Status, lock_own
from vouchers.grants.models import Application, Evidence, EvidenceKind, Remark, SupplementStatus
from vouchers.grants.rules import evidence_files as files
from vouchers.grants.rules import sections

MOST_FILES = 20


class FileRefused(DomainError):
    """The file is not taken; the code says why."""

    fault: ClassVar[files.Fault]
    words: ClassVar[str | Promise]

    def __init__(self) -> None:
        super().__init__(self.words, errors={"file": self.words})


class FileEmpty(FileRefused):
    """No bytes."""

    code, fault = "file_empty", files.Fault.EMPTY
    words = _("The file is empty. Choose it again.")


class FileTooLarge(FileRefused):
    """More bytes or pixels than are taken."""

    code, fault = "file_too_large", files.Fault.LARGE
    words = _("The file is larger than 10 MB. Save it smaller, or split it, and choose it again.")


class FileWrongType(FileRefused):
    """Not one of the accepted kinds, whatever its name says."""

    code, fault = "file_wrong_type", files.Fault.KIND
    words = _(
        "This is not a PDF, OFD, JPG or PNG file. Save or print the document as PDF and choose that."
    )


class FileNameMismatch(FileRefused):
    """The ending of the name names another kind than the content is."""

    code, fault = "file_name_mismatch", files.Fault.NAME
    words = _("The ending of the file's name does not fit its content. Choose the original file.")


class FilePolyglot(FileRefused):
    """Two files in one."""

    code, fault = "file_polyglot", files.Fault.TWOFOLD
    words = _(
        "Another file or program code is hidden in this file. Print or scan the document again "
        "and choose the new file."
    )


class FileLocked(FileRefused):
    """Needs a password."""

    code, fault = "file_password_protected", files.Fault.LOCKED
    words = _("The file is protected by a password. Save it without one and choose it again.")


class FileDamaged(FileRefused):
    """Cannot be opened to its end."""

    code, fault = "file_damaged", files.Fault.DAMAGED
    words = _("The file is damaged or incomplete. Open it on your computer, save it and choose it.")


class FileActive(FileRefused):
    """Runs something when it is opened."""

    code, fault = "file_active_content", files.Fault.ACTIVE
    words = _("The file runs a program when it is opened. Print it as PDF and choose the new file.")


class TooManyFiles(DomainError):
    """More files than one application may have."""

    code = "too_many_files"


REFUSALS: Mapping[files.Fault, type[FileRefused]] = {
    each.fault: each for each in FileRefused.__subclasses__()
}


def read(*, file: "File[bytes]") -> tuple[str, str, bytes]:
    """Name, media type and content of a file that may be kept; raises FileRefused.

    Reads at most one byte beyond the largest size.
    """
    content = file.read(files.MAX_BYTES + 1)
    name = (file.name or "").replace("\\", "/").rsplit("/", 1)[-1][-200:]
    try:
        found = files.kind_of(name, content)
    except files.Refused as refused:
        raise REFUSALS[refused.fault] from refused
    return name, found.content_type, content


@transaction.atomic
def add(
    *, by: Actor, application: Application, kind: str, file: "File[bytes]", at: datetime
) -> Evidence:
    """Check a file, keep it, and put it beside the application. The same file again is the same evidence.

    Locks the application; a prepared one goes back to draft.
    Raises FileRefused, TooManyFiles, Forbidden, states.WrongState.
    """
    locked = _lock_open(by, application, kind)
    name, content_type, content = read(file=file)
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
    digest = hashlib.sha256(content).hexdigest()
    known = earlier(enterprise=enterprise).filter(sha256=digest).first()
    if known is not None:
        return known  # type: ignore[no-any-return]
    return StoredFile.objects.create(
        organization_id=enterprise.pk,
        name=name,
        content_type=content_type,
        size_bytes=len(content),
        sha256=digest,
        content=content,
        created_at=at,
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
