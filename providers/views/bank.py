"""Pages of the compute bank: an enterprise's balance, deposits and draws; a keeper's decisions."""

import secrets
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import SignedInRequest, can, require
from accounts.models import OrganizationKind
from accounts.permissions import Permission
from common import form_errors
from common.components import Fact
from common.errors import DomainError
from common.pagination import page_of
from common.periods import local_day
from providers import bank_figures, wording
from providers.actions import bank_deposits, bank_draws
from providers.idle_forms import BankForm, ReasonForm
from providers.models import BankDeposit, BankDraw, BankEntry, DepositStatus, Offering


@require_safe
@require(Permission.ORDER_VIEW)
def bank_detail(request: SignedInRequest) -> HttpResponse:
    """For an enterprise balance, deposits, draws and history; for a keeper what waits and stands."""
    if not request.actor.is_kind(OrganizationKind.ENTERPRISE):
        return _kept(request)
    now = timezone.now()
    own = request.actor.own()
    history = BankEntry.objects.filter(credit__enterprise=own).select_related(
        "credit__offering", "supply__offering", "draw"
    )
    balance = bank_deposits.balance(enterprise=own, at=now)
    draws = BankDraw.objects.filter(enterprise=own).select_related("offering", "subscription")
    context = {
        "balance": balance,
        "tiles": bank_figures.tiles_of(balance),
        "bar_text": bank_figures.bar_text(balance),
        "deposits": _deposits(request).order_by("-proposed_at", "-pk")[:20],
        "draws": draws.order_by("-drawn_at", "-pk")[:20],
        "page_obj": page_of(history.order_by("-at", "-pk"), request),
        "may_act": can(request.actor, Permission.ORDER_PLACE),
        "now": now,
    }
    return render(request, "providers/bank_detail.html", context)


def _kept(request: SignedInRequest) -> HttpResponse:
    rows = _deposits(request).order_by("status", "-proposed_at", "-pk")
    context = {
        "page_obj": page_of(rows, request),
        "may_decide": can(request.actor, Permission.PROVIDER_MANAGE),
    }
    return render(request, "providers/bank_kept.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@require(Permission.ORDER_PLACE)
def bank_deposit(request: SignedInRequest) -> HttpResponse:
    """Offer idle hours of a month."""
    now = timezone.now()
    form = _form(request, bank_deposits.exchanges(at=now).order_by("name", "pk"))
    if request.method == "POST" and form.is_valid():
        try:
            bank_deposits.propose(by=request.actor, at=now, **form.values())
        except DomainError as error:
            form_errors.apply(form, error)
        else:
            messages.success(request, _("The deposit waits for the keeper of the machines."))
            return redirect("providers:bank_detail")
    context = {
        "form": form,
        "title": _("Deposit idle hours"),
        "lead": _("The hours count once the provider that keeps the machines has approved them."),
        "action": _("Deposit"),
        "back": reverse("providers:bank_detail"),
    }
    status = 422 if form.errors else 200
    return render(request, "providers/bank_form.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@require(Permission.ORDER_PLACE)
def bank_draw(request: SignedInRequest) -> HttpResponse:
    """Take hours that others deposited, elsewhere."""
    now = timezone.now()
    places = bank_draws.places(enterprise=request.actor.own(), at=now)
    form = _form(request, Offering.objects.filter(pk__in={each.offering_id for each in places}))
    if request.method == "POST" and form.is_valid():
        try:
            made = bank_draws.draw(by=request.actor, at=now, **form.values())
        except DomainError as error:
            form_errors.apply(form, error)
        else:
            messages.success(
                request,
                _("Drawn. Usage is reported on subscription %(code)s.")
                % {"code": made.subscription.code},
            )
            return redirect("providers:bank_detail")
    context = {
        "form": form,
        "places": places,
        "title": _("Draw hours elsewhere"),
        "lead": _("What you draw is kept for you from tomorrow, or from the first of the month."),
        "action": _("Draw"),
        "back": reverse("providers:bank_detail"),
    }
    status = 422 if form.errors else 200
    return render(request, "providers/bank_form.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@require(Permission.ORDER_PLACE)
def draw_release(request: SignedInRequest, code: str) -> HttpResponse:
    """Ask, then give a draw back."""
    own = BankDraw.objects.filter(enterprise=request.actor.organization)
    draw = get_object_or_404(own.select_related("offering", "subscription"), code=code)
    if request.method == "POST":
        bank_draws.release(by=request.actor, draw=draw, at=timezone.now())
        messages.success(request, _("The hours are yours to draw again."))
        return redirect("providers:bank_detail")
    context = {
        "question": _("Give these hours back?"),
        "facts": _facts(draw),
        "warning": _("They keep the last day they had before."),
        "action": _("Give back"),
        "cancel_url": reverse("providers:bank_detail"),
    }
    return render(request, "common/confirm.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@require(Permission.ORDER_PLACE)
def deposit_withdraw(request: SignedInRequest, code: str) -> HttpResponse:
    """Ask, then take a proposal back."""
    own = BankDeposit.objects.filter(enterprise=request.actor.organization)
    deposit = get_object_or_404(own.select_related("offering"), code=code)
    if request.method == "POST":
        bank_deposits.withdraw(by=request.actor, deposit=deposit, at=timezone.now())
        messages.success(request, _("The deposit is withdrawn."))
        return redirect("providers:bank_detail")
    context = {
        "question": _("Withdraw this deposit?"),
        "facts": _facts(deposit),
        "action": _("Withdraw"),
        "danger": True,
        "cancel_url": reverse("providers:bank_detail"),
    }
    return render(request, "common/confirm.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@require(Permission.PROVIDER_MANAGE)
def deposit_approve(request: SignedInRequest, code: str) -> HttpResponse:
    """Vouch for the hours."""
    deposit = _waiting(request, code)
    if request.method == "POST":
        bank_deposits.approve(by=request.actor, deposit=deposit, at=timezone.now())
        messages.success(request, _("Approved. Others may draw these hours now."))
        return redirect("providers:bank_detail")
    context = {
        "question": _("Approve this deposit?"),
        "facts": [Fact(_("Enterprise"), deposit.enterprise.name), *_facts(deposit)],
        "warning": _("You vouch that the machines are there and idle. It cannot be taken back."),
        "action": _("Approve"),
        "cancel_url": reverse("providers:bank_detail"),
    }
    return render(request, "common/confirm.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@require(Permission.PROVIDER_MANAGE)
def deposit_refuse(request: SignedInRequest, code: str) -> HttpResponse:
    """Say why the hours are not taken."""
    deposit = _waiting(request, code)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        remark = form.cleaned_data["remark"]
        bank_deposits.refuse(by=request.actor, deposit=deposit, remark=remark, at=timezone.now())
        messages.success(request, _("Refused. The enterprise reads your reason."))
        return redirect("providers:bank_detail")
    context = {
        "question": _("Refuse this deposit?"),
        "facts": [Fact(_("Enterprise"), deposit.enterprise.name), *_facts(deposit)],
        "form": form,
        "action": _("Refuse"),
        "danger": True,
        "cancel_url": reverse("providers:bank_detail"),
    }
    status = 422 if form.errors else 200
    return render(request, "common/confirm.html", context, status=status)


def _form(request: SignedInRequest, offerings: QuerySet[Offering]) -> BankForm:
    today = local_day(timezone.now())
    start = {"reference": secrets.token_urlsafe(18)}
    return BankForm(offerings, today, request.POST or None, initial=start)


def _deposits(request: SignedInRequest) -> QuerySet[BankDeposit]:
    rows = BankDeposit.objects.visible_to(request.actor)
    return rows.select_related("offering__provider__organization", "enterprise")


def _waiting(request: SignedInRequest, code: str) -> BankDeposit:
    kept = BankDeposit.objects.filter(offering__provider__organization=request.actor.organization)
    rows = kept.select_related("enterprise", "offering__facility")
    return get_object_or_404(rows, code=code, status=DepositStatus.PROPOSED)


def _facts(row: Any) -> list[Fact]:
    return [
        Fact(_("Idle machines"), row.offering.name),
        Fact(_("Month"), f"{row.month:%Y-%m}"),
        Fact(_("Card time"), wording.quantity_text(row.card_seconds, "card_seconds")),
    ]
