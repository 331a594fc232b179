"""The officer's pages of a conclusion: writing it, and signing exactly what is shown."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import SignedInRequest, require
from accounts.permissions import Permission
from accounts.stepping_up import confirmed_person
from common.errors import DomainError
from common.forms import add_refusal
from vouchers.audit.actions import conclusions, recoveries
from vouchers.audit.forms.cases import ConclusionForm
from vouchers.audit.models import CaseConclusion, CaseEntry, CaseStatus
from vouchers.audit.views import cases as pages


@require(Permission.CLAIM_AUDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def case_conclude(request: SignedInRequest, code: str) -> HttpResponse:
    """Write the next version of the conclusion."""
    case = pages.found(request.actor, code)
    last = conclusions.newest(case)
    form = ConclusionForm(request.POST or None, case=case, initial=_initial(last))
    if request.method == "POST" and form.is_valid():
        try:
            conclusions.write(by=request.actor, case=case, draft=form.draft(), at=timezone.now())
        except DomainError as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("Written. Two people must sign it now."))
            return redirect("vouchers:case_detail", code=code)
    context: dict[str, Any] = {
        "case": case, "form": form, "last": last,
        "recoverable_fen": recoveries.recoverable_fen(case=case),
    }  # fmt: skip
    if case.bill is not None and case.voucher is not None:
        context["unsettled_fen"] = recoveries.unsettled_fen(
            scheme=case.voucher.scheme, provider=case.bill.provider
        )
    status = 422 if form.errors else 200
    return render(request, "vouchers/case_conclude.html", context, status=status)


def _initial(last: CaseConclusion | None) -> dict[str, Any]:
    if last is None:
        return {}
    return {
        "outcome": last.outcome,
        "text": last.text,
        "recover_amount": last.recover_fen,
        "debtor": last.debtor.code if last.debtor else None,
        "suspended": last.suspended.code if last.suspended else None,
        "suspended_until": last.suspended_until,
    }


@require(Permission.CLAIM_AUDIT)
@confirmed_person
@require_http_methods(["GET", "HEAD", "POST"])
def case_sign(request: SignedInRequest, code: str) -> HttpResponse:
    """Show the conclusion with everything before it and its hash, and sign exactly that."""
    case = pages.found(request.actor, code)
    if request.method == "POST":
        signature = conclusions.sign(
            by=request.actor, case=case, content_sha256=request.POST.get("content_sha256", ""),
            at=timezone.now(),
        )  # fmt: skip
        done = _("Signed. The case is closed and its letters are sent.")
        messages.success(request, done if signature.position > 1 else _("Signed."))
        return redirect("vouchers:case_detail", code=code)
    conclusion = conclusions.newest(case)
    if conclusion is None or case.status == CaseStatus.CLOSED:
        return redirect("vouchers:case_detail", code=code)
    context = {
        "case": case,
        "subject": conclusions.subject_code(case),
        "conclusion": conclusion,
        "entries": CaseEntry.objects.filter(case=case).light(),
        "signatures": conclusion.signatures.select_related("signed_by").order_by("position"),
        "present_sha256": conclusions.sha256(case, conclusion),
    }
    return render(request, "vouchers/case_sign.html", context)
