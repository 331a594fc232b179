"""Pages of an enterprise's applications, from the draft to the confirmation."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import SignedInRequest, can, require
from accounts.permissions import Permission
from common import pdf
from common.components import Fact
from common.display import money_text
from common.errors import DomainError
from common.forms import add_refusal
from common.pagination import page_of
from common.periods import local_day
from vouchers.grants import wording
from vouchers.grants.actions import applications, assessments, suspensions
from vouchers.grants.forms import posted
from vouchers.grants.forms.declarations import DeclarationForm
from vouchers.grants.models import Application
from vouchers.grants.shown import papers, summaries, timelines, verdicts


def own(request: SignedInRequest) -> QuerySet[Application]:
    """Applications that the person may see."""
    rows = Application.objects.visible_to(request.actor)
    return rows.select_related(
        "scheme__bureau", "enterprise", "created_by", "prepared_by", "submitted_by"
    )


@require(Permission.ORGANIZATION_VIEW)
@require_safe
def application_list(request: SignedInRequest) -> HttpResponse:
    """List applications, the newest first."""
    rows = own(request).order_by("-created_at", "-pk")
    context = {
        "page_obj": page_of(rows, request),
        "may_prepare": can(request.actor, Permission.APPLICATION_PREPARE),
    }
    return render(request, "vouchers/application_list.html", context)


@require(Permission.APPLICATION_SUBMIT)
@require_http_methods(["GET", "HEAD", "POST"])
def application_submit(request: SignedInRequest, code: str) -> HttpResponse:
    """Declare and hand in."""
    application = get_object_or_404(own(request), code=code)
    form = DeclarationForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            applications.submit(by=request.actor, application=application, at=timezone.now())
        except DomainError as error:
            add_refusal(form, error)
        else:
            return redirect("vouchers:application_confirmation", application.code)
    context = stated(application) | {"form": form, "crumbs": crumbs(application)}
    status = 422 if form.errors else 200
    return render(request, "vouchers/application_submit.html", context, status=status)


@require(Permission.ORGANIZATION_VIEW)
@require_safe
def application_confirmation(request: SignedInRequest, code: str) -> HttpResponse:
    """Say that the application arrived, under which number, and what happens next and until when."""
    application = get_object_or_404(own(request).filter(submitted_at__isnull=False), code=code)
    context = {"application": application, "next_day": timelines.next_day(application)}
    return render(request, "vouchers/application_confirmation.html", context)


@require(Permission.ORGANIZATION_VIEW)
@require_safe
def application_receipt(request: SignedInRequest, code: str) -> HttpResponse:
    """The same on paper, with all answers and the hashes of the files."""
    application = get_object_or_404(own(request).filter(submitted_at__isnull=False), code=code)
    return pdf.response(papers.receipt(application), f"{application.code}.pdf")


@require(Permission.ORGANIZATION_VIEW)
@require_safe
def application_detail(request: SignedInRequest, code: str) -> HttpResponse:
    """Show where an application stands and who has it; a draft shows what is to do."""
    rows = own(request).select_related("notice", "voucher")
    application = get_object_or_404(rows, code=code)
    steps = _steps(request, application)
    context = {
        "application": application,
        "moments": timelines.timeline(application),
        "voucher": getattr(application, "voucher", None),
        "outcome": summaries.outcome(application),
        "supplement": application.supplements.open().first(),
        "today": local_day(timezone.now()),
        "reasons": verdicts.stored_reasons(application.assessment),
        "steps": steps,
        "tasks": summaries.tasks(application) if steps["change"] else [],
        "parts": summaries.parts(application),
        "evidence": list(application.evidence.light().order_by("pk")),
        "suspended": suspensions.of_applicant(application=application, at=timezone.now()),
        "letters": application.letters.order_by("-sent_at", "-pk"),
        "may_see_wallet": application.enterprise == request.actor.organization
        and can(request.actor, Permission.WALLET_VIEW),
        "may_see_voucher": can(request.actor, Permission.VOUCHER_ISSUE),
        "crumbs": crumbs(application, is_last=True),
    }
    return render(request, "vouchers/application_detail.html", context)


@require(Permission.ORGANIZATION_VIEW)
@require_http_methods(["GET", "HEAD", "POST"])
def application_withdraw(request: SignedInRequest, code: str) -> HttpResponse:
    """Ask, then take an application back."""
    rows = own(request).filter(enterprise=request.actor.organization)
    application = get_object_or_404(rows, code=code)
    if request.method == "POST":
        applications.withdraw(by=request.actor, application=application, at=timezone.now())
        messages.success(request, _("The application is withdrawn."))
        return redirect("vouchers:application_detail", application.code)
    context = {
        "question": _("Withdraw this application?"),
        "facts": [
            Fact(_("Voucher application"), application.code),
            Fact(_("Scheme"), application.scheme.title),
            Fact(_("Planned spend"), money_text(application.planned_spend_fen)),
        ],
        "warning": _("A withdrawn application cannot be taken up again. You can begin a new one."),
        "action": _("Withdraw"),
        "danger": True,
        "cancel_url": reverse("vouchers:application_detail", args=[application.code]),
    }
    return render(request, "common/confirm.html", context)


def stated(application: Application, *, change: bool = False) -> dict[str, Any]:
    """The answers of an application and what the rules say to them now; `change` links each to its page."""
    answer = assessments.of_application(
        application=application, day=local_day(application.submitted_at or timezone.now())
    )
    return {
        "application": application,
        "suspended": suspensions.of_applicant(application=application, at=timezone.now()),
        "parts": summaries.parts(application, change=change),
        "evidence": list(application.evidence.light().order_by("pk")),
        "assessment": answer,
        "reasons": verdicts.reasons(answer),
        "how": verdicts.sum_in_words(answer),
        "refusals": [wording.refusal(code) for code in answer.refusals],
    }


def _steps(request: SignedInRequest, application: Application) -> dict[str, bool]:
    """What the person may do next with it."""
    actor = request.actor
    is_own = actor.organization == application.enterprise
    may_prepare = is_own and can(actor, Permission.APPLICATION_PREPARE)
    may_submit = is_own and can(actor, Permission.APPLICATION_SUBMIT)
    status = application.status
    open_ended = status not in {"issued", "rejected", "withdrawn"}
    return {
        "change": may_prepare and status in {"draft", "prepared"},
        "submit": may_submit and status == "prepared",
        "supplement": (may_prepare or may_submit) and status == "supplement",
        "receipt": application.submitted_at is not None,
        "withdraw": open_ended and (may_prepare or may_submit),
        "review": can(actor, Permission.APPLICATION_REVIEW)
        and status in {"submitted", "first_passed"},
        "notice": can(actor, Permission.VOUCHER_ISSUE) and status == "approved",
        "issue": can(actor, Permission.VOUCHER_ISSUE)
        and status in {"approved", "noticed"}
        and not application.is_paid_elsewhere,
    }


def crumbs(
    application: Application | None = None, *, is_last: bool = False
) -> list[tuple[str, str]]:
    """Where the page lies."""
    found = [(_("Applications"), reverse("vouchers:application_list"))]
    if application is not None:
        url = reverse("vouchers:application_detail", args=[application.code])
        found.append((application.code, "" if is_last else url))
    return found
