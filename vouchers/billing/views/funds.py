"""Pages of prepaid money: the enterprise's balance, the bureau's receipts."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import SignedInRequest, can, require
from accounts.permissions import Permission
from common.components import Tile
from common.display import grouped, money_text
from common.errors import DomainError
from common.forms import add_refusal
from vouchers.billing.actions import budgets, funds
from vouchers.billing.forms import BudgetForm, DepositForm

PAGE_SIZE = 25


@require(Permission.WALLET_VIEW)
@require_safe
def funds_detail(request: SignedInRequest) -> HttpResponse:
    """What is left of the prepaid money, what is owed, and how it came and went."""
    firm = request.actor.own()
    balance = funds.balance(enterprise=firm)
    lines = Paginator(funds.history(enterprise=firm), PAGE_SIZE)
    outlook = budgets.outlook(enterprise=firm, at=timezone.now())
    context = {
        "balance": balance,
        "outlook": outlook,
        "budget_text": _budget_text(outlook),
        "may_set_budget": can(request.actor, Permission.BUDGET_SET),
        "tiles": [
            Tile(_("Available"), money_text(balance.available_fen)),
            Tile(_("Lasts for"), _hours_text(outlook), _("at the rate of the last days")),
            Tile(_("Outstanding"), money_text(balance.outstanding_fen)),
        ],
        "page_obj": lines.get_page(request.GET.get("page")),
        "firm": firm,
    }
    return render(request, "vouchers/funds_detail.html", context)


def _hours_text(outlook: budgets.Outlook) -> str:
    if outlook.hours_left is None:
        return _("nothing is being spent")
    said = ngettext("%(count)s hour", "%(count)s hours", outlook.hours_left)
    return said % {"count": grouped(outlook.hours_left)}


def _budget_text(outlook: budgets.Outlook) -> str:
    if outlook.budget_fen is None:
        return ""
    return _("%(spent)s of %(budget)s, %(percent)s%%") % {
        "spent": money_text(outlook.spent_fen),
        "budget": money_text(outlook.budget_fen),
        "percent": grouped(outlook.percent or 0),
    }


@require(Permission.BUDGET_SET)
@require_http_methods(["GET", "HEAD", "POST"])
def budget_edit(request: SignedInRequest) -> HttpResponse:
    """Set the monthly budget; an empty field takes it away."""
    outlook = budgets.outlook(enterprise=request.actor.own(), at=timezone.now())
    form = BudgetForm(request.POST or None, initial={"amount": outlook.budget_fen})
    if request.method == "POST" and form.is_valid():
        try:
            budgets.choose(
                by=request.actor, amount_fen=form.cleaned_data["amount"], at=timezone.now()
            )
        except DomainError as error:
            add_refusal(form, error)
        else:
            messages.success(request, _("The monthly budget is saved."))
            return redirect("vouchers:funds_detail")
    context = {"form": form, "outlook": outlook}
    return render(request, "vouchers/budget_edit.html", context, status=422 if form.errors else 200)


@require(Permission.FUNDS_RECORD)
@require_http_methods(["GET", "HEAD", "POST"])
def deposit_create(request: SignedInRequest) -> HttpResponse:
    """Record a payment that the bank received; the latest ones stand below."""
    form = DepositForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            made = funds.deposit(
                by=request.actor,
                enterprise=data["enterprise"],
                amount_fen=data["amount"],
                reference=data["reference"],
                at=timezone.now(),
            )
        except DomainError as error:
            add_refusal(form, error)
        else:
            said = {"amount": money_text(made.amount_fen), "name": made.enterprise.name}
            messages.success(request, _("%(amount)s recorded for %(name)s.") % said)
            return redirect("vouchers:deposit_create")
    context = {"form": form, "receipts": funds.receipts(by=request.actor)}
    return render(
        request, "vouchers/deposit_create.html", context, status=422 if form.errors else 200
    )
