"""Pages of prepaid money: the enterprise's balance, the bureau's receipts."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import SignedInRequest, require
from accounts.permissions import Permission
from common.components import Tile
from common.display import money_text
from common.errors import DomainError
from common.forms import add_refusal
from vouchers.billing.actions import funds
from vouchers.billing.forms import DepositForm

PAGE_SIZE = 25


@require(Permission.WALLET_VIEW)
@require_safe
def funds_detail(request: SignedInRequest) -> HttpResponse:
    """What is left of the prepaid money, what is owed, and how it came and went."""
    firm = request.actor.own()
    balance = funds.balance(enterprise=firm)
    lines = Paginator(funds.history(enterprise=firm), PAGE_SIZE)
    context = {
        "balance": balance,
        "tiles": [
            Tile(_("Available"), money_text(balance.available_fen)),
            Tile(_("Outstanding"), money_text(balance.outstanding_fen)),
        ],
        "page_obj": lines.get_page(request.GET.get("page")),
        "firm": firm,
    }
    return render(request, "vouchers/funds_detail.html", context)


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
