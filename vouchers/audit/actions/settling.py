"""Settles large batches as work with progress; small ones at once."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.actions import actors
from accounts.models import Organization, User
from accounts.permissions import Permission
from common import jobs
from common.errors import DomainError, Forbidden
from common.models import Job
from vouchers.audit.actions import settlements
from vouchers.audit.models import ClaimLine, ClaimStatus, Settlement
from vouchers.grants.models import Scheme

KIND = "settle"
TASK = "vouchers.audit.run_settling"
AT_ONCE = 5_000
"""Lines that are settled while the person waits; more become work with progress."""
PATIENCE = timedelta(seconds=30)


@transaction.atomic
def begin(
    *, by: Actor, scheme: Scheme, preview_sha256: str, at: datetime
) -> tuple[Settlement | None, Job | None]:
    """Settle what was shown: the settlement, or for many lines the job that makes it.

    Raises as `settlements.create`.
    """
    by.require(Permission.SETTLEMENT_PREPARE)
    if scheme.bureau_id != by.own().pk:
        raise Forbidden(_("This scheme belongs to another bureau."))
    passed = ClaimLine.objects.filter(claim__scheme=scheme, claim__status=ClaimStatus.PASSED)
    if passed.count() <= AT_ONCE:
        made = settlements.create(by=by, scheme=scheme, preview_sha256=preview_sha256, at=at)
        return made, None
    running = jobs.unfinished(kind=KIND, owner_id=by.user.pk, since=at - timedelta(hours=1))
    if running is not None:
        return None, running
    claims = passed.values("claim").distinct().count()
    job = jobs.start(kind=KIND, owner_id=by.user.pk, total_count=claims + 1, at=at)
    Job.objects.filter(pk=job.pk).update(
        result={"scheme": scheme.pk, "bureau": by.own().pk, "preview_sha256": preview_sha256}
    )
    jobs.ring(task=TASK, job=job)
    return None, job


def carry_out(*, code: str, at: datetime) -> Job | None:
    """Take up one started settling; None when somebody else has it or it is done. A refusal is its end, in words."""
    job = jobs.take(kind=KIND, code=code)
    if job is None:
        return None
    asked = job.result
    by = actors.for_member(
        user=User.objects.get(pk=job.owner_id),
        organization=Organization.objects.get(pk=asked["bureau"]),
    )
    try:
        made = settlements.create(
            by=by,
            scheme=Scheme.objects.select_related("bureau").get(pk=asked["scheme"]),
            preview_sha256=asked["preview_sha256"],
            at=at,
            progress=_shown(job),
        )
    except DomainError as refusal:
        jobs.fail(job=job, reason=str(refusal), at=at)
        return job
    except Exception as error:
        jobs.fail(job=job, reason=f"{type(error).__name__}: {error}", at=at)
        raise
    jobs.finish(job=job, result={**asked, "settlement": made.code}, at=at)
    return job


def left_behind(*, at: datetime) -> list[str]:
    """Codes of settlings that were started and not taken up in time."""
    return jobs.waiting(kind=KIND, before=at - PATIENCE)


def _shown(job: Job) -> Callable[[int], None]:
    step = max(job.total_count // 50, 1)

    def progress(done: int) -> None:
        if done % step == 0:
            jobs.advance_aside(job=job, done_count=done)

    return progress
