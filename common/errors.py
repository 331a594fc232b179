"""The one error class that edges turn into a form error or a problem document."""

from collections.abc import Mapping
from typing import ClassVar

from django.utils.functional import Promise


class DomainError(Exception):
    """A refusal with a stable code, a message that says what to do next, and an HTTP status.

    `errors` maps a field name (form) or JSON pointer (API) to its own message.
    """

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 422
    retry_after_seconds: int | None = None

    def __init__(
        self,
        message: str | Promise,
        *,
        errors: Mapping[str, str | Promise] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.errors = dict(errors or {})

    def __str__(self) -> str:
        return str(self.message)


class Forbidden(DomainError):
    """The person may see the thing but not do this to it."""

    code = "forbidden"
    status = 403


class Conflict(DomainError):
    """The thing changed, or was already done otherwise."""

    code = "conflict"
    status = 409
