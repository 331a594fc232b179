"""Reviews: two decisions by two humans, neither of them from the applicant."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.actions import trail
from accounts.models import Membership, User
from accounts.permissions import Permission
from common import states
from common.errors import Conflict, DomainError, Forbidden
from common.periods import local_day
from vouchers.grants import notifying, wording
from vouchers.grants.actions import assessments
from vouchers.grants.actions.applications import TRANSITIONS, Status
from vouchers.grants.models import Application, Review, ReviewOutcome, ReviewStage
from vouchers.grants.rules import refusals
from vouchers.grants.rules.schemes import from_json

STAGE_OF = {Status.SUBMITTED: ReviewStage.FIRST, Status.FIRST_PASSED: ReviewStage.SECOND}
PASSED = {ReviewStage.FIRST: Status.FIRST_PASSED, ReviewStage.SECOND: Status.APPROVED}


class ApprovalByApplicant(Forbidden):
    """The officer is, or was, a member of the applying enterprise."""

    code = "approval_by_applicant"


class SameReviewer(Forbidden):
    """The officer already decided on this application."""

    code = "same_reviewer"


class ReasonMissing(DomainError):
    """A refusal without a code of the closed list."""

    code = "refusal_reason_missing"


class NotEligible(Conflict):
    """The rules do not allow what the officer wants to approve; `refusals` are their codes."""

    code = "not_eligible"

    def __init__(self, codes: tuple[str, ...]) -> None:
        sentences = " ".join(wording.refusal(code) for code in codes)
        super().__init__(
            _("The rules do not allow this approval: %(reasons)s Refuse with that reason.")
            % {"reasons": sentences}
        )
        self.refusals = codes


@transaction.atomic
def decide(
    *,
    by: Actor,
    application: Application,
    stage: str,
    outcome: str,
    reason: str = "",
    remark: str = "",
    at: datetime,
) -> Review:
    """Pass or refuse at one stage. The second pass stores the assessment and the amount granted.

    Locks the application. The same decision of the same person again (a double click) answers the first one.
    Raises ApprovalByApplicant, SameReviewer, ReasonMissing, NotEligible, states.WrongState.
    """
    by.require(Permission.APPLICATION_REVIEW)
    locked = _lock(by, application)
    _require_stranger(by.user, locked)
    earlier = list(locked.reviews.select_related("decided_by").order_by("pk"))
    for review in earlier:
        if (review.stage, review.outcome, review.decided_by_id) == (stage, outcome, by.user.pk):
            return review
    _require_at_stage(locked, stage)
    if any(review.decided_by.is_same_person(by.user) for review in earlier):
        raise SameReviewer(_("You did the first review. The second one needs another person."))
    if outcome == ReviewOutcome.PASS:
        _pass(locked, ReviewStage(stage), at)
    else:
        _refuse(locked, reason)
    review = Review.objects.create(
        application=locked,
        stage=stage,
        outcome=ReviewOutcome(outcome),
        reason=reason if outcome == ReviewOutcome.REFUSE else "",
        remark=remark.strip(),
        decided_at=at,
        decided_by=by.user,
    )
    trail.record(
        by=by,
        at=at,
        verb="reviewed",
        subject=locked,
        data={"stage": review.stage, "outcome": review.outcome, "reason": review.reason},
    )
    _tell(locked, review, at)
    return review


def _tell(application: Application, review: Review, at: datetime) -> None:
    """Tell the applicant of a refusal, or of the second pass."""
    if review.outcome == ReviewOutcome.REFUSE:
        notifying.tell_applicant(
            "application_refused",
            application=application,
            once=str(review.pk),
            reason=notifying.refusal(review.reason),
            at=at,
        )
    elif review.stage == ReviewStage.SECOND:
        application.refresh_from_db(fields=["granted_fen"])
        notifying.tell_applicant(
            "application_approved",
            application=application,
            once=str(review.pk),
            granted_fen=application.granted_fen or 0,
            at=at,
        )


def may_decide(*, by: Actor, application: Application) -> str:
    """The code of the refusal that `by` would meet at the present stage for reasons of person; "" for none."""
    try:
        _require_stranger(by.user, application)
    except ApprovalByApplicant:
        return ApprovalByApplicant.code
    decided = application.reviews.select_related("decided_by")
    if any(review.decided_by.is_same_person(by.user) for review in decided):
        return SameReviewer.code
    return ""


def _lock(by: Actor, application: Application) -> Application:
    locked = (
        Application.objects.select_for_update(of=("self",))
        .select_related("scheme", "enterprise")
        .get(pk=application.pk)
    )
    if locked.scheme.bureau_id != by.own().pk:
        raise Forbidden(_("This application belongs to another bureau."))
    return locked


def _refuse(application: Application, reason: str) -> None:
    if reason not in refusals.REFUSALS:
        raise ReasonMissing(
            _("Choose the reason of the refusal."),
            errors={"reason": _("Choose a reason of the list.")},
        )
    states.move(application, to=Status.REJECTED, transitions=TRANSITIONS)


def _pass(application: Application, stage: ReviewStage, at: datetime) -> None:
    """Move on; NotEligible when a rule fails. At the second stage the answer of the rules is recorded."""
    assessed_on = application.submitted_at or at
    answer = assessments.of_application(application=application, day=local_day(assessed_on))
    if answer.refusals:
        raise NotEligible(answer.refusals)
    values: dict[str, Any] = {}
    if stage == ReviewStage.SECOND:
        record = assessments.as_json(answer, from_json(application.scheme.rules))
        values = {"granted_fen": answer.amount_fen, "assessment": record}
    states.move(application, to=PASSED[stage], transitions=TRANSITIONS, **values)


def _require_at_stage(application: Application, stage: str) -> None:
    if STAGE_OF.get(Status(application.status)) != stage:
        raise states.WrongState(
            _("This step is not possible any more. Reload the page to see the present state.")
        )


def _require_stranger(person: User, application: Application) -> None:
    """Nobody who is or ever was a member of the applicant decides, under any account of that human."""
    same_human = Q(user=person)
    if person.person_key:
        same_human |= Q(user__person_key=person.person_key)
    if Membership.objects.filter(same_human, organization=application.enterprise_id).exists():
        raise ApprovalByApplicant(
            _("You belong or belonged to the applying enterprise. Another officer must decide.")
        )
