"""Pages of usage: by day for both sides; reporting, upload and log for the provider."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.db.models import Sum
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import SignedInRequest, can, require
from accounts.permissions import Permission
from common import exports
from common.errors import DomainError
from common.forms import add_refusal
from common.pagination import page_of
from common.periods import local_day
from vouchers.billing import wording
from vouchers.billing.actions.metering import usage
from vouchers.billing.forms import UploadForm, UsageFilter
from vouchers.billing.models import UsageBatch, UsageRollup
from vouchers.billing.rules import uploads
from vouchers.billing.views import charts

DAYS_SHOWN = 31
EXAMPLES = (
    (
        (*uploads.SHARED, "input_tokens", "output_tokens"),
        (("req-001", "2026-05-01 10:00:00", "SB-7KQ4-M2XD", "374", "44"),),
    ),
    (
        uploads.COLUMNS,
        (
            ("req-001", "2026-05-01 10:00:00", "SB-7KQ4-M2XD", "input_tokens", "374"),
            ("req-001", "2026-05-01 10:00:00", "SB-7KQ4-M2XD", "output_tokens", "44"),
        ),
    ),
)
"""Columns and rows of the two forms."""


@require(Permission.USAGE_VIEW)
@require_safe
def usage_list(request: SignedInRequest) -> HttpResponse:
    """Usage by day and by subscription, of the last month unless days are chosen."""
    asked = request.GET.copy()
    asked.setdefault("since", f"{local_day(timezone.now()) - timedelta(days=DAYS_SHOWN - 1)}")
    found = UsageFilter(asked, queryset=UsageRollup.objects.visible_to(request.actor))
    sums = (
        found.qs.values("subscription__code", "subscription__offering__name", "meter")
        .annotate(quantity=Sum("quantity"), events=Sum("events"))
        .order_by("subscription__code", "meter")
    )
    context = {
        "filter": found,
        "charts": charts.by_day(found.qs),
        "page_obj": charts.labeled(page_of(sums, request)),
        "may_report": can(request.actor, Permission.USAGE_REPORT),
    }
    return render(request, "vouchers/usage_list.html", context)


@require(Permission.USAGE_REPORT)
@require_safe
def batch_list(request: SignedInRequest) -> HttpResponse:
    """The log of reports, newest first."""
    rows = UsageBatch.objects.visible_to(request.actor).select_related("received_from")
    page = page_of(rows.order_by("-received_at", "-pk"), request)
    return render(request, "vouchers/usagebatch_list.html", {"page_obj": page})


@require(Permission.USAGE_REPORT)
@require_safe
def batch_detail(request: SignedInRequest, code: str) -> HttpResponse:
    """One report and what became of those of its events that were not taken."""
    batch = get_object_or_404(UsageBatch.objects.visible_to(request.actor), code=code)
    return render(request, "vouchers/usagebatch_detail.html", _answers_of(batch))


@require(Permission.USAGE_REPORT)
@require_safe
def batch_result(request: SignedInRequest, code: str) -> HttpResponse:
    """The same as a CSV file."""
    batch = get_object_or_404(UsageBatch.objects.visible_to(request.actor), code=code)
    rows = [
        (row["row"], row["id"], row["outcome"], row["code"], row["why"])
        for row in _answers_of(batch)["rows"]
    ]
    content = exports.csv_bytes(("row", "event_id", "outcome", "code", "reason"), rows)
    answer = HttpResponse(content, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{batch.code}.csv"'
    return answer


def _answers_of(batch: UsageBatch) -> dict[str, Any]:
    rows = [
        {
            **row,
            "row": row["index"] + 1,
            "words": wording.OUTCOMES[row["outcome"]],
            "why": wording.explanation(row["outcome"], row["code"]),
        }
        for row in batch.refusals
    ]
    return {"batch": batch, "rows": rows, "unlisted": batch.total - batch.accepted - len(rows)}


@require(Permission.USAGE_REPORT)
@require_http_methods(["GET", "HEAD", "POST"])
def usage_upload(request: SignedInRequest) -> HttpResponse:
    """Upload usage as a CSV or XLSX file, or only see what would become of its rows."""
    form = UploadForm(request.POST or None, request.FILES or None)
    is_trial = "trial" in request.POST
    context: dict[str, Any] = {"form": form, "examples": EXAMPLES}
    if request.method == "POST" and form.is_valid():
        content = form.cleaned_data["file"]
        try:
            batch = usage.upload(
                by=request.actor, content=content, at=timezone.now(), is_trial=is_trial
            )
        except DomainError as error:
            add_refusal(form, error)
        else:
            if not is_trial:
                messages.success(request, _("The file was read. This is what became of its rows."))
                return redirect("vouchers:usagebatch_detail", code=batch.code)
            context |= {**_answers_of(batch), "is_trial": True}
    status = 422 if form.errors else 200
    return render(request, "vouchers/usage_upload.html", context, status=status)
