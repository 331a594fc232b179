"""Reviews: two decisions by two humans, neither of them from the applicant."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.actions import trail
from accounts.permissions import Permission
from common import states
from common.errors import Conflict, DomainError, Forbidden
from common.periods import local_day
from vouchers.grants import notifying, wording
from vouchers.grants.actions import (
    assessments,
    letters,
    queue,
    recusals,
    snapshots,
    suspensions,
)
from vouchers.grants.actions.applications import TRANSITIONS, Status
from vouchers.grants.actions.queue import STAGE_OF
from vouchers.grants.models import Application, LetterKind, Review, ReviewOutcome, ReviewStage
from vouchers.grants.rules import refusals
from vouchers.grants.rules.schemes import from_json

PASSED = {ReviewStage.FIRST: Status.FIRST_PASSED, ReviewStage.SECOND: Status.APPROVED}


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

    Only whoever claimed the application decides, and the decision ends the claim. Locks the application, then the
    claim. The same decision of the same person again (a double click) answers the first one. Raises
    recusals.ApprovalByApplicant, recusals.SameReviewer, queue.NotClaimed, queue.ClaimedByAnother, ReasonMissing,
    NotEligible, suspensions.Suspended, states.WrongState.
    """
    by.require(Permission.APPLICATION_REVIEW)
    locked = _lock(by, application)
    recusals.require_stranger(person=by.user, enterprise_ids=[locked.enterprise_id])
    earlier = locked.reviews.filter(stage=stage, outcome=outcome, decided_by=by.user).first()
    if earlier is not None:
        return earlier
    _require_at_stage(locked, stage)
    recusals.require_undecided(person=by.user, application=locked)
    claim = queue.require_mine(by=by, application=locked, at=at)
    snapshot = snapshots.of(application=locked)
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
        snapshot=snapshot,
        decided_at=at,
        decided_by=by.user,
    )
    queue.finish(claim=claim)
    trail.record(
        by=by,
        at=at,
        verb="reviewed",
        subject=locked,
        data={"stage": review.stage, "outcome": review.outcome, "reason": review.reason},
    )
    _tell(locked, review, at)
    return review


def _lock(by: Actor, application: Application) -> Application:
    locked = (
        Application.objects.select_for_update(of=("self",))
        .select_related("scheme__bureau", "enterprise")
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
    suspensions.require_none(
        bureau=application.scheme.bureau, organization_ids=[application.enterprise_id], at=at
    )
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


def _tell(application: Application, review: Review, at: datetime) -> None:
    """Write to the applicant when the reviews are over."""
    if review.outcome == ReviewOutcome.REFUSE:
        letters.send(
            kind=LetterKind.REFUSED,
            application=application,
            occasion=review.stage,
            at=at,
            reason=refusals.REFUSALS[review.reason],
            remark=review.remark,
        )
        notifying.tell_applicant(
            "application_refused",
            application=application,
            once=str(review.pk),
            reason=notifying.refusal(review.reason),
            at=at,
        )
    elif review.stage == ReviewStage.SECOND:
        letters.send(
            kind=LetterKind.APPROVED,
            application=application,
            occasion=review.stage,
            at=at,
            amount=application.granted_fen or 0,
            remark=review.remark,
        )
        notifying.tell_applicant(
            "application_approved",
            application=application,
            once=str(review.pk),
            granted_fen=application.granted_fen or 0,
            at=at,
        )
