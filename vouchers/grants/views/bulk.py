"""Pages of bulk work: preview, confirm, the second person, progress and result."""

import uuid
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import SignedInRequest, require
from accounts.permissions import Permission
from common.errors import DomainError
from common.forms import add_refusal
from common.pagination import page_of
from vouchers.grants import wording
from vouchers.grants.actions import bulk
from vouchers.grants.forms import posted
from vouchers.grants.forms.reviews import BulkForm, NoteForm
from vouchers.grants.models import Application, BulkRun, BulkStatus, BulkVerb
from vouchers.grants.rules import refusals
from vouchers.grants.shown import worklist

QUEUES = {
    BulkVerb.PASS: "vouchers:review_list",
    BulkVerb.REFUSE: "vouchers:review_list",
    BulkVerb.NOTICE: "vouchers:issue_list",
    BulkVerb.ISSUE: "vouchers:issue_list",
}


@require(Permission.DECISION_COUNTERSIGN)
@require_http_methods(["GET", "HEAD", "POST"])
def bulk_create(request: SignedInRequest) -> HttpResponse:
    """Show what would happen to each chosen application; POST confirms."""
    asked = request.POST if request.method == "POST" else request.GET
    verb, picks = _verb(asked.get("verb", "")), asked.getlist("pick")
    chosen = _chosen(request, picks)
    form = BulkForm(posted(request), initial={"verb": verb, "token": uuid.uuid4()}, verb=verb)
    if request.method == "POST" and form.is_valid():
        given = {**form.cleaned_data, "verb": verb}
        try:
            run = bulk.start(by=request.actor, applications=chosen, at=timezone.now(), **given)
        except DomainError as error:
            add_refusal(form, error)
        else:
            return redirect("vouchers:bulk_detail", run.code)
    context = _tried(request, verb, chosen) | {"form": form, "verb": verb, "picks": picks}
    context["back_url"] = reverse(QUEUES[verb])
    status = 422 if form.errors else 200
    return render(request, "vouchers/bulk_create.html", context, status=status)


@require(Permission.DECISION_COUNTERSIGN)
@require_safe
def bulk_list(request: SignedInRequest) -> HttpResponse:
    """The bureau's runs, the newest first."""
    rows = _found(request).order_by("-proposed_at", "-pk")
    return render(request, "vouchers/bulk_list.html", {"page_obj": page_of(rows, request)})


@require(Permission.DECISION_COUNTERSIGN)
@require_http_methods(["GET", "HEAD", "POST"])
def bulk_detail(request: SignedInRequest, code: str) -> HttpResponse:
    """One run with its progress and outcomes; POST turns a waiting one down."""
    run = get_object_or_404(_found(request), code=code)
    form = NoteForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            bulk.decline(by=request.actor, run=run, at=timezone.now(), **form.cleaned_data)
        except DomainError as error:
            add_refusal(form, error)
        else:
            messages.success(request, _("The run does not take place."))
            return redirect("vouchers:bulk_detail", code)
    items = run.items.select_related("application__enterprise").order_by("pk")
    context = {
        "run": run,
        "page_obj": page_of(items, request),
        "is_own": run.proposed_by.is_same_person(request.actor.user),
        "is_done": run.status == BulkStatus.DONE,
        "result_url": reverse("vouchers:bulk_result", args=[run.code]),
        "reason": wording.refusal(run.reason) if run.reason else "",
        "form": form,
    }
    status = 422 if form.errors else 200
    return render(request, "vouchers/bulk_detail.html", context, status=status)


@require(Permission.DECISION_COUNTERSIGN)
@require_POST
def bulk_approve(request: SignedInRequest, code: str) -> HttpResponse:
    """The second signature: the run begins."""
    run = get_object_or_404(_found(request), code=code)
    bulk.approve(by=request.actor, run=run, at=timezone.now())
    messages.success(request, _("Approved. The run has begun."))
    return redirect("vouchers:bulk_detail", code)


@require(Permission.DECISION_COUNTERSIGN)
@require_safe
def bulk_result(request: SignedInRequest, code: str) -> HttpResponse:
    """The list of outcomes, as an attachment."""
    run = get_object_or_404(_found(request).select_related("result_file"), code=code)
    if run.result_file is None:
        raise Http404
    file = run.result_file
    response = HttpResponse(bytes(file.content), content_type=file.content_type)
    response["Content-Disposition"] = content_disposition_header(True, file.name) or "attachment"
    response["Cache-Control"] = "private, no-store"
    return response


def _verb(text: str) -> BulkVerb:
    try:
        return BulkVerb(text)
    except ValueError as error:
        raise Http404 from error


def _chosen(request: SignedInRequest, picks: list[str]) -> list[Application]:
    """Those of the codes that were handed in to the own bureau; others do not exist for it."""
    rows = worklist.handed_in(request.actor).filter(code__in=picks[: bulk.MOST_APPLICATIONS + 1])
    return list(rows.select_related("scheme__bureau", "enterprise").order_by("pk"))


def _tried(request: SignedInRequest, verb: BulkVerb, chosen: list[Application]) -> dict[str, Any]:
    """The preview; for a refusal with any reason, since the reason is chosen on the same page."""
    reason = next(iter(refusals.BY_PERSON)) if verb == BulkVerb.REFUSE else ""
    try:
        found = bulk.preview(
            by=request.actor, verb=verb, applications=chosen, reason=reason, at=timezone.now()
        )
    except bulk.BulkInvalid as refusal:
        return {"preview": None, "fault": str(refusal)}
    return {"preview": found, "fault": ""}


def _found(request: SignedInRequest) -> QuerySet[BulkRun]:
    return BulkRun.objects.visible_to(request.actor).select_related(
        "proposed_by", "decided_by", "job"
    )
