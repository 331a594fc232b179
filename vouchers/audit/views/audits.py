"""The auditor's pages: the queue, and evidence beside the claim."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import Actor, SignedInRequest, require
from accounts.permissions import Permission
from common.errors import DomainError
from common.forms import add_refusal
from common.pagination import page_of
from vouchers.audit.actions import claims, evidence
from vouchers.audit.forms import AuditFilter, DecisionForm
from vouchers.audit.models import Claim, ClaimStatus
from vouchers.audit.views import files, timelines

BILLS = 10
"""Bills beside which evidence still fits on a page."""


def _claims(actor: Actor) -> Any:
    return Claim.objects.visible_to(actor).filter(scheme__bureau=actor.organization)


@require(Permission.CLAIM_AUDIT)
@require_safe
def audit_list(request: SignedInRequest) -> HttpResponse:
    """The queue: what waits longest first; other states by the filter."""
    rows = _claims(request.actor).select_related("scheme", "provider__organization", "audited_by")
    asked = request.GET if "status" in request.GET else {"status": ClaimStatus.SUBMITTED}
    found = AuditFilter(asked, queryset=rows.order_by("submitted_at", "pk"))
    context = {"filter": found, "page_obj": page_of(found.qs, request)}
    return render(request, "vouchers/audit_list.html", context)


@require(Permission.CLAIM_AUDIT)
@require_safe
def audit_detail(request: SignedInRequest, code: str) -> HttpResponse:
    """One claim with the evidence of the chosen bill beside it."""
    return _page(request, _found(request.actor, code), DecisionForm())


@require(Permission.CLAIM_AUDIT)
@require_POST
def audit_decide(request: SignedInRequest, code: str) -> HttpResponse:
    """Pass or return the claim, and go on to the next one that waits."""
    claim = _found(request.actor, code)
    form = DecisionForm(request.POST)
    if form.is_valid():
        passes = form.cleaned_data["outcome"] == "pass"
        decide = claims.pass_claim if passes else claims.return_claim
        try:
            decide(by=request.actor, claim=claim, finding=form.words(), at=timezone.now())
        except DomainError as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("Passed.") if passes else _("Returned to the provider."))
            return _onward(request.actor)
    return _page(request, claim, form, status=422)


def _onward(actor: Actor) -> HttpResponse:
    """To the claim that waits longest, so that a queue is worked through without going back to it."""
    waiting = _claims(actor).filter(status=ClaimStatus.SUBMITTED)
    following = waiting.order_by("submitted_at", "pk").values_list("code", flat=True).first()
    if following is None:
        return redirect("vouchers:audit_list")
    return redirect("vouchers:audit_detail", code=following)


@require(Permission.CLAIM_AUDIT)
@require_safe
def audit_invoice(request: SignedInRequest, code: str) -> HttpResponse:
    """The invoice file of a claim to this bureau, as an attachment."""
    claim = _found(request.actor, code)
    if claim.invoice_file is None:
        raise Http404
    return files.stored(claim.invoice_file)


def _found(actor: Actor, code: str) -> Claim:
    rows = _claims(actor).select_related(
        "scheme", "provider__organization", "invoice_file", "settlement"
    )
    claim: Claim = get_object_or_404(rows, code=code)
    return claim


def _page(
    request: HttpRequest, claim: Claim, form: DecisionForm, status: int = 200
) -> HttpResponse:
    page = page_of(evidence.bills_of(claim), request, size=BILLS)
    chosen = request.GET.get("bill", "")
    bill = next((row for row in page if row.code == chosen), page.object_list[0])
    context = {
        "claim": claim,
        "form": form,
        "page_obj": page,
        "vouchers": evidence.voucher_codes(claim, list(page), mask=False),
        "matches": evidence.invoice_matches(claim),
        "evidence": evidence.of_bill(claim, bill),
        "moments": timelines.of_claim(claim, evidence.history("claim", claim.code)),
        "can_decide": claim.status == ClaimStatus.SUBMITTED,
    }
    return render(request, "vouchers/audit_detail.html", context, status=status)
