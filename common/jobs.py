"""Long work that people watch: started by a person, carried on by a task, looked at on its page.

Progress is written outside the work's own transaction, else nobody would see it before the end.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from celery import current_app
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Greatest, Least
from django.urls import reverse
from django.utils.functional import Promise
from kombu.exceptions import OperationalError

from common import states
from common.codes import new_code
from common.models import Job, JobStatus

Text = str | Promise


@dataclass(frozen=True, slots=True)
class JobKind:
    """What people call work of one kind, and the page that holds its result."""

    label: Text
    result_url_name: str

    @property
    def result_url(self) -> str:
        """Address of the page with the result."""
        return reverse(self.result_url_name)


_kinds: dict[str, JobKind] = {}


def register(kind: str, look: JobKind) -> None:
    """Name a kind of work; apps call it in `AppConfig.ready`."""
    _kinds[kind] = look


def kind_of(job: Job) -> JobKind:
    """What people call this work."""
    return _kinds.get(job.kind, JobKind(job.kind, "home"))


log = structlog.get_logger(__name__)

TRANSITIONS: states.Transitions = {
    JobStatus.WAITING: frozenset({JobStatus.RUNNING, JobStatus.FAILED}),
    JobStatus.RUNNING: frozenset({JobStatus.DONE, JobStatus.FAILED}),
}


def start(*, kind: str, owner_id: int, total_count: int, at: datetime) -> Job:
    """Write down new work for a task of that kind; `owner_id` is the user who may look at it."""
    return Job.objects.create(
        code=new_code("JB"), kind=kind, owner_id=owner_id, total_count=total_count, created_at=at
    )


def unfinished(*, kind: str, owner_id: int, since: datetime) -> Job | None:
    """The owner's newest job of that kind that is not finished, if any."""
    return (
        Job.objects.filter(
            kind=kind,
            owner_id=owner_id,
            created_at__gte=since,
            status__in=[JobStatus.WAITING, JobStatus.RUNNING],
        )
        .order_by("-created_at", "-pk")
        .first()
    )


def ring(*, task: str, job: Job) -> None:
    """Tell a worker after the commit; without a broker the job waits for the next tick."""
    transaction.on_commit(lambda: _send(task, job.code))


def _send(task: str, code: str) -> None:
    try:
        current_app.send_task(task, args=[code])
    except OperationalError:
        log.warning("job.bell_not_rung", task=task, job=code)


def take(*, kind: str, code: str) -> Job | None:
    """Take up one waiting job; None when another worker has it or it is finished."""
    waiting = Job.objects.filter(kind=kind, code=code, status=JobStatus.WAITING)
    if waiting.update(status=JobStatus.RUNNING) != 1:
        return None
    return Job.objects.get(code=code)


def waiting(*, kind: str, before: datetime) -> list[str]:
    """Codes of jobs that were started before that moment and that nobody has taken up."""
    rows = Job.objects.filter(kind=kind, status=JobStatus.WAITING, created_at__lt=before)
    return list(rows.order_by("created_at", "pk").values_list("code", flat=True))


def advance(*, job: Job, done_count: int) -> None:
    """Say how much is done altogether; never backwards and never beyond the total."""
    Job.objects.filter(pk=job.pk, status=JobStatus.RUNNING).update(
        done_count=Least(Greatest(F("done_count"), done_count), F("total_count"))
    )


def advance_aside(*, job: Job, done_count: int) -> None:
    """As `advance`, on a connection of its own: also seen while the work's transaction is under way."""
    apart = connection.copy()
    try:
        with apart.cursor() as cursor:
            cursor.execute(
                "UPDATE common_job SET done_count = least(greatest(done_count, %s), total_count)"
                " WHERE id = %s AND status = %s",
                [done_count, job.pk, JobStatus.RUNNING],
            )
    finally:
        apart.close()


def finish(*, job: Job, result: dict[str, Any], at: datetime) -> None:
    """Close the job with its result; WrongState when it is not running."""
    states.move(
        job,
        to=JobStatus.DONE,
        transitions=TRANSITIONS,
        done_count=F("total_count"),
        result=result,
        finished_at=at,
    )
    job.refresh_from_db()


def fail(*, job: Job, reason: str, at: datetime) -> None:
    """Close the job with the reason in words; what was done stays done."""
    states.move(
        job,
        to=JobStatus.FAILED,
        transitions=TRANSITIONS,
        result={"reason": reason},
        finished_at=at,
    )
