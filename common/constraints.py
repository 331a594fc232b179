"""Named constraints that every app repeats."""

from typing import Any

from django.db import models
from django.db.models import Q


def choices_constraint(
    field: str, choices: type[models.TextChoices], name: str
) -> models.CheckConstraint:
    """Repeat a TextChoices at the database."""
    return models.CheckConstraint(condition=Q(**{f"{field}__in": choices.values}), name=name)


def paired(verb: str, name: str) -> models.CheckConstraint:
    """Tie `<verb>_at` and `<verb>_by`: both set or both null."""
    return both_or_neither(f"{verb}_at", f"{verb}_by", name)


def both_or_neither(first: str, second: str, name: str) -> models.CheckConstraint:
    """Tie two nullable columns: both set or both null."""
    return models.CheckConstraint(
        condition=Q(**{f"{first}__isnull": True, f"{second}__isnull": True})
        | Q(**{f"{first}__isnull": False, f"{second}__isnull": False}),
        name=name,
    )


def set_exactly_in(
    field: str, status_values: list[str], timestamp: str, name: str
) -> models.CheckConstraint:
    """A timestamp exists exactly while the status is one of those values."""
    inside = Q(**{f"{field}__in": status_values})
    return models.CheckConstraint(
        condition=(inside & Q(**{f"{timestamp}__isnull": False}))
        | (~inside & Q(**{f"{timestamp}__isnull": True})),
        name=name,
    )


def positive(field: str, name: str, *, zero: bool = False) -> models.CheckConstraint:
    """A quantity above zero (or not below it)."""
    condition: dict[str, Any] = {f"{field}__gte" if zero else f"{field}__gt": 0}
    return models.CheckConstraint(condition=Q(**condition), name=name)
