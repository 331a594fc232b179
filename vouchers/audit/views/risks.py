"""The officer's pages of risk flags: ranked redemptions, one flag with what to look at beside it."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.access import Actor, SignedInRequest, require
from accounts.permissions import Permission
from common.errors import DomainError
from common.forms import add_refusal
from common.pagination import page_of
from vouchers.audit.actions import evidence, risk_flags, risk_scans
from vouchers.audit.forms.risks import FlagFilterForm, JudgmentForm
from vouchers.audit.models import Claim, FlagStatus, RiskFlag, RiskScan
from vouchers.audit.shown import clues, suspects


@require(Permission.CLAIM_AUDIT)
@require_safe
def risk_list(request: SignedInRequest) -> HttpResponse:
    """Flagged redemptions, those with most points first; how often each rule was right."""
    form = FlagFilterForm(request.GET if "status" in request.GET else {"status": FlagStatus.OPEN})
    asked = form.cleaned_data if form.is_valid() else {}
    flags = suspects.asked_for(
        request.actor, status=asked.get("status", ""), rule=asked.get("rule", "")
    )
    page = page_of(suspects.queue(flags), request)
    context = {
        "form": form,
        "page_obj": page,
        "suspects": suspects.suspects(list(page), flags),
        "last": RiskScan.objects.order_by("-scanned_at", "-pk").first(),
        "records": [
            (suspects.title(each.rule), each, suspects.percents(each.low, each.high))
            for each in risk_flags.feedback(by=request.actor)
        ],
    }
    return render(request, "vouchers/risk_list.html", context)


@require(Permission.CLAIM_AUDIT)
@require_POST
def risk_scan(request: SignedInRequest) -> HttpResponse:
    """Start a scan and show its progress."""
    job = risk_scans.start(by=request.actor, at=timezone.now())
    return redirect("job_detail", code=job.code)


@require(Permission.CLAIM_AUDIT)
@require_safe
def risk_detail(request: SignedInRequest, code: str) -> HttpResponse:
    """One flag: why, what to look at, and the bill behind it."""
    return _page(request, _found(request.actor, code), JudgmentForm())


@require(Permission.CLAIM_AUDIT)
@require_POST
def risk_decide(request: SignedInRequest, code: str) -> HttpResponse:
    """Dismiss or confirm the flag, or all open ones of its redemption."""
    flag = _found(request.actor, code)
    form = JudgmentForm(request.POST)
    if form.is_valid():
        confirms = form.cleaned_data["outcome"] == FlagStatus.CONFIRMED
        decide = risk_flags.confirm if confirms else risk_flags.dismiss
        try:
            done = decide(
                by=request.actor, flag=flag, reason=form.cleaned_data["reason"],
                together=form.cleaned_data["together"], at=timezone.now(),
            )  # fmt: skip
        except DomainError as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _said(len(done), confirms=confirms))
            return redirect("vouchers:risk_list")
    return _page(request, flag, form, status=422)


def _said(count: int, *, confirms: bool) -> str:
    if confirms:
        return ngettext("%(n)d flag confirmed.", "%(n)d flags confirmed.", count) % {"n": count}
    return ngettext("%(n)d flag dismissed.", "%(n)d flags dismissed.", count) % {"n": count}


def _found(actor: Actor, code: str) -> RiskFlag:
    rows = RiskFlag.objects.visible_to(actor).select_related(
        "bill__enterprise",
        "bill__provider__organization",
        "bill__subscription__offering",
        "voucher__scheme",
        "decided_by",
        "scan",
    )
    flag: RiskFlag = get_object_or_404(rows, code=code)
    return flag


def _page(
    request: SignedInRequest, flag: RiskFlag, form: JudgmentForm, status: int = 200
) -> HttpResponse:
    claim = claim_of(flag.bill_id, flag.voucher.scheme_id)
    context: dict[str, Any] = {
        "flag": flag,
        "title": suspects.title(flag.rule),
        "reason": suspects.reason(flag),
        "paid_fen": suspects.paid_fen({flag.bill_id}).get((flag.bill_id, flag.voucher_id), 0),
        "clues": clues.clues(request.actor, flag),
        "graph": clues.graph(flag),
        "others": flags_of(request.actor, flag.bill_id, flag.voucher_id, without=flag.pk),
        "claim": claim,
        "evidence": evidence.of_bill(claim, flag.bill) if claim else None,
        "form": form,
        "can_decide": flag.status == FlagStatus.OPEN,
    }
    return render(request, "vouchers/risk_detail.html", context, status=status)


def flags_of(
    actor: Actor, bill_id: int, voucher_id: int, *, without: int = 0
) -> list[dict[str, Any]]:
    """All flags of one redemption in words, the most telling first. One query."""
    rows = RiskFlag.objects.visible_to(actor).filter(bill=bill_id, voucher=voucher_id)
    return [
        {"flag": flag, "title": suspects.title(flag.rule), "reason": suspects.reason(flag)}
        for flag in rows.exclude(pk=without).order_by("-weight", "pk")
    ]


def claim_of(bill_id: int, scheme_id: int) -> Claim | None:
    """The claim that carries a redemption, once it was handed in. One query."""
    rows = Claim.objects.filter(lines__bill=bill_id, scheme=scheme_id, submitted_at__isnull=False)
    return rows.select_related("scheme").order_by("pk").first()
