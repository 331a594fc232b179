"""What needs somebody now, and what everybody may see: apps contribute to the first page.

Apps call `register` and `register_public` in `AppConfig.ready`, so that no package looks upward.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import ngettext

from common.components import Task, Tile
from common.statuses import Tone

Text = str | Promise


@dataclass(frozen=True, slots=True)
class HomeTask:
    """One line of "what needs you now": how many of what wait, and where. Zero is not shown."""

    label: Text
    count: int
    url: str
    tone: Tone = "warn"
    hint: Text = ""
    icon: str = "checklist"


@dataclass(frozen=True, slots=True)
class PublicSection:
    """One part of the public first page: a template that shows `context`."""

    template: str
    context: dict[str, Any]
    order: int = 50


TaskProvider = Callable[[Any, datetime], Sequence[HomeTask]]
"""`f(actor, at)`: at most one query; an empty list for an actor whom it does not concern."""

FigureProvider = Callable[[Any, datetime], Sequence[Tile]]
"""`f(actor, at)`: at most one query; an empty list for an actor whom it does not concern."""

PublicProvider = Callable[[datetime], PublicSection | None]
"""`f(at)`: None when there is nothing to show."""


@dataclass(slots=True)
class _Registry:
    tasks: list[TaskProvider] = field(default_factory=list)
    figures: list[FigureProvider] = field(default_factory=list)
    public: list[PublicProvider] = field(default_factory=list)


_registry = _Registry()
_URGENCY: dict[str, int] = {"bad": 0, "warn": 1, "info": 2, "neutral": 3, "good": 4}


def register(*providers: TaskProvider) -> None:
    """Add functions that tell what waits for an actor; a second registration is ignored."""
    _registry.tasks.extend(each for each in providers if each not in _registry.tasks)


def register_figures(*providers: FigureProvider) -> None:
    """Add functions that tell how an actor stands; a second registration is ignored."""
    _registry.figures.extend(each for each in providers if each not in _registry.figures)


def register_public(*providers: PublicProvider) -> None:
    """Add functions that make parts of the public first page; a second registration is ignored."""
    _registry.public.extend(each for each in providers if each not in _registry.public)


def tasks_for(actor: Any, at: datetime) -> list[HomeTask]:
    """What waits for the actor, the most urgent tone first, then in order of registration."""
    found = [task for provider in _registry.tasks for task in provider(actor, at) if task.count > 0]
    return sorted(found, key=lambda task: _URGENCY[task.tone])


def lines_for(actor: Any, at: datetime) -> list[Task]:
    """The same as lines of the page's task list."""
    return [
        Task(
            label=task.label,
            status=ngettext("%(count)d waits", "%(count)d wait", task.count)
            % {"count": task.count},
            tone=task.tone,
            icon=task.icon,
            url=task.url,
            hint=task.hint,
        )
        for task in tasks_for(actor, at)
    ]


def figures_for(actor: Any, at: datetime) -> list[Tile]:
    """How the actor stands, in order of registration."""
    return [tile for provider in _registry.figures for tile in provider(actor, at)]


def public_sections(at: datetime) -> list[PublicSection]:
    """The parts of the public first page, in order."""
    found = [provider(at) for provider in _registry.public]
    return sorted((each for each in found if each is not None), key=lambda each: each.order)
