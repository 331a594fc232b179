"""The pages of a dispute, for both sides and the bureau that decides."""

from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import Actor, SignedInRequest, can, require
from accounts.permissions import Permission
from common.components import Fact
from common.display import money_text
from common.errors import DomainError
from common.forms import add_refusal
from common.pagination import page_of
from vouchers.audit.actions import dispute_entries, disputes
from vouchers.audit.forms.disputes import (
    AcceptForm,
    DisputeDecisionForm,
    DisputeFilter,
    DisputeForm,
    StatementForm,
)
from vouchers.audit.models import Dispute, DisputeStatus
from vouchers.audit.views import files
from vouchers.billing.models import Bill


@require(Permission.DISPUTE_VIEW)
@require_safe
def dispute_list(request: SignedInRequest) -> HttpResponse:
    """Disputes of the own bills, or those the bureau decides; open ones first, the next deadline on top."""
    rows = Dispute.objects.visible_to(request.actor).with_names()
    found = DisputeFilter(request.GET, queryset=rows.order_by("closed_at", "until", "pk"))
    context = {"filter": found, "page_obj": page_of(found.qs, request)}
    return render(request, "vouchers/dispute_list.html", context)


@require(Permission.USAGE_VIEW)
@require_http_methods(["GET", "HEAD", "POST"])
def bill_dispute(request: SignedInRequest, code: str) -> HttpResponse:
    """Say what is wrong with a bill; a bill that was disputed leads to its dispute."""
    rows = Bill.objects.visible_to(request.actor).with_names()
    bill = get_object_or_404(rows.select_related("dispute"), code=code)
    known = getattr(bill, "dispute", None)
    if known is not None:
        return redirect("vouchers:dispute_detail", code=known.code)
    if bill.enterprise != request.actor.organization:
        raise Http404
    form = DisputeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        try:
            made = disputes.open_dispute(
                by=request.actor, bill=bill, reason=reason, at=timezone.now()
            )
        except DomainError as error:
            add_refusal(form, error)
        else:
            messages.success(request, _("The bill is disputed. The provider sees your reason."))
            return redirect("vouchers:dispute_detail", code=made.code)
    context = {"form": form, "bill": bill}
    return render(
        request, "vouchers/bill_dispute.html", context, status=422 if form.errors else 200
    )


@require(Permission.DISPUTE_VIEW)
@require_safe
def dispute_detail(request: SignedInRequest, code: str) -> HttpResponse:
    """What it is about, what was said, what may be done next."""
    return _page(request, _found(request.actor, code))


@require(Permission.CASE_ANSWER)
@require_POST
def dispute_say(request: SignedInRequest, code: str) -> HttpResponse:
    """Add a statement, a file or an offer."""
    dispute = _found(request.actor, code)
    form = StatementForm(request.POST, request.FILES, may_offer=True)
    if form.is_valid():
        try:
            dispute_entries.say(
                by=request.actor, dispute=dispute, text=form.cleaned_data["text"],
                file=form.cleaned_data["file"], offered_fen=form.cleaned_data["offer"],
                at=timezone.now(),
            )  # fmt: skip
        except DomainError as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("Handed in. Everybody in the dispute sees it."))
            return redirect("vouchers:dispute_detail", code=code)
    return _page(request, dispute, statement=form, status=422)


@require(Permission.BILL_CONFIRM)
@require_POST
def dispute_accept(request: SignedInRequest, code: str) -> HttpResponse:
    """Accept the offer that was shown."""
    dispute, form = _found(request.actor, code), AcceptForm(request.POST)
    if not form.is_valid():
        raise Http404
    offered_fen = form.cleaned_data["offered_fen"]
    disputes.accept(by=request.actor, dispute=dispute, offered_fen=offered_fen, at=timezone.now())
    messages.success(request, _("Agreed. The bill stands at the new total."))
    return redirect("vouchers:dispute_detail", code=code)


@require(Permission.BILL_CONFIRM)
@require_http_methods(["GET", "HEAD", "POST"])
def dispute_withdraw(request: SignedInRequest, code: str) -> HttpResponse:
    """Ask, then take the dispute back."""
    dispute = _found(request.actor, code)
    if request.method == "POST":
        disputes.withdraw(by=request.actor, dispute=dispute, at=timezone.now())
        messages.success(request, _("Withdrawn. The bill is confirmed as it was."))
        return redirect("vouchers:dispute_detail", code=code)
    context = {
        "question": _("Withdraw this dispute?"),
        "facts": [
            Fact(_("Bill"), dispute.bill.code),
            Fact(_("Total"), money_text(dispute.before_fen)),
        ],
        "warning": _("The bill is confirmed as it is. It cannot be disputed again."),
        "action": _("Withdraw the dispute"),
        "cancel_url": reverse("vouchers:dispute_detail", args=[dispute.code]),
    }
    return render(request, "common/confirm.html", context)


@require(Permission.CLAIM_AUDIT)
@require_POST
def dispute_decide(request: SignedInRequest, code: str) -> HttpResponse:
    """Decide at which total the bill stands."""
    dispute = _found(request.actor, code)
    form = DisputeDecisionForm(request.POST)
    if form.is_valid():
        try:
            disputes.decide(
                by=request.actor, dispute=dispute, total_fen=form.cleaned_data["total"],
                answer=form.cleaned_data["answer"], at=timezone.now(),
            )  # fmt: skip
        except DomainError as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("Decided. Both sides are told."))
            return redirect("vouchers:dispute_detail", code=code)
    return _page(request, dispute, decision=form, status=422)


@require(Permission.DISPUTE_VIEW)
@require_safe
def dispute_file(request: SignedInRequest, code: str, position: int) -> HttpResponse:
    """A file that one side handed in, as an attachment."""
    rows = _found(request.actor, code).entries.filter(number=position, file__isnull=False)
    entry = get_object_or_404(rows.select_related("file"))
    if entry.file is None:
        raise Http404
    return files.stored(entry.file)


def _found(actor: Actor, code: str) -> Dispute:
    found: Dispute = get_object_or_404(Dispute.objects.visible_to(actor).with_names(), code=code)
    return found


def _page(
    request: SignedInRequest,
    dispute: Dispute,
    *,
    statement: Form | None = None,
    decision: Form | None = None,
    status: int = 200,
) -> HttpResponse:
    actor, at = request.actor, timezone.now()
    is_open = dispute.status == DisputeStatus.OPEN
    sells = dispute.bill.provider.organization == actor.organization
    buys = dispute.bill.enterprise == actor.organization
    judges = is_open and dispute.bureau == actor.organization and can(actor, Permission.CLAIM_AUDIT)
    context: dict[str, Any] = {
        "dispute": dispute,
        "entries": list(dispute.entries.light()),
        "offer": disputes.offer_of(dispute) if is_open else None,
        "lines": list(dispute.withdrawals.select_related("line__claim").order_by("pk")),
        "may_say": is_open
        and (sells or buys)
        and can(actor, Permission.CASE_ANSWER)
        and not disputes.is_time_over(dispute, at=at),
        "may_end": is_open and buys and can(actor, Permission.BILL_CONFIRM),
        "judges": judges,
        "may_decide": judges and disputes.may_decide(dispute, at=at),
        "shows_bill": sells or buys,
        "statement": statement or StatementForm(may_offer=sells),
        "decision": decision or DisputeDecisionForm(initial={"total": dispute.before_fen}),
    }
    return render(request, "vouchers/dispute_detail.html", context, status=status)
