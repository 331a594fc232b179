"""Settlements: batches for the bureau, payments for the provider."""

import hashlib
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_list_or_404, get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import Actor, SignedInRequest, can, require
from accounts.models import OrganizationKind
from accounts.permissions import Permission
from accounts.stepping_up import confirmed_person
from common.components import Fact
from common.display import money_text
from common.errors import DomainError
from common.forms import add_refusal
from common.pagination import page_of
from vouchers.audit import wording
from vouchers.audit.actions import (
    batching,
    contents,
    evidence,
    line_files,
    payment_files,
    payment_results,
    settlements,
    settling,
)
from vouchers.audit.forms import ResultsForm, SettlementFilter
from vouchers.audit.models import Payment, Settlement, SettlementStatus
from vouchers.audit.rules import results
from vouchers.audit.views import files, timelines
from vouchers.grants.models import Scheme


@require(Permission.SETTLEMENT_VIEW)
@require_safe
def settlement_list(request: SignedInRequest) -> HttpResponse:
    """The bureau's batches and what is ready for the next; for a provider its payments."""
    if not request.actor.is_kind(OrganizationKind.BUREAU):
        return _payment_list(request)
    rows = Settlement.objects.visible_to(request.actor).select_related("scheme", "created_by")
    found = SettlementFilter(request.GET, queryset=rows.order_by("-created_at", "-pk"))
    may_prepare = can(request.actor, Permission.SETTLEMENT_PREPARE)
    context = {
        "filter": found,
        "page_obj": page_of(found.qs, request),
        "ready": evidence.schemes_ready(by=request.actor) if may_prepare else [],
    }
    return render(request, "vouchers/settlement_list.html", context)


def _payment_list(request: SignedInRequest) -> HttpResponse:
    rows = Payment.objects.to(request.actor.organization)
    listed = rows.select_related("settlement__scheme").order_by("-settlement__created_at", "-pk")
    return render(request, "vouchers/payment_list.html", {"page_obj": page_of(listed, request)})


@require(Permission.SETTLEMENT_PREPARE)
@require_http_methods(["GET", "HEAD", "POST"])
def settlement_create(request: SignedInRequest, scheme_code: str) -> HttpResponse:
    """Preview the batch of a scheme's passed claims; create it as it was shown."""
    own = Scheme.objects.filter(bureau=request.actor.organization)
    scheme = get_object_or_404(own, code=scheme_code)
    if request.method == "POST":
        made, job = settling.begin(
            by=request.actor,
            scheme=scheme,
            preview_sha256=request.POST.get("preview_sha256", ""),
            at=timezone.now(),
        )
        if made is None:
            return redirect("job_detail", code=job.code if job else "")
        messages.success(request, _("Created. Two people must sign it now."))
        return redirect("vouchers:settlement_detail", code=made.code)
    batch = batching.of(scheme=scheme, at=timezone.now())
    context = {"scheme": scheme, "batch": batch, "claims": batch.claims}
    return render(request, "vouchers/settlement_create.html", context)


@require(Permission.SETTLEMENT_VIEW)
@require_safe
def settlement_detail(request: SignedInRequest, code: str) -> HttpResponse:
    """One batch with what it pays, who signed, and what comes next; for a provider its own part."""
    settlement = _found(request.actor, code)
    if not request.actor.is_kind(OrganizationKind.BUREAU):
        return _payment_page(request, settlement)
    context = _batch(settlement) | {
        "can_sign": settlement.status in _SIGNABLE
        and can(request.actor, Permission.SETTLEMENT_SIGN),
        "can_pay": settlement.status == SettlementStatus.SIGNED
        and can(request.actor, Permission.SETTLEMENT_PREPARE),
        "can_download": settlement.status in _PAYABLE
        and can(request.actor, Permission.SETTLEMENT_PREPARE),
    }
    if context["can_download"]:
        file = payment_files.build(settlement, present_sha256=context["present_sha256"])
        context["file_sha256"] = hashlib.sha256(file).hexdigest()
        context["head"] = payment_files.printed_head(settlement)
        context["has_splits"] = contents.settlement_shares(settlement).exists()
        context["line_files"] = line_files.of(settlement)
    return render(request, "vouchers/settlement_detail.html", context)


_SIGNABLE = {SettlementStatus.DRAFT, SettlementStatus.SIGNED_ONCE}
_PAYABLE = {SettlementStatus.SIGNED, SettlementStatus.PAID}


def _payment_page(request: SignedInRequest, settlement: Settlement) -> HttpResponse:
    own_payments = settlement.payments.all().to(request.actor.organization)
    own_payments = own_payments.select_related("account", "replaces__settlement")
    payments = get_list_or_404(own_payments.order_by("pk"))
    context = {
        "settlement": settlement,
        "payments": payments,
        "has_splits": settlement.status in _PAYABLE
        and contents.settlement_shares(settlement).filter(payment__in=own_payments).exists(),
        "claims": settlement.claims.all().claimed_by(request.actor).order_by("pk"),
    }
    return render(request, "vouchers/payment_detail.html", context)


@require(Permission.SETTLEMENT_SIGN)
@confirmed_person
@require_http_methods(["GET", "HEAD", "POST"])
def settlement_sign(request: SignedInRequest, code: str) -> HttpResponse:
    """Show hash, control total and payments, and sign exactly that."""
    settlement = _found(request.actor, code)
    if request.method == "POST":
        settlements.sign(
            by=request.actor,
            settlement=settlement,
            content_sha256=request.POST.get("content_sha256", ""),
            at=timezone.now(),
        )
        messages.success(request, _("Signed."))
        return redirect("vouchers:settlement_detail", code=code)
    if settlement.status not in _SIGNABLE:
        return redirect("vouchers:settlement_detail", code=code)
    return render(request, "vouchers/settlement_sign.html", _batch(settlement))


@require(Permission.SETTLEMENT_PREPARE)
@require_http_methods(["GET", "HEAD", "POST"])
def settlement_pay(request: SignedInRequest, code: str) -> HttpResponse:
    """Ask once more, then mark the batch as paid."""
    settlement = _found(request.actor, code)
    if request.method == "POST":
        payment_results.pay(by=request.actor, settlement=settlement, at=timezone.now())
        messages.success(request, _("Marked as paid. The ledger shows the payments."))
        return redirect("vouchers:settlement_detail", code=code)
    context = {
        "question": _("Mark settlement %(code)s as paid?") % {"code": code},
        "warning": _(
            "Do this after the bank has carried out every payment that still waits. If it returned "
            "some, upload its answer instead."
        ),
        "facts": [
            Fact(_("Scheme"), settlement.scheme.title),
            Fact(_("Control total"), money_text(settlement.total_fen)),
        ],
        "action": _("Mark as paid"),
        "cancel_url": "../",
    }
    return render(request, "common/confirm.html", context)


@require(Permission.SETTLEMENT_PREPARE)
@require_safe
def settlement_file(request: SignedInRequest, code: str) -> HttpResponse:
    """The payment file, as an attachment: CSV, or XLSX when asked for."""
    settlement = _found(request.actor, code)
    if request.GET.get("form") == "xlsx":
        content = payment_files.build_workbook(settlement)
        return files.attachment(content, payment_files.WORKBOOK, f"payments-{code}.xlsx")
    content = payment_files.build(settlement)
    return files.attachment(content, "text/csv; charset=utf-8", f"payments-{code}.csv")


@require(Permission.SETTLEMENT_PREPARE)
@require_http_methods(["GET", "HEAD", "POST"])
def settlement_results(request: SignedInRequest, code: str) -> HttpResponse:
    """Upload what the bank answered, or only see what it would change."""
    settlement = _found(request.actor, code)
    form = ResultsForm(request.POST or None, request.FILES or None)
    context: dict[str, Any] = {"settlement": settlement, "form": form}
    if request.method == "POST" and form.is_valid():
        is_trial = "trial" in request.POST
        try:
            rows = payment_results.record(
                by=request.actor,
                settlement=settlement,
                content=form.cleaned_data["file"].read(results.MAX_BYTES + 1),
                at=timezone.now(),
                is_trial=is_trial,
            )
        except DomainError as error:
            add_refusal(form, error)
            rows = getattr(error, "rows", [])
        else:
            if not is_trial:
                messages.success(request, _("Recorded. The ledger shows what was paid."))
                return redirect("vouchers:settlement_detail", code=code)
        context |= {"rows": wording.results(rows), "is_trial": is_trial}
    status = 422 if form.errors else 200
    return render(request, "vouchers/settlement_results.html", context, status=status)


def _found(actor: Actor, code: str) -> Settlement:
    rows = Settlement.objects.visible_to(actor).select_related("scheme", "created_by", "paid_by")
    return get_object_or_404(rows, code=code)


def _batch(settlement: Settlement) -> dict[str, Any]:
    claims = settlement.claims.select_related("provider__organization", "audited_by")
    return {
        "settlement": settlement,
        "claims": claims.order_by("pk"),
        "payments": settlement.payments.select_related(
            "provider__organization", "account", "replaces__settlement"
        ).order_by("pk"),
        "deductions": settlement.recoveries.select_related(
            "case", "provider__organization"
        ).order_by("pk"),
        "signatures": settlement.signatures.select_related("signed_by").order_by("position"),
        "present_sha256": contents.sha256(settlement),
        "moments": timelines.of_settlement(
            settlement, evidence.history("settlement", settlement.code)
        ),
    }
