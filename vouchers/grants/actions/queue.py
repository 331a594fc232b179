"""Claims: one officer at a time works on an application (领办), and only that officer decides."""

from datetime import datetime

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from accounts.access import Actor
from accounts.actions import trail
from accounts.permissions import Permission
from common import states
from common.display import moment_text
from common.errors import Conflict, Forbidden
from vouchers.grants.actions import desk, recusals
from vouchers.grants.models import Application, ApplicationStatus, Assignment, ReviewStage

STAGE_OF = {
    ApplicationStatus.SUBMITTED: ReviewStage.FIRST,
    ApplicationStatus.FIRST_PASSED: ReviewStage.SECOND,
}


class ClaimedByAnother(Conflict):
    """Another officer works on the application."""

    code = "claimed_by_another"


class ClaimChanged(Conflict):
    """The claim changed since the page was shown."""

    code = "claim_changed"


class NotClaimed(Conflict):
    """Nobody decides without having claimed the application."""

    code = "not_claimed"


def of(*, application: Application) -> Assignment:
    """Who works on an application; an unsaved one of version 0 when nobody ever claimed it."""
    found = Assignment.objects.select_related("claimed_by").filter(application=application).first()
    return found or Assignment(application=application)


@transaction.atomic
def claim(*, by: Actor, application: Application, version: int, at: datetime) -> Assignment:
    """Take an application to work on it, until the end of the desk's last working day for claims.

    `version` is the one that the officer saw (0 when nobody ever claimed it). Of two officers the UPDATE lets
    exactly one through. A second click answers the claim there is. Raises ClaimedByAnother, ClaimChanged,
    recusals.ApprovalByApplicant, recusals.SameReviewer, states.WrongState, Forbidden.
    """
    by.require(Permission.APPLICATION_REVIEW)
    seen, _created = Assignment.objects.get_or_create(application=application)
    if seen.is_held_at(at) and seen.claimed_by_id == by.user.pk:
        return seen
    _require_claimable(by, application)
    _require_free(seen, version, at)
    free = Q(claimed_by__isnull=True) | Q(expires_at__lte=at)
    ends = desk.claim_ends(rules=desk.rules_of(bureau=by.own()), at=at)
    won = Assignment.objects.filter(free, pk=seen.pk, version=version).update(
        version=F("version") + 1, claimed_at=at, claimed_by=by.user, expires_at=ends
    )
    if won != 1:
        raise _changed()
    data = {"version": version + 1, "until": ends.isoformat()}
    if seen.claimed_by is not None:
        data["ran_out_for"] = seen.claimed_by.code
    trail.record(by=by, at=at, verb="claimed", subject=application, data=data)
    seen.refresh_from_db()
    return seen


@transaction.atomic
def release(*, by: Actor, application: Application, at: datetime) -> Assignment:
    """Give an application back to the team; a second click changes nothing.

    Raises ClaimedByAnother, Forbidden.
    """
    by.require(Permission.APPLICATION_REVIEW)
    _require_own_bureau(by, application)
    seen, _created = Assignment.objects.get_or_create(application=application)
    if seen.claimed_by is None:
        return seen
    if seen.claimed_by_id != by.user.pk:
        raise _held(seen)
    if _end(seen):
        trail.record(
            by=by, at=at, verb="released", subject=application, data={"version": seen.version + 1}
        )
    seen.refresh_from_db()
    return seen


def require_mine(*, by: Actor, application: Application, at: datetime) -> Assignment:
    """The claim of whoever decides, locked. Raises NotClaimed, ClaimedByAnother."""
    rows = Assignment.objects.select_for_update(of=("self",)).select_related("claimed_by")
    held = rows.filter(application=application).first()
    if held is None or not held.is_held_at(at):
        raise NotClaimed(_("Claim the application first; then you can decide on it."))
    if held.claimed_by_id != by.user.pk:
        raise _held(held)
    return held


def finish(*, claim: Assignment) -> None:
    """End a claim whose work is done; the step after it is anybody's."""
    _end(claim)


def _end(seen: Assignment) -> bool:
    mine = Assignment.objects.filter(
        pk=seen.pk, version=seen.version, claimed_by=seen.claimed_by_id
    )
    ended = mine.update(version=F("version") + 1, claimed_at=None, claimed_by=None, expires_at=None)
    return ended == 1


def _require_claimable(by: Actor, application: Application) -> None:
    _require_own_bureau(by, application)
    application.refresh_from_db(fields=["status"])
    if application.status not in STAGE_OF:
        raise states.WrongState(
            _("No review is due on this application. Reload the page to see the present state.")
        )
    recusals.require_stranger(person=by.user, enterprise_ids=[application.enterprise_id])
    recusals.require_undecided(person=by.user, application=application)


def _require_own_bureau(by: Actor, application: Application) -> None:
    if application.scheme.bureau_id != by.own().pk:
        raise Forbidden(_("This application belongs to another bureau."))


def _require_free(seen: Assignment, version: int, at: datetime) -> None:
    if seen.is_held_at(at):
        raise _held(seen)
    if seen.version != version:
        raise _changed()


def _held(seen: Assignment) -> ClaimedByAnother:
    until = moment_text(seen.last_day) if seen.last_day else ""
    return ClaimedByAnother(
        _("%(officer)s works on this application until %(until)s. Choose another one.")
        % {"officer": seen.claimed_by, "until": until}
    )


def _changed() -> ClaimChanged:
    return ClaimChanged(
        _("The claim changed a moment ago. Reload the page and see who has the application.")
    )
