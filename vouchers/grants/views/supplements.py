"""The page on which an enterprise answers what an officer asked to be corrected."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import SignedInRequest, can, require
from accounts.permissions import Permission
from common.errors import DomainError
from common.periods import local_day
from vouchers.grants.actions import answers, supplements
from vouchers.grants.forms import posted
from vouchers.grants.forms.supplements import SupplementForm
from vouchers.grants.models import Supplement, SupplementStatus
from vouchers.grants.rules import sections
from vouchers.grants.shown import summaries

from .applications import crumbs, own


@require(Permission.ORGANIZATION_VIEW)
@require_http_methods(["GET", "HEAD", "POST"])
def supplement_answer(request: SignedInRequest, code: str) -> HttpResponse:
    """Show every remark with its field; save, and hand in by the signatory."""
    supplement = _supplement(request, code)
    remarks = list(supplement.remarks.order_by("pk"))
    form = SupplementForm(posted(request), application=supplement.application, remarks=remarks)
    if request.method == "POST" and form.is_valid():
        act = supplements.save if "later" in request.POST else supplements.answer
        try:
            act(by=request.actor, supplement=supplement, answers=form.answers(), at=timezone.now())
        except DomainError as error:
            form.add_error(None, str(error.message))
            form.place(error.errors)
        else:
            done = act is supplements.answer
            messages.success(request, _("Handed in.") if done else _("Saved."))
            return redirect("vouchers:application_detail", code)
    context = _context(request, supplement, form)
    return render(
        request, "vouchers/supplement_answer.html", context, status=422 if form.errors else 200
    )


def _supplement(request: SignedInRequest, code: str) -> Supplement:
    """The open one, else the latest."""
    rows = own(request).filter(enterprise=request.actor.organization)
    application = get_object_or_404(rows, code=code)
    found = application.supplements.order_by("-pk")
    open_first = found.filter(status=SupplementStatus.OPEN).first() or found.first()
    supplement = get_object_or_404(found, pk=open_first.pk if open_first else 0)
    supplement.application = application
    return supplement


def _context(
    request: SignedInRequest, supplement: Supplement, form: SupplementForm
) -> dict[str, Any]:
    application = supplement.application
    added = application.evidence.light().filter(added_at__gte=supplement.asked_at)
    files = list(added.order_by("pk"))
    return {
        "application": application,
        "supplement": supplement,
        "is_open": supplement.status == SupplementStatus.OPEN
        and supplement.due_at > timezone.now(),
        "form": form,
        "lines": [
            {
                "label": answers.field_label(application, remark.field),
                "remark": remark,
                "before": summaries.field_value(application, remark.field, remark.before),
                "fields": fields,
                "kind": remark.field.removeprefix(sections.EVIDENCE_PREFIX)
                if remark.field.startswith(sections.EVIDENCE_PREFIX)
                else "",
                "files": [
                    row for row in files if remark.field == sections.evidence_field(row.kind)
                ],
            }
            for remark, fields in form.lines()
        ],
        "may_sign": can(request.actor, Permission.APPLICATION_SUBMIT),
        "today": local_day(timezone.now()),
        "crumbs": crumbs(application),
    }
