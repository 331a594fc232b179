"""The provider's pages: claims, their invoice, their way to payment."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import Actor, SignedInRequest, can, require
from accounts.permissions import Permission
from common.errors import DomainError
from common.forms import add_refusal
from common.pagination import page_of
from vouchers.audit.actions import claims, evidence, payees, prefilling
from vouchers.audit.forms import ClaimFilter, InvoiceForm, MonthForm
from vouchers.audit.models import Claim, ClaimStatus
from vouchers.audit.views import files, timelines
from vouchers.grants.actions import suspensions


def _claims(actor: Actor) -> Any:
    return Claim.objects.visible_to(actor).filter(provider__organization=actor.organization)


@require(Permission.CLAIM_VIEW)
@require_safe
def claim_list(request: SignedInRequest) -> HttpResponse:
    """The own claims, newest month first, and the months that can be claimed."""
    rows = _claims(request.actor).select_related("scheme").order_by("-month", "-pk")
    found = ClaimFilter(request.GET, queryset=rows)
    context = {
        "filter": found,
        "page_obj": page_of(found.qs, request),
        "claimable": evidence.claimable(by=request.actor),
        "can_submit": can(request.actor, Permission.CLAIM_SUBMIT),
        "suspended": suspensions.against(
            organization=request.actor.organization, at=timezone.now()
        ),
        "has_account": payees.has_account(by=request.actor),
    }
    return render(request, "vouchers/claim_list.html", context)


@require(Permission.CLAIM_SUBMIT)
@require_POST
def claim_prefill(request: SignedInRequest) -> HttpResponse:
    """Pre-fill one month and go to the claim when it is the only one."""
    form = MonthForm(request.POST)
    if not form.is_valid():
        raise Http404
    made = prefilling.prefill(by=request.actor, month=form.cleaned_data["month"], at=timezone.now())
    if not made:
        messages.info(request, _("Nothing new can be claimed for this month."))
    if len(made) == 1:
        return redirect("vouchers:claim_detail", code=made[0].code)
    return redirect("vouchers:claim_list")


@require(Permission.CLAIM_VIEW)
@require_safe
def claim_detail(request: SignedInRequest, code: str) -> HttpResponse:
    """One claim: what it consists of, its invoice, where it stands."""
    claim = _found(request.actor, code)
    initial = {
        "invoice_number": claim.invoice_number,
        "invoice_amount": claim.invoice_fen,
        "invoice_seller": claim.invoice_seller or claim.provider.organization.uscc,
        "invoice_buyer": claim.invoice_buyer or claim.scheme.bureau.uscc,
        "invoice_on": claim.invoice_on,
    }
    form = InvoiceForm(initial=initial, has_file=claim.invoice_file is not None)
    return _page(request, claim, form)


@require(Permission.CLAIM_SUBMIT)
@require_POST
def claim_submit(request: SignedInRequest, code: str) -> HttpResponse:
    """Send the claim with its invoice to the bureau."""
    claim = _found(request.actor, code)
    form = InvoiceForm(request.POST, request.FILES, has_file=claim.invoice_file is not None)
    if form.is_valid():
        try:
            claims.submit(
                by=request.actor,
                claim=claim,
                invoice_number=form.cleaned_data["invoice_number"],
                invoice_fen=form.cleaned_data["invoice_amount"],
                invoice_file=form.cleaned_data["invoice_file"],
                invoice_seller=form.cleaned_data["invoice_seller"],
                invoice_buyer=form.cleaned_data["invoice_buyer"],
                invoice_on=form.cleaned_data["invoice_on"],
                at=timezone.now(),
            )
        except DomainError as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("Submitted. The bureau audits the claim next."))
            return redirect("vouchers:claim_detail", code=code)
    return _page(request, claim, form, status=422)


@require(Permission.CLAIM_VIEW)
@require_safe
def claim_invoice(request: SignedInRequest, code: str) -> HttpResponse:
    """The own invoice file, as an attachment."""
    claim = _found(request.actor, code)
    if claim.invoice_file is None:
        raise Http404
    return files.stored(claim.invoice_file)


def _found(actor: Actor, code: str) -> Claim:
    rows = _claims(actor).select_related(
        "scheme__bureau", "provider__organization", "invoice_file", "settlement"
    )
    claim: Claim = get_object_or_404(rows, code=code)
    return claim


def _page(request: HttpRequest, claim: Claim, form: InvoiceForm, status: int = 200) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    page = page_of(evidence.bills_of(claim), request)
    open_to_change = claim.status in {ClaimStatus.DRAFT, ClaimStatus.RETURNED}
    context = {
        "claim": claim,
        "form": form,
        "page_obj": page,
        "vouchers": evidence.voucher_codes(claim, list(page), mask=True),
        "moments": timelines.of_claim(claim, evidence.history("claim", claim.code)),
        "can_submit": open_to_change and can(actor, Permission.CLAIM_SUBMIT),
    }
    return render(request, "vouchers/claim_detail.html", context, status=status)
