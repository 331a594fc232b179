"""The pages of a firm or provider about cases in which the bureau wrote to it: its own letters and answers alone."""

from typing import Any

from django.contrib import messages
from django.db.models import Max, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import Actor, SignedInRequest, require
from accounts.permissions import Permission
from common.errors import DomainError
from common.forms import add_refusal
from common.pagination import page_of
from vouchers.audit.actions import case_entries
from vouchers.audit.forms.cases import AnswerForm
from vouchers.audit.models import Case, CaseEntry, CaseStatus
from vouchers.audit.views.cases import entry_file
from vouchers.grants.actions import suspensions


@require(Permission.CASE_ANSWER)
@require_safe
def inquiry_list(request: SignedInRequest) -> HttpResponse:
    """The cases in which the bureau wrote to us, the latest letter first; what suspends us."""
    own = Q(entries__party=request.actor.organization, entries__kind="letter")
    rows: Any = Case.objects.told_to(request.actor).select_related("bureau")
    rows = rows.annotate(
        written_at=Max("entries__written_at", filter=own),
        answer_by=Max("entries__letter__answer_by", filter=own),
    )
    context = {
        "page_obj": page_of(rows.order_by("-written_at", "-pk"), request),
        "suspended": suspensions.against(
            organization=request.actor.organization, at=timezone.now()
        ),
    }
    return render(request, "vouchers/inquiry_list.html", context)


@require(Permission.CASE_ANSWER)
@require_safe
def inquiry_detail(request: SignedInRequest, code: str) -> HttpResponse:
    """What the bureau wrote to us and what we answered."""
    return _page(request, _found(request.actor, code), AnswerForm())


@require(Permission.CASE_ANSWER)
@require_POST
def inquiry_answer(request: SignedInRequest, code: str) -> HttpResponse:
    """Make a statement or hand in a file."""
    case = _found(request.actor, code)
    form = AnswerForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            case_entries.reply(
                by=request.actor, case=case, text=form.cleaned_data["text"],
                file=form.cleaned_data["file"], at=timezone.now(),
            )  # fmt: skip
        except DomainError as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("Handed in. The bureau sees it, the other party does not."))
            return redirect("vouchers:inquiry_detail", code=code)
    return _page(request, case, form, status=422)


@require(Permission.CASE_ANSWER)
@require_safe
def inquiry_file(request: SignedInRequest, code: str, position: int) -> HttpResponse:
    """A letter to us as PDF, or a file that we handed in."""
    return entry_file(_found(request.actor, code), request.actor, position)


def _found(actor: Actor, code: str) -> Case:
    rows = Case.objects.told_to(actor).select_related(
        "bureau", "bill__enterprise", "bill__provider__organization"
    )
    case: Case = get_object_or_404(rows, code=code)
    return case


def _page(
    request: SignedInRequest, case: Case, form: AnswerForm, status: int = 200
) -> HttpResponse:
    entries = list(CaseEntry.objects.filter(case=case).shown_to(request.actor).light())
    asked = [each.letter.answer_by for each in entries if hasattr(each, "letter")]
    context: dict[str, Any] = {
        "case": case,
        "entries": entries,
        "form": form,
        "is_open": case.status != CaseStatus.CLOSED,
        "answer_by": max((day for day in asked if day), default=None),
        "suspended": suspensions.against(
            organization=request.actor.organization, at=timezone.now()
        ),
    }
    return render(request, "vouchers/inquiry_detail.html", context, status=status)
