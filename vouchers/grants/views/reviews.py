"""Pages of the bureau: review, public notice, issue."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import SignedInRequest, require
from accounts.permissions import Permission
from common.components import Fact
from common.display import money_text
from common.errors import DomainError
from common.forms import add_refusal
from vouchers.grants.actions import (
    desk,
    issuing,
    notices,
    queue,
    recusals,
    reviews,
    supplements,
)
from vouchers.grants.forms import posted
from vouchers.grants.forms.reviews import DecisionForm, SupplementAskForm
from vouchers.grants.models import Application, CannedRemark, RemarkUse, Voucher
from vouchers.grants.shown import applicants, trails, worklist

from .applications import stated
from .queue import found


@require(Permission.APPLICATION_REVIEW)
@require_http_methods(["GET", "HEAD", "POST"])
def review_decide(request: SignedInRequest, code: str) -> HttpResponse:
    """Hold the evidence beside the rules and decide."""
    application = found(request, code)
    remarks = _remarks(request, RemarkUse.REVIEW)
    stage = queue.STAGE_OF.get(application.status, "")  # type: ignore[call-overload]
    form = DecisionForm(posted(request), initial={"stage": stage}, remarks=remarks)
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
    context = _beside(request, application) | {"form": form, "stage": stage}
    return render(
        request, "vouchers/review_decide.html", context, status=422 if form.errors else 200
    )


@require(Permission.APPLICATION_REVIEW)
@require_http_methods(["GET", "HEAD", "POST"])
def supplement_ask(request: SignedInRequest, code: str) -> HttpResponse:
    """Name everything that is missing, field by field, with a last day."""
    application, at = found(request, code), timezone.now()
    day = desk.supplement_day(rules=desk.rules_of(bureau=request.actor.own()), at=at)
    form = SupplementAskForm(posted(request), application=application, initial={"due_on": day})
    if request.method == "POST" and form.is_valid():
        asked = {"remarks": form.remarks(), "due_on": form.cleaned_data["due_on"]}
        try:
            supplements.ask(by=request.actor, application=application, at=at, **asked)
        except DomainError as error:
            form.place(error)
        else:
            messages.success(request, _("The enterprise is asked to supplement."))
            return redirect("vouchers:review_list")
    remarks = _remarks(request, RemarkUse.SUPPLEMENT)
    context = {"application": application, "form": form, "remarks": remarks}
    status = 422 if form.errors else 200
    return render(request, "vouchers/supplement_ask.html", context, status=status)


@require(Permission.VOUCHER_ISSUE)
@require_http_methods(["GET", "HEAD", "POST"])
def notice_publish(request: SignedInRequest, code: str) -> HttpResponse:
    """Ask, then put an approved application on public notice."""
    application = found(request, code)
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
    application = found(request, code)
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


def _remarks(request: SignedInRequest, use: RemarkUse) -> list[CannedRemark]:
    return list(CannedRemark.objects.visible_to(request.actor).in_use().filter(use=use))


def _beside(request: SignedInRequest, application: Application) -> dict[str, Any]:
    """Everything that an officer looks at, and whether this one may decide."""
    [row] = worklist.dressed(request.actor, [application], timezone.now())
    return (
        stated(application)
        | applicants.beside(application)
        | {
            "row": row,
            "changes": applicants.since_first_review(application),
            "trail": trails.of_application(application),
            "barred": recusals.bar(by=request.actor, application=application),
        }
    )


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
