"""The audit trail."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Protocol

from accounts.access import Actor
from accounts.models import Event


class Coded(Protocol):
    """Anything with a public id."""

    @property
    def code(self) -> str:
        """The public id."""


def record(
    *, by: Actor | None, at: datetime, verb: str, subject: Coded, data: dict[str, Any] | None = None
) -> Event:
    """Append who did what, inside the action's transaction; `by` is None for the system itself."""
    return record_each(by=by, at=at, verb=verb, subjects=[subject], data=data)[0]


def record_each(
    *,
    by: Actor | None,
    at: datetime,
    verb: str,
    subjects: Sequence[Coded],
    data: dict[str, Any] | None = None,
) -> list[Event]:
    """Append that the same was done to several; one statement."""
    return record_rows(by=by, at=at, verb=verb, rows=[(subject, data) for subject in subjects])


def record_rows(
    *,
    by: Actor | None,
    at: datetime,
    verb: str,
    rows: Iterable[tuple[Coded, dict[str, Any] | None]],
) -> list[Event]:
    """Append an event for each subject with data of its own; one statement."""
    key = by.key if by else None
    return Event.objects.bulk_create(
        Event(
            at=at,
            by=by.user if by and key is None else None,
            by_key=key,
            organization=by.organization if by else None,
            verb=verb,
            subject=type(subject).__name__.lower(),
            subject_code=subject.code,
            data=data or {},
        )
        for subject, data in rows
    )
