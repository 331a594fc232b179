"""Pages of who claims, and of the provider that an enterprise asks to confirm: claims, invoice, way to payment."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import Actor, SignedInRequest, can, require
from accounts.models import OrganizationKind
from accounts.permissions import Permission
from common.errors import DomainError
from common.forms import add_refusal
from common.pagination import page_of
from vouchers.audit.actions import (
    claims,
    evidence,
    invoices,
    payees,
    prefilling,
    refund_answers,
    refunds,
)
from vouchers.audit.forms import ClaimFilter, InvoiceForm, MonthForm, RefusalForm
from vouchers.audit.models import Claim, ClaimStatus
from vouchers.audit.views import files, timelines
from vouchers.grants.actions import suspensions


def _claims(actor: Actor) -> Any:
    return Claim.objects.visible_to(actor).claimed_by(actor)


@require(Permission.CLAIM_VIEW)
@require_safe
def claim_list(request: SignedInRequest) -> HttpResponse:
    """The own claims, newest month first, and the months that can be claimed."""
    rows = _claims(request.actor).select_related("scheme").order_by("-month", "-pk")
    firm = request.actor.is_kind(OrganizationKind.ENTERPRISE)
    found = ClaimFilter(request.GET, queryset=rows)
    context = {
        "filter": found,
        "page_obj": page_of(found.qs, request),
        "claimable": evidence.claimable(by=request.actor),
        "refundable": refunds.months(by=request.actor) if firm else {},
        "is_firm": firm,
        "to_confirm": _asked(request.actor).filter(status=ClaimStatus.CONFIRMING).order_by("pk"),
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
    firm = request.actor.is_kind(OrganizationKind.ENTERPRISE)
    fill = refunds.prefill if firm else prefilling.prefill
    made = fill(by=request.actor, month=form.cleaned_data["month"], at=timezone.now())
    if not made:
        messages.info(request, _("Nothing new can be claimed for this month."))
    if len(made) == 1:
        return redirect("vouchers:claim_detail", code=made[0].code)
    return redirect("vouchers:claim_list")


@require(Permission.CLAIM_VIEW)
@require_safe
def claim_detail(request: SignedInRequest, code: str) -> HttpResponse:
    """One claim: what it consists of, its invoice, where it stands."""
    claim = _shown(request.actor, code)
    initial = {
        "invoice_number": claim.invoice_number,
        "invoice_amount": claim.invoice_fen,
        "invoice_seller": claim.invoice_seller or claim.provider.organization.uscc,
        "invoice_buyer": claim.invoice_buyer or invoices.usual_buyer(claim).uscc,
        "invoice_on": claim.invoice_on,
    }
    form = _form(claim, initial=initial)
    return _page(request, claim, form)


@require(Permission.CLAIM_SUBMIT)
@require_POST
def claim_submit(request: SignedInRequest, code: str) -> HttpResponse:
    """Send the claim with its invoice to the bureau."""
    claim = _found(request.actor, code)
    form = _form(claim, request.POST, request.FILES)
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
            messages.success(request, _sent(claim))
            return redirect("vouchers:claim_detail", code=code)
    return _page(request, claim, form, status=422)


def _form(claim: Claim, *given: Any, **options: Any) -> InvoiceForm:
    return InvoiceForm(
        *given,
        has_file=claim.invoice_file is not None,
        is_refund=claim.enterprise is not None,
        **options,
    )


def _sent(claim: Claim) -> str:
    if claim.enterprise and not claim.lines.exists():
        return _("Sent to the provider. When it has confirmed, the bureau audits the claim.")
    return _("Submitted. The bureau audits the claim next.")


@require(Permission.CLAIM_VIEW)
@require_safe
def claim_invoice(request: SignedInRequest, code: str) -> HttpResponse:
    """The own invoice file, as an attachment."""
    claim = _shown(request.actor, code)
    if claim.invoice_file is None:
        raise Http404
    return files.stored(claim.invoice_file)


@require(Permission.CLAIM_SUBMIT)
@require_POST
def claim_answer(request: SignedInRequest, code: str) -> HttpResponse:
    """The provider confirms an enterprise's claim, or sends it back with a reason."""
    claim = get_object_or_404(_asked(request.actor), code=code)
    at = timezone.now()
    if request.POST.get("outcome") == "confirm":
        refund_answers.confirm(by=request.actor, claim=claim, at=at)
        messages.success(request, _("Confirmed. The bureau audits the claim next."))
    else:
        finding = request.POST.get("finding", "")
        try:
            refund_answers.refuse(by=request.actor, claim=claim, finding=finding, at=at)
        except claims.FindingMissing as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("Sent back to the enterprise with your reason."))
    return redirect("vouchers:claim_detail", code=code)


def _asked(actor: Actor) -> Any:
    """Claims of enterprises on which the provider acted for is asked."""
    own = Claim.objects.visible_to(actor).filter(provider__organization=actor.organization)
    return own.filter(enterprise__isnull=False).select_related("enterprise", "scheme")


def _found(actor: Actor, code: str) -> Claim:
    claim: Claim = get_object_or_404(_whole(_claims(actor)), code=code)
    return claim


def _shown(actor: Actor, code: str) -> Claim:
    """An own claim, or one that the provider is asked to confirm."""
    both = (_claims(actor) | _asked(actor).select_related(None)).distinct()
    claim: Claim = get_object_or_404(_whole(both), code=code)
    return claim


def _whole(rows: Any) -> Any:
    return rows.select_related(
        "scheme__bureau", "provider__organization", "enterprise", "invoice_file", "settlement"
    )


def _page(request: HttpRequest, claim: Claim, form: InvoiceForm, status: int = 200) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    page = page_of(evidence.bills_of(claim), request)
    is_own = claim.payee == actor.organization
    open_to_change = is_own and claim.status in {ClaimStatus.DRAFT, ClaimStatus.RETURNED}
    context = {
        "claim": claim,
        "form": form,
        "page_obj": page,
        "vouchers": evidence.voucher_codes(claim, list(page), mask=True),
        "moments": timelines.of_claim(claim, evidence.history("claim", claim.code)),
        "can_answer": not is_own
        and claim.status == ClaimStatus.CONFIRMING
        and can(actor, Permission.CLAIM_SUBMIT),
        "refusal": RefusalForm(),
        "can_submit": open_to_change and can(actor, Permission.CLAIM_SUBMIT),
    }
    return render(request, "vouchers/claim_detail.html", context, status=status)
