"""Runs the invariants and keeps the results for the operations page."""

from datetime import datetime, timedelta

from django.db import transaction

from accounts.access import Actor
from accounts.permissions import Permission
from common import jobs
from common.models import Job
from vouchers.audit.actions import invariants
from vouchers.audit.models import CheckRun

KIND = "check_ledger"
TASK = "vouchers.audit.run_check"
EXAMPLES = 5
PATIENCE = timedelta(seconds=30)
"""A started job that nobody took up after this time has lost its bell and is rung again."""


@transaction.atomic
def start(*, by: Actor, at: datetime) -> Job:
    """Start a check that a worker carries out; a second click gets the one under way."""
    by.require(Permission.OPERATIONS_VIEW)
    running = jobs.unfinished(kind=KIND, owner_id=by.user.pk, since=at - timedelta(hours=1))
    if running is not None:
        return running
    total = len(invariants.queries())
    job = jobs.start(kind=KIND, owner_id=by.user.pk, total_count=total, at=at)
    jobs.ring(task=TASK, job=job)
    return job


def run(*, at: datetime) -> list[CheckRun]:
    """Hold all invariants against the database and keep the results: the hourly check."""
    return _keep(invariants.check(at=at), at)


def carry_out(*, code: str, at: datetime) -> Job | None:
    """Take up one started check, with progress; None when somebody else has it or it is done."""
    job = jobs.take(kind=KIND, code=code)
    if job is None:
        return None
    try:
        results = invariants.check(
            at=at, full=True, progress=lambda done: jobs.advance(job=job, done_count=done)
        )
        _keep(results, at)
    except Exception as error:
        jobs.fail(job=job, reason=f"{type(error).__name__}: {error}", at=at)
        raise
    broken = [result.name for result in results if not result.holds]
    jobs.finish(job=job, result={"broken": broken}, at=at)
    return job


def left_behind(*, at: datetime) -> list[str]:
    """Codes of checks that were started and not taken up in time."""
    return jobs.waiting(kind=KIND, before=at - PATIENCE)


def _keep(results: list[invariants.Result], at: datetime) -> list[CheckRun]:
    return CheckRun.objects.bulk_create(
        CheckRun(
            name=result.name,
            checked_at=at,
            broken_rows=len(result.rows),
            examples=result.rows[:EXAMPLES],
            duration_ms=result.duration_ms,
        )
        for result in results
    )
