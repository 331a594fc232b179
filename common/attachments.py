"""Files that people attach: taken when they are what they say, refused in words, served for download only."""

from collections.abc import Mapping
from typing import ClassVar

from django.core.files import File
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from common import evidence_files as files
from common.errors import DomainError


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
