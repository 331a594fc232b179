"""The provider's page of its bank account."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import SignedInRequest, require
from accounts.permissions import Permission
from accounts.stepping_up import confirmed_person
from common.errors import DomainError
from common.forms import add_refusal
from vouchers.audit.actions import payees
from vouchers.audit.forms import AccountForm


@require(Permission.CLAIM_SUBMIT)
@confirmed_person
@require_http_methods(["GET", "HEAD", "POST"])
def payee_account(request: SignedInRequest) -> HttpResponse:
    """The account that payments go to, and another one stated in its place."""
    form = AccountForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            payees.state(by=request.actor, **form.cleaned_data, at=timezone.now())
        except DomainError as error:
            add_refusal(form, error)
        else:
            messages.success(request, _("Saved. The next settlement pays to this account."))
            return redirect("vouchers:payee_account")
    account = payees.of(request.actor.own())
    context = {"form": form, "account": account}
    status = 422 if form.errors else 200
    return render(request, "vouchers/payee_account.html", context, status=status)
