"""Sends stored and produced files: always as an attachment, never to be shown in place."""

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from common.models import StoredFile


def stored(file: StoredFile) -> HttpResponse:
    """An uploaded file, under its own name."""
    return attachment(bytes(file.content), file.content_type, file.name)


def attachment(content: bytes, content_type: str, name: str) -> HttpResponse:
    """Bytes to be saved; no browser guesses another type, no cache keeps them."""
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
