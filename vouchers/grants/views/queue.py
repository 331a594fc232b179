"""Pages of the bureau's work queue: mine, team, overdue; claim and release."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.access import SignedInRequest, require
from accounts.permissions import Permission
from common.pagination import page_of
from vouchers.grants.actions import queue
from vouchers.grants.forms.queue import QueueFilter
from vouchers.grants.forms.reviews import ClaimForm
from vouchers.grants.models import Application, BulkVerb
from vouchers.grants.shown import worklist

TABS = {
    "mine": gettext_lazy("Mine"),
    "team": gettext_lazy("Team"),
    "overdue": gettext_lazy("Overdue"),
    "all": gettext_lazy("All"),
}


@require(Permission.APPLICATION_REVIEW)
@require_safe
def review_list(request: SignedInRequest) -> HttpResponse:
    """What waits for a review: what this officer claimed, what the team has, what is overdue, everything."""
    verbs = [BulkVerb.PASS, BulkVerb.REFUSE]
    return _queue(request, worklist.AT_REVIEW, "vouchers:review_decide", verbs)


@require(Permission.VOUCHER_ISSUE)
@require_safe
def issue_list(request: SignedInRequest) -> HttpResponse:
    """What waits for a public notice or for issue, what of it is overdue, everything."""
    verbs = [BulkVerb.NOTICE, BulkVerb.ISSUE]
    return _queue(request, worklist.AT_ISSUE, "vouchers:application_detail", verbs)


@require(Permission.APPLICATION_REVIEW)
@require_POST
def review_claim(request: SignedInRequest, code: str) -> HttpResponse:
    """Take an application to work on it."""
    application = found(request, code)
    form = ClaimForm(request.POST)
    form.is_valid()
    queue.claim(
        by=request.actor, application=application, version=form.version(), at=timezone.now()
    )
    messages.success(request, _("You have this application now."))
    return redirect("vouchers:review_decide", code)


@require(Permission.APPLICATION_REVIEW)
@require_POST
def review_release(request: SignedInRequest, code: str) -> HttpResponse:
    """Give an application back to the team."""
    queue.release(by=request.actor, application=found(request, code), at=timezone.now())
    messages.success(request, _("The application is back with the team."))
    return redirect("vouchers:review_list")


def found(request: SignedInRequest, code: str) -> Application:
    """An application handed in to the own bureau, or 404."""
    rows = worklist.handed_in(request.actor).select_related(
        "scheme__bureau", "enterprise", "prepared_by", "submitted_by"
    )
    return get_object_or_404(rows, code=code)


def _queue(
    request: SignedInRequest, steps: Any, target: str, verbs: list[BulkVerb]
) -> HttpResponse:
    at = timezone.now()
    tabs = worklist.views(request.actor, at, steps=steps)
    view = request.GET.get("view", "")
    view = view if view in tabs else next(iter(tabs))
    rows = worklist.handed_in(request.actor)
    counts = worklist.counts(rows, tabs)
    chosen = rows.filter(tabs[view]).select_related("scheme", "enterprise")
    shown = QueueFilter(request.GET, queryset=worklist.longest_first(chosen), request=request)
    page = page_of(shown.qs, request)
    context = {
        "page_obj": page,
        "rows": worklist.dressed(request.actor, list(page), at),
        "filter_form": shown.form,
        "tabs": [(name, TABS[name], counts[name]) for name in tabs],
        "view": view,
        "target": target,
        "may_claim": steps == worklist.AT_REVIEW,
        "verbs": verbs,
    }
    return render(request, "vouchers/application_queue.html", context)
