"""Pages of the bureau: work queue, review, public notice, issue."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import SignedInRequest, require
from accounts.permissions import Permission
from common.components import Fact
from common.display import money_text
from common.errors import DomainError
from common.forms import add_refusal
from common.pagination import page_of
from vouchers.grants import evidence
from vouchers.grants.actions import issuing, notices, reviews
from vouchers.grants.filters import QueueFilter
from vouchers.grants.forms import DecisionForm, posted
from vouchers.grants.models import Application, Voucher

from .applications import stated


@require(Permission.APPLICATION_REVIEW)
@require_safe
def review_list(request: SignedInRequest) -> HttpResponse:
    """The work queue: what waits for this officer, or everything handed in."""
    mine = request.GET.get("view", "mine") == "mine"
    rows = _handed_in(request)
    shown = rows.waiting_for_review_by(request.actor) if mine else rows
    return _queue(request, shown, "mine" if mine else "all", "vouchers:review_decide")


@require(Permission.VOUCHER_ISSUE)
@require_safe
def issue_list(request: SignedInRequest) -> HttpResponse:
    """What waits for a public notice or for issue, or everything handed in."""
    mine = request.GET.get("view", "mine") == "mine"
    rows = _handed_in(request)
    shown = rows.waiting_for_issue(request.actor, timezone.now()) if mine else rows
    return _queue(request, shown, "mine" if mine else "all", "vouchers:application_detail")


@require(Permission.APPLICATION_REVIEW)
@require_http_methods(["GET", "HEAD", "POST"])
def review_decide(request: SignedInRequest, code: str) -> HttpResponse:
    """Hold the evidence beside the rules and decide."""
    application = get_object_or_404(_handed_in(request), code=code)
    stage = reviews.STAGE_OF.get(application.status, "")
    form = DecisionForm(posted(request), initial={"stage": stage})
    if request.method == "POST" and form.is_valid():
        try:
            reviews.decide(
                by=request.actor, application=application, at=timezone.now(), **form.decision()
            )
        except DomainError as error:
            add_refusal(form, error)
        else:
            messages.success(request, _("Your decision is recorded."))
            return redirect("vouchers:review_list")
    context = stated(application) | evidence.beside(application) | {"form": form, "stage": stage}
    context["barred"] = reviews.may_decide(by=request.actor, application=application)
    status = 422 if form.errors else 200
    return render(request, "vouchers/review_decide.html", context, status=status)


@require(Permission.VOUCHER_ISSUE)
@require_http_methods(["GET", "HEAD", "POST"])
def notice_publish(request: SignedInRequest, code: str) -> HttpResponse:
    """Ask, then put an approved application on public notice."""
    application = get_object_or_404(_handed_in(request), code=code)
    if request.method == "POST":
        notices.publish(by=request.actor, application=application, at=timezone.now())
        messages.success(request, _("The public notice is published."))
        return redirect("vouchers:application_detail", application.code)
    context = _ask(application) | {
        "question": _("Publish the notice?"),
        "warning": _("Name of the enterprise, scheme and amount are shown to everybody."),
        "action": _("Publish the notice"),
    }
    return render(request, "common/confirm.html", context)


@require(Permission.VOUCHER_ISSUE)
@require_http_methods(["GET", "HEAD", "POST"])
def voucher_issue(request: SignedInRequest, code: str) -> HttpResponse:
    """Ask, then issue the voucher."""
    application = get_object_or_404(_handed_in(request), code=code)
    if request.method == "POST":
        voucher: Voucher = issuing.issue(
            by=request.actor, application=application, at=timezone.now()
        )
        messages.success(request, _("Voucher %(code)s is issued.") % {"code": voucher.code})
        return redirect("vouchers:application_detail", application.code)
    context = _ask(application) | {
        "question": _("Issue the voucher?"),
        "warning": _("The amount moves from the budget of the scheme to the voucher."),
        "action": _("Issue the voucher"),
    }
    return render(request, "common/confirm.html", context)


def _handed_in(request: SignedInRequest) -> Any:
    rows = Application.objects.visible_to(request.actor).filter(submitted_at__isnull=False)
    return rows.filter(scheme__bureau=request.actor.organization).select_related(
        "scheme__bureau", "enterprise", "prepared_by", "submitted_by"
    )


def _queue(
    request: SignedInRequest, rows: QuerySet[Application], view: str, target: str
) -> HttpResponse:
    found = QueueFilter(request.GET, queryset=rows.order_by("submitted_at", "pk"))
    context = {
        "page_obj": page_of(found.qs, request),
        "filter_form": found.form,
        "view": view,
        "target": target,
    }
    return render(request, "vouchers/application_queue.html", context)


def _ask(application: Application) -> dict[str, Any]:
    return {
        "facts": [
            Fact(_("Voucher application"), application.code),
            Fact(_("Enterprise"), application.enterprise.name),
            Fact(_("Scheme"), application.scheme.title),
            Fact(_("Amount granted"), money_text(application.granted_fen or 0)),
        ],
        "cancel_url": reverse("vouchers:application_detail", args=[application.code]),
    }
