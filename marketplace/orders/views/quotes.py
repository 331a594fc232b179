"""Pages of quotes: what a bundle costs, reserve it, accept the contract."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import SignedInRequest, require
from accounts.permissions import Permission
from common.errors import DomainError
from common.forms import add_refusal
from marketplace.matching import cards
from marketplace.matching.models import Match, Need
from marketplace.orders import contracts, sheets
from marketplace.orders.actions import orders, quotes
from marketplace.orders.forms import AcceptForm, ShownShareForm
from marketplace.orders.models import Quote


@require(Permission.ORDER_PLACE)
@require_http_methods(["GET", "HEAD", "POST"])
def order_place(request: SignedInRequest, code: str, bundle: str) -> HttpResponse:
    """Show what an order would commit to; ask for a quote at the price that is shown."""
    needs = Need.objects.visible_to(request.actor).select_related("scenario")
    need = get_object_or_404(needs, code=code)
    match = get_object_or_404(need.matches.shown(), bundle__code=bundle)
    form = ShownShareForm(request.POST or None, initial={"own_fen": match.own_fen})
    if request.method == "POST" and form.is_valid():
        try:
            quote = quotes.ask(
                by=request.actor,
                need=need,
                bundle=match.bundle,
                at=timezone.now(),
                own_fen=form.cleaned_data["own_fen"],
            )
        except DomainError as error:
            add_refusal(form, error)
            match = need.matches.shown().filter(bundle=match.bundle_id).first() or match
            form.data = {"own_fen": str(match.own_fen)}
        else:
            return redirect(quote)
    context = _commitment(need, match, form)
    status = 422 if form.errors else 200
    return render(request, "marketplace/order_place.html", context, status=status)


@require(Permission.ORDER_PLACE)
@require_http_methods(["GET", "HEAD", "POST"])
def quote_detail(request: SignedInRequest, code: str) -> HttpResponse:
    """A quote with its clock; once reserved, the contract's text, which a POST accepts."""
    quote = _quote(request, code)
    form = AcceptForm(request.POST or None, initial=_shown(quote))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data | {"quote": quote, "at": timezone.now()}
        del data["agreed"]
        try:
            order = quotes.accept(by=request.actor, **data)
        except DomainError as error:
            add_refusal(form, error)
            quote.refresh_from_db()
            form.show(**_shown(quote))
        else:
            return redirect(order)
    context = {
        "quote": quote,
        "facts": sheets.quote_facts_of(quote),
        "clauses": contracts.clauses(orders.CONTRACT_VERSION, quote.bundle.notice_days),
        "form": form,
        "is_timely": sheets.is_timely(quote, timezone.now()),
        "crumbs": _crumbs(quote.need, quote.code),
    }
    status = 422 if form.errors else 200
    return render(request, "marketplace/quote_detail.html", context, status=status)


@require(Permission.ORDER_PLACE)
@require_POST
def quote_reserve(request: SignedInRequest, code: str) -> HttpResponse:
    """Keep capacity and voucher money for 72 hours."""
    quote = _quote(request, code)
    try:
        quotes.reserve(by=request.actor, quote=quote, at=timezone.now())
    except DomainError as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, _("Reserved. Read the contract below and accept it in time."))
    return redirect(quote)


@require(Permission.ORDER_PLACE)
@require_POST
def quote_withdraw(request: SignedInRequest, code: str) -> HttpResponse:
    """Give the quote up; what it holds is free again."""
    quote = _quote(request, code)
    quotes.withdraw(by=request.actor, quote=quote, at=timezone.now())
    messages.success(request, _("Withdrawn. Nothing is reserved any more."))
    return redirect(quote.need)


def _commitment(need: Need, match: Match, form: ShownShareForm) -> dict[str, Any]:
    return {
        "need": need,
        "match": match,
        "card": cards.card_of(match),
        "facts": sheets.commitment_of(need, match),
        "form": form,
        "cancel_url": need.get_absolute_url(),
        "crumbs": _crumbs(need, _("Order")),
    }


def _shown(quote: Quote) -> dict[str, int]:
    return {"own_fen": quote.monthly_own_fen, "contract_version": orders.CONTRACT_VERSION}


def _quote(request: SignedInRequest, code: str) -> Quote:
    rows = Quote.objects.visible_to(request.actor).select_related(
        "need__scenario", "need__enterprise", "bundle__publisher__organization"
    )
    return get_object_or_404(rows, code=code)


def _crumbs(need: Need, last: str) -> list[tuple[str, str]]:
    return [
        (_("Needs and matches"), reverse("marketplace:need_list")),
        (need.code, need.get_absolute_url()),
        (last, ""),
    ]
