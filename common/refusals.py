"""Problem pages: refusals and missing pages in words, or as problem documents below /api/."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views import defaults

from common.errors import DomainError
from common.problems import CONTENT_TYPE, document

API_PREFIX = "/api/"


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404 as a page, or as a problem document below /api/."""
    if request.path.startswith(API_PREFIX):
        return _problem(404, "not_found", _("There is nothing at this address."))
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """500 as a page, or as a problem document below /api/."""
    if request.path.startswith(API_PREFIX):
        return _problem(
            500, "server_error", _("Something broke on our side. Try again in a minute.")
        )
    return defaults.server_error(request)


def _problem(status: int, code: str, detail: str) -> HttpResponse:
    body = document(status=status, code=code, detail=detail)
    return JsonResponse(body, status=status, content_type=CONTENT_TYPE)


class RefusalMiddleware:
    """A DomainError that no form caught becomes a page with its reason, code and next step."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer refusals; leave every other error to Django."""
        if not isinstance(error, DomainError):
            return None
        context: dict[str, object] = {
            "title": _("This is not possible"),
            "message": error.message,
            "code": error.code,
            "reasons": [],
            "next_url": request.path if request.method == "POST" else "",
            "next_label": _("Back to the page"),
        }
        answer = render(request, "common/refusal.html", context, status=error.status)
        if error.retry_after_seconds is not None:
            answer["Retry-After"] = str(error.retry_after_seconds)
        return answer
