"""Saving what an application states, page by page, without one window overwriting another."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.actions import trail
from accounts.permissions import Permission
from common import states
from common.errors import Conflict
from common.periods import local_day
from vouchers.grants.actions import answers
from vouchers.grants.actions.applications import TRANSITIONS, Status, lock_own
from vouchers.grants.models import Application


class DraftChanged(Conflict):
    """The section was changed elsewhere since it was shown; `application` holds what stands there now."""

    code = "draft_changed"

    def __init__(self, application: Application) -> None:
        super().__init__(
            _(
                "This section was changed in another window or by a colleague. "
                "Compare both versions, then save again to keep yours."
            )
        )
        self.application = application


@transaction.atomic
def save(
    *,
    by: Actor,
    application: Application,
    values: Mapping[str, Any],
    seen: int | None = None,
    at: datetime,
) -> Application:
    """Change some values of a draft; a prepared application goes back to draft.

    `values` are by key, amounts of columns in fen, the others as vouchers.grants.rules.facts spells them. `seen` is
    the version that whoever saves had in front of them; None overwrites. Saving what stands there already changes
    nothing. Locks the application. Raises DraftChanged, ApplicationInvalid, states.WrongState.
    """
    by.require(Permission.APPLICATION_PREPARE)
    locked = lock_own(by, application)
    if locked.status not in {Status.DRAFT, Status.PREPARED}:
        raise states.WrongState(
            _(
                "The application was handed in and cannot be changed. Withdraw it and begin a new one."
            )
        )
    answers.require_valid(locked.scheme, values, local_day(at))
    changes = answers.changes(locked, values)
    if not changes:
        return locked
    touched = answers.sections_touched(locked.scheme, changes)
    if seen is not None and any(locked.section_versions.get(name, 1) > seen for name in touched):
        raise DraftChanged(locked)
    if locked.status == Status.PREPARED:
        states.move(
            locked, to=Status.DRAFT, transitions=TRANSITIONS, prepared_at=None, prepared_by=None
        )
    write(locked, values, touched, by, at)
    trail.record(by=by, at=at, verb="changed", subject=locked, data={"fields": sorted(changes)})
    return locked


def write(
    locked: Application, values: Mapping[str, Any], touched: set[str], by: Actor, at: datetime
) -> None:
    """Store values in a locked application and count the change."""
    columns = answers.apply(locked, values)
    locked.version += 1
    locked.section_versions = {**locked.section_versions, **dict.fromkeys(touched, locked.version)}
    locked.saved_at, locked.saved_by = at, by.user
    counted = ["version", "section_versions", "saved_at", "saved_by"]
    locked.save(update_fields=[*columns, *counted])
