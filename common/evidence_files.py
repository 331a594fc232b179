"""What may lie beside an application as evidence: a file that is one thing, opens, and runs nothing.

The kind is told by the content, never by the sender's word, and must agree with the name.
"""

import io
import zipfile
from dataclasses import dataclass
from enum import Enum
from typing import Any

from PIL import Image
from pypdf import PdfReader
from pypdf.errors import PyPdfError

MAX_BYTES = 10 * 1000 * 1000
MAX_PIXELS = 80_000_000
"""More than any phone's picture; a small file that unfolds to more is a bomb."""

MAX_MEMBERS, MAX_UNPACKED = 2000, 100 * 1000 * 1000
_MARKUP = (b"<script", b"<html", b"<svg", b"<?php", b"<!doctype", b"<iframe")
_TAIL = 1024


class Fault(Enum):
    """Why a file is not taken."""

    EMPTY = "file_empty"
    LARGE = "file_too_large"
    KIND = "file_wrong_type"
    NAME = "file_name_mismatch"
    TWOFOLD = "file_polyglot"
    LOCKED = "file_password_protected"
    DAMAGED = "file_damaged"
    ACTIVE = "file_active_content"


class Refused(ValueError):
    """The file is not taken; `fault` says why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.value)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class FileKind:
    """A kind of file that is taken."""

    extensions: tuple[str, ...]
    content_type: str


PDF = FileKind((".pdf",), "application/pdf")
PNG = FileKind((".png",), "image/png")
JPEG = FileKind((".jpg", ".jpeg"), "image/jpeg")
OFD = FileKind((".ofd",), "application/ofd")
ACCEPTED = (PDF, OFD, JPEG, PNG)
EXTENSIONS = tuple(extension for kind in ACCEPTED for extension in kind.extensions)


def kind_of(name: str, content: bytes) -> FileKind:
    """The kind of a file; raises Refused with the first fault found."""
    if not content:
        raise Refused(Fault.EMPTY)
    if len(content) > MAX_BYTES:
        raise Refused(Fault.LARGE)
    kind = _by_content(content)
    if not name.lower().endswith(kind.extensions):
        raise Refused(Fault.NAME)
    return kind


def _by_content(content: bytes) -> FileKind:
    if content.startswith(b"%PDF-"):
        _check_pdf(content)
        return PDF
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        _check_image(content, "PNG")
        _require_end_of_png(content)
        return PNG
    if content.startswith(b"\xff\xd8\xff"):
        _check_image(content, "JPEG")
        return JPEG
    if content.startswith(b"PK\x03\x04"):
        _check_ofd(content)
        return OFD
    raise Refused(Fault.TWOFOLD if b"%PDF-" in content[:_TAIL] else Fault.KIND)


def _check_pdf(content: bytes) -> None:
    end = content.rfind(b"%%EOF")
    if end < 0:
        raise Refused(Fault.DAMAGED)
    if content[end + 5 :].strip(b"\r\n\t \x00") or zipfile.is_zipfile(io.BytesIO(content)):
        raise Refused(Fault.TWOFOLD)
    try:
        reader = PdfReader(io.BytesIO(content))
        if reader.is_encrypted:
            raise Refused(Fault.LOCKED)
        if not len(reader.pages):
            raise Refused(Fault.DAMAGED)
        runs = _runs_something(reader)
    except Refused:
        raise
    except (PyPdfError, ValueError, TypeError, KeyError, AttributeError, IndexError,
            RecursionError, OSError) as error:  # fmt: skip
        raise Refused(Fault.DAMAGED) from error
    if runs:
        raise Refused(Fault.ACTIVE)


def _runs_something(reader: PdfReader) -> bool:
    """Scripts of the document, and programs started when it opens."""
    root: Any = reader.trailer["/Root"].get_object()
    names = root.get("/Names")
    if names is not None and "/JavaScript" in names.get_object():
        return True
    opening = root.get("/OpenAction")
    action = opening.get_object() if opening is not None else None
    return isinstance(action, dict) and action.get("/S") in {"/JavaScript", "/Launch"}


def _check_image(content: bytes, form: str) -> None:
    lowered = content.lower()
    if any(mark in lowered for mark in _MARKUP) or zipfile.is_zipfile(io.BytesIO(content)):
        raise Refused(Fault.TWOFOLD)
    try:
        with Image.open(io.BytesIO(content), formats=[form]) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise Refused(Fault.LARGE)
            picture.load()
    except Refused:
        raise
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise Refused(Fault.DAMAGED) from error


def _require_end_of_png(content: bytes) -> None:
    """Walk the chunks: nothing may follow the last one."""
    at = 8
    while at + 12 <= len(content):
        length, name = int.from_bytes(content[at : at + 4]), content[at + 4 : at + 8]
        at += 12 + length
        if name == b"IEND":
            if content[at:].strip(b"\x00"):
                raise Refused(Fault.TWOFOLD)
            return
    raise Refused(Fault.DAMAGED)


def _check_ofd(content: bytes) -> None:
    """An OFD document (GB/T 33190) is a ZIP with OFD.xml at its root; nothing is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            comment = archive.comment
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise Refused(Fault.DAMAGED) from error
    if not any(member.filename == "OFD.xml" for member in members):
        raise Refused(Fault.KIND)
    if comment or any(mark in content.lower()[-_TAIL:] for mark in _MARKUP):
        raise Refused(Fault.TWOFOLD)
    if any(member.flag_bits & 1 for member in members):
        raise Refused(Fault.LOCKED)
    unpacked = sum(member.file_size for member in members)
    if len(members) > MAX_MEMBERS or unpacked > MAX_UNPACKED:
        raise Refused(Fault.LARGE)
