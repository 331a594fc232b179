"""Lets go of what a request sent as soon as it is answered."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse


class BodyMiddleware:
    """Drops the body of an answered request, and the server's stream it came from.

    A request refers to itself (through its lazy nonce, its parsers), so that it stays until the collector comes, which
    is seldom: without this each process held the megabytes of a hundred reports of usage.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, then forget what was sent; whoever reads it later finds nothing."""
        try:
            return self.get_response(request)
        finally:
            getattr(request, "environ", {}).pop("wsgi.input", None)
            for name in ("_stream", "_body"):
                request.__dict__.pop(name, None)
