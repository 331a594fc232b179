"""The operations page: do the invariants hold, and does background work go on?"""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.access import SignedInRequest, require
from accounts.permissions import Permission
from common import outbox, ticks
from vouchers.audit.actions import checks, invariants
from vouchers.audit.models import CheckRun
from vouchers.ledger.actions import seal_checks


@require(Permission.OPERATIONS_VIEW)
@require_safe
def operations(request: SignedInRequest) -> HttpResponse:
    """Last run of each invariant, where seal and outbox stand, last run of each scheduled task."""
    rows = _invariants()
    context = {
        "invariants": rows,
        "broken": [row for row in rows if row["run"] and row["run"].broken_rows],
        "seal": seal_checks.state(),
        "outbox": outbox.state(),
        "ticks": ticks.scheduled(),
    }
    return render(request, "vouchers/operations.html", context)


@require(Permission.OPERATIONS_VIEW)
@require_POST
def operations_check(request: SignedInRequest) -> HttpResponse:
    """Start a check and show its progress."""
    job = checks.start(by=request.actor, at=timezone.now())
    return redirect("job_detail", code=job.code)


def _invariants() -> list[dict[str, Any]]:
    runs = {run.name: run for run in CheckRun.objects.newest()}
    return [
        {"name": name, "title": invariants.title_of(name), "run": runs.get(name)}
        for name in invariants.queries()
    ]
