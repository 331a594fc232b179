"""Files kept in the database: each with the SHA-256 of its content."""

import hashlib
from datetime import datetime

from django.core.files import File

from common import attachments
from common.models import StoredFile


def sha256(content: bytes) -> str:
    """The digest by which a content is known again, in lower-case hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def keep(
    *, organization_id: int, name: str, content_type: str, content: bytes, at: datetime
) -> StoredFile:
    """Keep content that was looked at or produced here, for the organization that it belongs to."""
    return StoredFile.objects.create(
        organization_id=organization_id,
        name=name,
        content_type=content_type,
        size_bytes=len(content),
        sha256=sha256(content),
        content=content,
        created_at=at,
    )


def attach(*, file: "File[bytes]", organization_id: int, at: datetime) -> StoredFile:
    """Look at a file that a person chose, and keep it; raises attachments.FileRefused."""
    name, content_type, content = attachments.read(file=file)
    return keep(
        organization_id=organization_id,
        name=name,
        content_type=content_type,
        content=content,
        at=at,
    )
