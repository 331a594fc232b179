"""Problem documents (RFC 9457) for the API."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler, set_rollback

from common.errors import DomainError

CONTENT_TYPE = "application/problem+json"


def document(
    *, status: int, code: str, detail: str, errors: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Members of a problem document: a stable `code`, words for people, messages by pointer."""
    body: dict[str, Any] = {
        "type": f"urn:puhui:problem:{code}",
        "title": code.replace("_", " "),
        "status": status,
        "code": code,
        "detail": detail,
    }
    if errors:
        body["errors"] = errors
    return body


def problem(
    *, status: int, code: str, detail: str, errors: dict[str, Any] | None = None
) -> Response:
    """A problem document as an API answer."""
    body = document(status=status, code=code, detail=detail, errors=errors)
    return Response(body, status=status, content_type=CONTENT_TYPE)


def _pointers(detail: Any, prefix: str = "") -> dict[str, Any]:
    """Flatten DRF's nested errors into JSON pointers."""
    if isinstance(detail, dict):
        found: dict[str, Any] = {}
        for key, value in detail.items():
            found.update(_pointers(value, f"{prefix}/{key}"))
        return found
    if isinstance(detail, list) and detail and isinstance(detail[0], dict | list):
        found = {}
        for index, value in enumerate(detail):
            found.update(_pointers(value, f"{prefix}/{index}"))
        return found
    texts = detail if isinstance(detail, list) else [detail]
    return {prefix or "/": [str(text) for text in texts]}


def problem_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF exception handler: every refusal becomes a problem document."""
    if isinstance(error, DomainError):
        set_rollback()
        pointers = {f"/{name.strip('/')}": [str(text)] for name, text in error.errors.items()}
        answer = problem(
            status=error.status, code=error.code, detail=str(error.message), errors=pointers
        )
        if error.retry_after_seconds is not None:
            answer["Retry-After"] = str(error.retry_after_seconds)
        return answer
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    given = exception_handler(error, context)
    if given is None or not isinstance(error, exceptions.APIException):
        return given
    headers = {name: given[name] for name in ("WWW-Authenticate", "Retry-After") if name in given}
    if isinstance(error, exceptions.ValidationError):
        shaped = problem(
            status=given.status_code,
            code="invalid",
            detail="Some fields are missing or wrong. Correct them and send the request again.",
            errors=_pointers(error.detail),
        )
    else:
        codes = error.get_codes()
        code = codes if isinstance(codes, str) else error.default_code
        shaped = problem(status=given.status_code, code=str(code), detail=str(error.detail))
    for name, value in headers.items():
        shaped[name] = value
    return shaped
