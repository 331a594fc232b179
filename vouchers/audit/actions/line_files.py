"""Exports all lines of a signed settlement, CSV and XLSX, each kept with its hash."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Coalesce

from accounts.access import Actor
from accounts.permissions import Permission
from common import jobs, stored_files
from common.exports import csv_bytes, workbook_bytes
from common.models import Job
from common.money import yuan_text
from vouchers.audit.actions import settlements
from vouchers.audit.models import ClaimLine, LineFile, LineFileForm, Settlement
from vouchers.audit.rules import settled_lines as shape

KIND = "settlement_lines"
TASK = "vouchers.audit.run_line_files"
PATIENCE = timedelta(seconds=30)
TYPES = {
    LineFileForm.CSV: "text/csv; charset=utf-8",
    LineFileForm.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
CHUNK = 5_000


@transaction.atomic
def start(*, by: Actor, settlement: Settlement, at: datetime) -> Job:
    """Start the export that a worker carries out; a second click gets the one under way.

    Raises Forbidden, settlements.NotSigned, settlements.WrongContent.
    """
    by.require(Permission.SETTLEMENT_PREPARE)
    locked = settlements.locked_batch(by, settlement)
    settlements.require_signed(locked)
    running = jobs.unfinished(kind=KIND, owner_id=by.user.pk, since=at - timedelta(hours=1))
    if running is not None:
        return running
    job = jobs.start(
        kind=KIND, owner_id=by.user.pk, total_count=2 * _lines(locked).count() + 1, at=at
    )
    Job.objects.filter(pk=job.pk).update(result={"settlement": locked.pk})
    jobs.ring(task=TASK, job=job)
    return job


def carry_out(*, code: str, at: datetime) -> Job | None:
    """Take up one started export, with progress; None when somebody else has it or it is done."""
    job = jobs.take(kind=KIND, code=code)
    if job is None:
        return None
    settlement = Settlement.objects.select_related("scheme").get(pk=job.result["settlement"])
    try:
        made = build(
            settlement=settlement,
            at=at,
            progress=lambda done: jobs.advance_aside(job=job, done_count=done),
        )
    except Exception as error:
        jobs.fail(job=job, reason=f"{type(error).__name__}: {error}", at=at)
        raise
    result = {"settlement": settlement.pk, "sha256": [each.file.sha256 for each in made]}
    jobs.finish(job=job, result=result, at=at)
    return job


def of(settlement: Settlement) -> list[LineFile]:
    """The files that were made, without their bytes."""
    rows = settlement.line_files.select_related("file").defer("file__content")
    return list(rows.order_by("form"))


def left_behind(*, at: datetime) -> list[str]:
    """Codes of exports that were started and not taken up in time."""
    return jobs.waiting(kind=KIND, before=at - PATIENCE)


@transaction.atomic
def build(
    *, settlement: Settlement, at: datetime, progress: Callable[[int], None] | None = None
) -> list[LineFile]:
    """Make both files, or name them when they are there: signed content never changes.

    Locks the settlement. Raises settlements.NotSigned, settlements.WrongContent.
    """
    locked = Settlement.objects.select_for_update(of=("self",)).get(pk=settlement.pk)
    known = list(locked.line_files.select_related("file").order_by("form"))
    if known:
        return known
    settlements.require_signed(locked)
    rows = list(_rows(locked, progress))
    table = csv_bytes(shape.COLUMNS, rows)
    book = workbook_bytes(shape.COLUMNS, rows, amounts=("amount",))
    made = ((LineFileForm.CSV, table), (LineFileForm.XLSX, book))
    return [_keep(locked, form, content, len(rows) - 1, at) for form, content in made]


def _keep(
    settlement: Settlement, form: LineFileForm, content: bytes, lines: int, at: datetime
) -> LineFile:
    stored = stored_files.keep(
        organization_id=settlement.scheme.bureau_id,
        name=f"lines-{settlement.code}.{form.value}",
        content_type=TYPES[form],
        content=content,
        at=at,
    )
    return LineFile.objects.create(
        settlement=settlement, form=form, file=stored, lines=lines, made_at=at
    )


def _rows(
    settlement: Settlement, progress: Callable[[int], None] | None
) -> Iterator[tuple[str, ...]]:
    """A row for each line in order of claim and transfer, then the total."""
    found = _lines(settlement).order_by("claim_id", "transfer_id")
    values = found.values_list(
        "claim__code", "claim__month", "claim__invoice_number", "claim__provider__code",
        "claim__provider__organization__name", "claim__provider__organization__uscc", "bill__code",
        "bill__month", "bill__enterprise__name", "bill__enterprise__uscc",
        Coalesce("transfer__charge__voucher__code", "transfer__refund__voucher__code"), "transfer_id",
        "amount_fen",
    )  # fmt: skip
    count = total_fen = 0
    for count, row in enumerate(values.iterator(chunk_size=CHUNK), start=1):
        total_fen += row[-1]
        yield shape.line(settlement.code, row, yuan_text(row[-1]))
        if progress is not None and count % CHUNK == 0:
            progress(count)
    yield shape.total(settlement.code, count, yuan_text(total_fen), settlement.content_sha256)


def _lines(settlement: Settlement) -> QuerySet[ClaimLine]:
    return ClaimLine.objects.standing().filter(claim__settlement=settlement)
