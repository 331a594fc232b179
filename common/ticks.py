"""When each scheduled task last succeeded or failed, for the operations page."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, ParamSpec, TypeVar

from celery import Task, signals
from django.conf import settings
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.module_loading import autodiscover_modules

from common.models import Tick

P = ParamSpec("P")
R = TypeVar("R")

_titles: dict[str, str | Promise] = {}


@dataclass(frozen=True, slots=True)
class TickState:
    """A scheduled task with its record.

    `title` says what it does, in words; `every` is the schedule as configured.
    """

    name: str
    title: str | Promise
    every: object
    succeeded_at: datetime | None = None
    failed_at: datetime | None = None
    error: str = ""

    @property
    def is_failing(self) -> bool:
        """Tell whether the last thing that happened was a failure."""
        if self.failed_at is None:
            return False
        return self.succeeded_at is None or self.succeeded_at < self.failed_at


def titled(title: str | Promise) -> Callable[[Task[P, R]], Task[P, R]]:
    """Give a scheduled task the words under which the operations page shows it."""

    def keep(task: Task[P, R]) -> Task[P, R]:
        _titles[task.name] = title
        return task

    return keep


def scheduled() -> list[TickState]:
    """Every task of the schedule, also those that never ran. One query."""
    _load_tasks()
    plan = settings.CELERY_BEAT_SCHEDULE.values()
    every = {str(entry["task"]): entry["schedule"] for entry in plan}
    rows = {row.name: row for row in Tick.objects.filter(name__in=every)}
    return [_state(name, every[name], rows.get(name)) for name in sorted(every)]


def record_success(*, name: str, at: datetime) -> None:
    """Write down that a task went through."""
    if Tick.objects.filter(name=name).update(succeeded_at=at) == 0:
        Tick.objects.update_or_create(name=name, defaults={"succeeded_at": at})


def record_failure(*, name: str, at: datetime, error: str) -> None:
    """Write down that a task broke, and how."""
    Tick.objects.update_or_create(name=name, defaults={"failed_at": at, "error": error[:300]})


@cache
def _load_tasks() -> None:
    """Import the modules that define tasks, which only workers do by themselves."""
    autodiscover_modules("tasks")


def _state(name: str, every: object, row: Tick | None) -> TickState:
    title = _titles.get(name, name)
    if row is None:
        return TickState(name, title, every)
    return TickState(name, title, every, row.succeeded_at, row.failed_at, row.error)


def _is_scheduled(name: str) -> bool:
    return any(entry["task"] == name for entry in settings.CELERY_BEAT_SCHEDULE.values())


def _succeeded(sender: Any = None, **_more: Any) -> None:
    if sender is not None and _is_scheduled(sender.name):
        record_success(name=sender.name, at=timezone.now())


def _failed(sender: Any = None, exception: BaseException | None = None, **_more: Any) -> None:
    if sender is not None and _is_scheduled(sender.name):
        record_failure(
            name=sender.name, at=timezone.now(), error=f"{type(exception).__name__}: {exception}"
        )


def watch() -> None:
    """Listen to the workers; called once when the app is ready."""
    signals.task_success.connect(_succeeded, dispatch_uid="common.ticks.succeeded")
    signals.task_failure.connect(_failed, dispatch_uid="common.ticks.failed")
