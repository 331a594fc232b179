"""One step of bulk work on one application: the same actions that an officer calls one by one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from accounts.access import Actor
from accounts.permissions import Permission
from common.periods import local_day
from vouchers.grants.actions import assessments, issuing, notices, queue, reviews
from vouchers.grants.models import (
    Application,
    ApplicationStatus,
    Assignment,
    BulkVerb,
    ReviewOutcome,
)

PERMISSIONS: Mapping[str, Permission] = {
    BulkVerb.PASS: Permission.APPLICATION_REVIEW,
    BulkVerb.REFUSE: Permission.APPLICATION_REVIEW,
    BulkVerb.NOTICE: Permission.VOUCHER_ISSUE,
    BulkVerb.ISSUE: Permission.VOUCHER_ISSUE,
}
OUTCOMES = {BulkVerb.PASS: ReviewOutcome.PASS, BulkVerb.REFUSE: ReviewOutcome.REFUSE}


@dataclass(frozen=True, slots=True)
class Step:
    """What is to be done: for a review the stage meant, so that a later stage is never decided by mistake."""

    verb: BulkVerb
    stage: str
    reason: str
    remark: str


def stage_of(application: Application) -> str:
    """The review that waits; empty when none does."""
    return queue.STAGE_OF.get(ApplicationStatus(application.status), "")


def take(*, by: Actor, application: Application, step: Step, at: datetime) -> int:
    """Take the step and answer the amount it is about in fen. Raises what the single actions raise."""
    if step.verb == BulkVerb.NOTICE:
        notices.publish(by=by, application=application, at=at)
        return application.granted_fen or 0
    if step.verb == BulkVerb.ISSUE:
        return issuing.issue(by=by, application=application, at=at).face_fen
    seen = Assignment.objects.filter(application=application).first()
    version = seen.version if seen else 0
    queue.claim(by=by, application=application, version=version, at=at)
    reviews.decide(
        by=by,
        application=application,
        stage=step.stage,
        outcome=OUTCOMES[step.verb],
        reason=step.reason,
        remark=step.remark,
        at=at,
    )
    return _amount_fen(application, at) if step.verb == BulkVerb.PASS else 0


def _amount_fen(application: Application, at: datetime) -> int:
    """What was granted; after a first review what the rules would grant today."""
    now = Application.objects.select_related("scheme", "enterprise").get(pk=application.pk)
    if now.granted_fen is not None:
        return now.granted_fen
    day = local_day(now.submitted_at or at)
    return assessments.of_application(application=now, day=day).amount_fen
