"""All lines of a signed settlement as files: made by a worker, kept, downloaded."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.access import SignedInRequest, require
from accounts.permissions import Permission
from vouchers.audit.actions import line_files
from vouchers.audit.models import LineFile, Settlement
from vouchers.audit.views import files


@require(Permission.SETTLEMENT_PREPARE)
@require_POST
def lines_export(request: SignedInRequest, code: str) -> HttpResponse:
    """Start the export and show its progress."""
    own = Settlement.objects.filter(scheme__bureau=request.actor.organization)
    settlement = get_object_or_404(own, code=code)
    job = line_files.start(by=request.actor, settlement=settlement, at=timezone.now())
    return redirect("job_detail", code=job.code)


@require(Permission.SETTLEMENT_PREPARE)
@require_safe
def lines_file(request: SignedInRequest, code: str, form: str) -> HttpResponse:
    """One of the files, as an attachment."""
    own = LineFile.objects.filter(settlement__scheme__bureau=request.actor.organization)
    made = get_object_or_404(own.select_related("file"), settlement__code=code, form=form)
    return files.stored(made.file)
