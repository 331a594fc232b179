"""Sends attached files: always as an attachment, never to be shown in place."""

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from common.models import StoredFile


def attachment(stored: StoredFile) -> HttpResponse:
    """Bytes to be saved: no browser guesses another type, runs or shows them, no cache keeps them."""
    response = HttpResponse(bytes(stored.content), content_type=stored.content_type)
    response["Content-Disposition"] = content_disposition_header(True, stored.name) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
