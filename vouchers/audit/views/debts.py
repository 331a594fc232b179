"""The bureau's pages of debts: what is owed, receipts, and what two people write off."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import Actor, SignedInRequest, can, require
from accounts.permissions import Permission
from accounts.stepping_up import confirmed_person
from common.errors import DomainError
from common.forms import add_refusal
from common.pagination import page_of
from common.periods import local_day
from vouchers.audit.actions import debts, write_offs
from vouchers.audit.forms.debts import (
    CollectionAccountForm,
    RepaymentForm,
    TakeBackForm,
    WriteOffForm,
)
from vouchers.audit.models import Recovery, WriteOff, WriteOffStatus


@require(Permission.SETTLEMENT_VIEW)
@require_safe
def debt_list(request: SignedInRequest) -> HttpResponse:
    """What the bureau's cases left to be paid back, the latest first."""
    page = page_of(debts.of_bureau(request.actor.organization), request)
    context = {
        "page_obj": page,
        "debts": debts.shown(rows=list(page), today=local_day(timezone.now())),
        "may_record": can(request.actor, Permission.FUNDS_RECORD),
    }
    return render(request, "vouchers/debt_list.html", context)


@require(Permission.SETTLEMENT_VIEW)
@require_safe
def debt_detail(request: SignedInRequest, code: str) -> HttpResponse:
    """One debt with its receipts and proposals, and what the officer may do."""
    return _page(request, _found(request.actor, code))


@require(Permission.FUNDS_RECORD)
@require_POST
def debt_receive(request: SignedInRequest, code: str) -> HttpResponse:
    """Record a receipt of the bank."""
    recovery = _found(request.actor, code)
    form = RepaymentForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        try:
            debts.record(
                by=request.actor, recovery=recovery, amount_fen=data["amount"],
                reference=data["reference"], received_on=data["received_on"], at=timezone.now(),
            )  # fmt: skip
        except DomainError as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("Recorded. The debtor was told."))
            return redirect("vouchers:debt_detail", code=code)
    return _page(request, recovery, receipt=form)


@require(Permission.FUNDS_RECORD)
@require_POST
def debt_take_back(request: SignedInRequest, code: str) -> HttpResponse:
    """Take a wrong record back."""
    recovery = _found(request.actor, code)
    form = TakeBackForm(request.POST)
    if form.is_valid():
        wrong = get_object_or_404(
            recovery.repayments.filter(undoes__isnull=True, undone_by__isnull=True),
            reference=form.cleaned_data["reference"],
        )
        debts.take_back(
            by=request.actor, repayment=wrong, reason=form.cleaned_data["reason"],
            at=timezone.now(),
        )  # fmt: skip
        messages.success(request, _("Taken back. Record the receipt anew if there was one."))
        return redirect("vouchers:debt_detail", code=code)
    return _page(request, recovery, status=422)


@require(Permission.FUNDS_RECORD)
@require_POST
def debt_write_off(request: SignedInRequest, code: str) -> HttpResponse:
    """Propose to give up the debt or a part of it."""
    recovery = _found(request.actor, code)
    form = WriteOffForm(request.POST)
    if form.is_valid():
        try:
            write_offs.propose(
                by=request.actor, recovery=recovery, amount_fen=form.cleaned_data["amount"],
                reason=form.cleaned_data["reason"], at=timezone.now(),
            )  # fmt: skip
        except DomainError as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("Proposed. A colleague must decide."))
            return redirect("vouchers:debt_detail", code=code)
    return _page(request, recovery, write_off=form)


@require(Permission.SETTLEMENT_SIGN)
@confirmed_person
@require_http_methods(["GET", "HEAD", "POST"])
def write_off_decide(request: SignedInRequest, code: str) -> HttpResponse:
    """The second person gives the debt up, or turns the proposal down."""
    rows = WriteOff.objects.visible_to(request.actor).select_related(
        "recovery__case", "recovery__debtor", "recovery__scheme__bureau", "proposed_by"
    )
    proposal = get_object_or_404(rows, code=code)
    if request.method == "POST":
        decide = write_offs.approve if "approve" in request.POST else write_offs.decline
        decide(by=request.actor, write_off=proposal, at=timezone.now())
        messages.success(request, _("Decided."))
        return redirect("vouchers:debt_detail", code=proposal.recovery.case.code)
    context = {
        "proposal": proposal,
        "debt": debts.of(recovery=proposal.recovery, today=local_day(timezone.now())),
        "is_open": proposal.status == WriteOffStatus.PROPOSED,
        "is_own": proposal.proposed_by.is_same_person(request.actor.user),
    }
    return render(request, "vouchers/write_off_decide.html", context)


@require(Permission.FUNDS_RECORD)
@confirmed_person
@require_http_methods(["GET", "HEAD", "POST"])
def collection_account(request: SignedInRequest) -> HttpResponse:
    """Where debts are paid to the bureau."""
    form = CollectionAccountForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            debts.state_account(by=request.actor, **form.cleaned_data, at=timezone.now())
        except DomainError as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("Saved. Payment slips show this account from now on."))
            return redirect("vouchers:collection_account")
    context = {"form": form, "account": debts.account_of(request.actor.own())}
    status = 422 if form.errors else 200
    return render(request, "vouchers/collection_account.html", context, status=status)


def _found(actor: Actor, code: str) -> Recovery:
    return get_object_or_404(debts.of_bureau(actor.organization), case__code=code)


def _page(
    request: SignedInRequest, recovery: Recovery, status: int = 200, **forms: Any
) -> HttpResponse:
    """The page; `forms` are those that were refused."""
    debt = debts.of(recovery=recovery, today=local_day(timezone.now()))
    context = {
        "debt": debt,
        "repayments": debts.history(recovery=recovery),
        "proposals": recovery.write_offs.select_related("proposed_by", "decided_by").order_by("pk"),
        "receipt": forms.get("receipt") or RepaymentForm(),
        "write_off": forms.get("write_off") or WriteOffForm(),
        "may_record": can(request.actor, Permission.FUNDS_RECORD),
        "may_decide": can(request.actor, Permission.SETTLEMENT_SIGN),
    }
    return render(request, "vouchers/debt_detail.html", context, status=422 if forms else status)
