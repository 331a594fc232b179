"""What counts as an invoice: its number, and a file that really is what its name says."""

import io
import re
import unicodedata
import zipfile
from dataclasses import dataclass
from enum import Enum

MAX_BYTES = 10_000_000
"""Ten megabytes: a scanned invoice with annexes; larger files are photographs gone wrong."""

_NUMBER = re.compile(r"[0-9A-Z][0-9A-Z-]{6,28}[0-9A-Z]")


class Fault(Enum):
    """Why a file is not taken."""

    EMPTY = "empty"
    LARGE = "large"
    KIND = "kind"
    MISMATCH = "mismatch"
    LOCKED = "locked"


@dataclass(frozen=True, slots=True)
class FileKind:
    """A kind of file that is taken."""

    extensions: tuple[str, ...]
    content_type: str


PDF = FileKind((".pdf",), "application/pdf")
PNG = FileKind((".png",), "image/png")
JPEG = FileKind((".jpg", ".jpeg"), "image/jpeg")
OFD = FileKind((".ofd",), "application/ofd")


def normal_number(text: str) -> str:
    """Upper case, half width, without spaces."""
    return "".join(unicodedata.normalize("NFKC", text).upper().split())


def is_number(number: str) -> bool:
    """Tell whether a normal text can be an invoice number: 8 to 30 digits, letters and hyphens.

    A fully digitized invoice has 20 digits; older ones 8, or 12 and 8 with the invoice code.
    """
    return _NUMBER.fullmatch(number) is not None


def kind_of(name: str, content: bytes) -> FileKind | Fault:
    """The kind of a file by its content, which must agree with its name; else the fault."""
    if not content:
        return Fault.EMPTY
    if len(content) > MAX_BYTES:
        return Fault.LARGE
    kind = _by_content(content)
    if isinstance(kind, Fault):
        return kind
    if not name.lower().endswith(kind.extensions):
        return Fault.MISMATCH
    return kind


def _by_content(content: bytes) -> FileKind | Fault:
    if content.startswith(b"%PDF-"):
        if b"%%EOF" not in content[-2048:]:
            return Fault.KIND
        return Fault.LOCKED if b"/Encrypt" in content else PDF
    if content.startswith(b"\x89PNG\r\n\x1a\n") and content[12:16] == b"IHDR":
        return PNG
    if content.startswith(b"\xff\xd8\xff") and content.rstrip(b"\x00").endswith(b"\xff\xd9"):
        return JPEG
    if content.startswith(b"PK\x03\x04"):
        return _by_archive(content)
    return Fault.KIND


def _by_archive(content: bytes) -> FileKind | Fault:
    """An OFD document (GB/T 33190) is a ZIP with OFD.xml at its root; nothing is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = {entry.filename: entry for entry in archive.infolist()}
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return Fault.KIND
    root = members.get("OFD.xml")
    if root is None:
        return Fault.KIND
    return Fault.LOCKED if root.flag_bits & 1 else OFD
