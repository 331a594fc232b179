"""Puts the actor on the request."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from accounts.actions import actors


class ActorMiddleware:
    """Sets `request.actor` from the session: the user in the chosen (else first) organization."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Find the actor once for the request."""
        request.actor = (  # type: ignore[attr-defined]
            actors.from_session(
                user=request.user, organization_id=request.session.get("organization_id")
            )
            if request.user.is_authenticated
            else None
        )
        return self.get_response(request)
