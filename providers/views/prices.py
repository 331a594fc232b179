"""Pages on which a provider prices what it sells: one meter, or a whole list of models."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import SignedInRequest, require
from accounts.permissions import Permission
from common import form_errors
from common.errors import DomainError
from common.periods import local_day
from providers.actions import model_prices, rates
from providers.forms import PriceForm
from providers.import_forms import PriceImportForm
from providers.models import Offering


@require_http_methods(["GET", "HEAD", "POST"])
@require(Permission.PROVIDER_MANAGE)
def price_set(request: SignedInRequest, code: str) -> HttpResponse:
    """Price a meter from a day on, in one tier or several."""
    rows = Offering.objects.owned_by(request.actor).select_related("facility", "provider")
    offering = get_object_or_404(rows, code=code)
    form = PriceForm(offering, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            rates.set_prices(
                by=request.actor, offering=offering, at=timezone.now(), **form.values()
            )
        except DomainError as error:
            form_errors.apply(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("providers:offering_manage", code=offering.code)
    context = {"form": form, "offering": offering}
    status = 422 if request.method == "POST" else 200
    return render(request, "providers/rate_set.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@require(Permission.PROVIDER_MANAGE)
def price_import(request: SignedInRequest) -> HttpResponse:
    """Check a list of model prices, then import it; each entry answers for itself."""
    now = timezone.now()
    is_trial = "check" in request.POST
    form = PriceImportForm(
        request.POST or None, request.FILES or None, initial={"from_day": local_day(now)}
    )
    context = {"form": form, "is_trial": is_trial, "answers": []}
    if request.method == "POST" and form.is_valid():
        try:
            context["answers"] = model_prices.import_rows(
                by=request.actor, dry_run=is_trial, at=now, **form.values()
            )
        except DomainError as error:
            form_errors.apply(form, error)
        else:
            form = context["form"] = form.again()
    status = 422 if form.errors else 200
    return render(request, "providers/price_import.html", context, status=status)
