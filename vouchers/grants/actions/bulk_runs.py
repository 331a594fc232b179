"""Carries bulk runs out: what is left to do is found in the database, so that any crash only delays it."""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.actions import actors, trail
from common import jobs, states, stored_files
from common.errors import DomainError
from common.exports import csv_bytes
from common.models import Job
from common.money import yuan_text
from vouchers.grants.actions import bulk_steps, notices
from vouchers.grants.models import (
    Application,
    ApplicationStatus,
    BulkItem,
    BulkItemStatus,
    BulkRun,
    BulkStatus,
    BulkVerb,
)

KIND = "bulk"
TASK = "vouchers.grants.run_bulk"
PATIENCE = timedelta(seconds=30)
LANGUAGE = "zh-hans"
"""Results are files of the bureau, written in the language of its desk."""

TRANSITIONS: states.Transitions = {
    BulkStatus.PROPOSED: frozenset({BulkStatus.RUNNING, BulkStatus.DECLINED}),
    BulkStatus.RUNNING: frozenset({BulkStatus.DONE}),
}


def begin(*, run: BulkRun, at: datetime) -> Job:
    """Give a running run its job and ring for a worker. Inside the transaction that made it run."""
    job = jobs.start(kind=KIND, owner_id=run.proposed_by_id, total_count=run.item_count, at=at)
    run.job = job
    run.save(update_fields=["job"])
    jobs.ring(task=TASK, job=job)
    return job


def left_behind(*, at: datetime) -> list[str]:
    """Jobs of runs that should be over by now: the bell was lost, or a worker died. Oldest first."""
    rows = BulkRun.objects.filter(status=BulkStatus.RUNNING, job__created_at__lt=at - PATIENCE)
    return list(rows.order_by("pk").values_list("job__code", flat=True))


def carry_out(*, code: str, at: datetime) -> BulkRun | None:
    """Take all steps of a job's run that are still to be taken, then close it; None when it is not running.

    Each application is its own transaction that locks its item, skipping those that another worker has, so that
    an application is taken at most once however often and wherever this runs. Public notices are published scheme by
    scheme: one announcement with all of them.
    """
    runs = BulkRun.objects.select_related("proposed_by", "bureau", "job")
    run = runs.filter(job__code=code, status=BulkStatus.RUNNING).first()
    if run is None or run.job is None:
        return None
    jobs.take(kind=KIND, code=code)
    with translation.override(LANGUAGE):
        take = _announce_next if run.verb == BulkVerb.NOTICE else _take_next
        while take(run, at):
            done = run.items.exclude(status=BulkItemStatus.WAITING).count()
            jobs.advance(job=run.job, done_count=done)
        _close(run, run.job, at)
    run.refresh_from_db()
    return run


@transaction.atomic
def _take_next(run: BulkRun, at: datetime) -> bool:
    """Take one waiting item; False when none is free."""
    item = _free(run).first()
    if item is None:
        return False
    _take(run, item, at)
    return True


@transaction.atomic
def _announce_next(run: BulkRun, at: datetime) -> bool:
    """Publish all waiting items of one scheme as one announcement; False when none is free.

    Those that another step changed meanwhile are taken one by one, so that each is told its own reason.
    """
    first = _free(run).first()
    if first is None:
        return False
    scheme = first.application.scheme
    items = list(_free(run).filter(application__scheme=scheme))
    rows = Application.objects.select_for_update(of=("self",)).filter(
        pk__in=[item.application_id for item in items], status=ApplicationStatus.APPROVED
    )
    approved = dict(rows.order_by("pk").values_list("pk", "code"))
    if approved:
        by = actors.for_member(user=run.proposed_by, organization=run.bureau)
        try:
            with transaction.atomic():
                notices.announce(by=by, scheme=scheme, applications=[*approved.values()], at=at)
        except DomainError:
            approved = {}
    for item in items:
        if item.application_id in approved:
            item.status, item.done_at = BulkItemStatus.DONE, at
            item.amount_fen = item.application.granted_fen or 0
            item.save(update_fields=["status", "done_at", "amount_fen"])
        else:
            _take(run, item, at)
    return True


def _free(run: BulkRun) -> QuerySet[BulkItem]:
    """Waiting items that no other worker has, locked as they are read."""
    return (
        BulkItem.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("application__scheme__bureau", "application__enterprise")
        .filter(run=run, status=BulkItemStatus.WAITING)
        .order_by("pk")
    )


def _take(run: BulkRun, item: BulkItem, at: datetime) -> None:
    """Take one item's step and write down how it went."""
    by = actors.for_member(user=run.proposed_by, organization=run.bureau)
    step = bulk_steps.Step(BulkVerb(run.verb), item.stage, run.reason, run.remark)
    item.status, item.done_at = BulkItemStatus.DONE, at
    try:
        with transaction.atomic():
            item.amount_fen = bulk_steps.take(by=by, application=item.application, step=step, at=at)
    except DomainError as refusal:
        item.status, item.code, item.message = BulkItemStatus.REFUSED, refusal.code, str(refusal)
    except IntegrityError:
        item.status, item.code = BulkItemStatus.REFUSED, "conflict"
        item.message = _("Something else changed it at the same moment. Take it up by itself.")
    item.save(update_fields=["status", "done_at", "amount_fen", "code", "message"])


@transaction.atomic
def _close(run: BulkRun, job: Job, at: datetime) -> None:
    """Write the list of outcomes and close run and job; nothing while an item waits or another closed it."""
    locked = BulkRun.objects.select_for_update().get(pk=run.pk)
    waiting = locked.items.filter(status=BulkItemStatus.WAITING).exists()
    if locked.status != BulkStatus.RUNNING or waiting:
        return
    content = result(run=locked)
    file = stored_files.keep(
        organization_id=locked.bureau_id,
        name=f"{locked.code}.csv",
        content_type="text/csv; charset=utf-8",
        content=content,
        at=at,
    )
    states.move(
        locked, to=BulkStatus.DONE, transitions=TRANSITIONS, finished_at=at, result_file=file
    )
    done = locked.items.filter(status=BulkItemStatus.DONE).count()
    trail.record(by=None, at=at, verb="bulk_finished", subject=locked, data={"done": done})
    job.refresh_from_db()
    jobs.finish(job=job, result={"run": locked.code, "done": done}, at=at)


def result(*, run: BulkRun) -> bytes:
    """The outcome of each application as a CSV file that opens safely in spreadsheet programs."""
    rows = run.items.select_related("application__enterprise", "application__scheme")
    header = [
        _("Voucher application"), _("Enterprise"), _("Scheme"), _("Amount"), _("State"), _("Code"), _("Reason")
    ]  # fmt: skip
    return csv_bytes(
        header,
        (
            (
                item.application.code,
                item.application.enterprise.name,
                item.application.scheme.title,
                yuan_text(item.amount_fen),
                item.get_status_display(),
                item.code,
                item.message,
            )
            for item in rows.order_by("pk")
        ),
    )
