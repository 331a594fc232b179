"""States move through one function: a table, then a conditional UPDATE that must hit one row."""

from collections.abc import Mapping
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from common.errors import Conflict

Transitions = Mapping[str, frozenset[str]]


class WrongState(Conflict):
    """The object is not in a state from which this step is possible."""

    code = "wrong_state"


def require(
    instance: models.Model, *, to: str, transitions: Transitions, field: str = "status"
) -> None:
    """Raise WrongState unless the table has the step: a look before long checks; `move` decides."""
    if to not in transitions.get(getattr(instance, field), frozenset()):
        raise WrongState(
            _("This step is not possible any more. Reload the page to see the present state.")
        )


def move(
    instance: models.Model,
    *,
    to: str,
    transitions: Transitions,
    field: str = "status",
    **values: Any,
) -> None:
    """Move `instance.field` to `to` and set `values` in the same UPDATE.

    Filtered on the state the caller saw: of two racing callers exactly one succeeds; the other gets
    WrongState.
    """
    require(instance, to=to, transitions=transitions, field=field)
    seen = getattr(instance, field)
    manager = type(instance)._default_manager  # noqa: SLF001 - documented API
    changed = manager.filter(pk=instance.pk, **{field: seen}).update(**{field: to}, **values)
    if changed != 1:
        raise WrongState(
            _("Somebody else changed this a moment ago. Reload the page to see the present state.")
        )
    setattr(instance, field, to)
    for name, value in values.items():
        setattr(instance, name, value)


def move_each(
    rows: models.QuerySet[Any],
    *,
    seen: str,
    to: str,
    transitions: Transitions,
    field: str = "status",
    **values: Any,
) -> int:
    """Move all of the rows that are in the state `seen`, in one UPDATE; returns how many.

    Raises WrongState when the table has no such step.
    """
    if to not in transitions.get(seen, frozenset()):
        raise WrongState(
            _("This step is not possible any more. Reload the page to see the present state.")
        )
    return rows.filter(**{field: seen}).update(**{field: to}, **values)
