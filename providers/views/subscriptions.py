"""Subscriptions, for the provider that delivers and the enterprise that uses."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import SignedInRequest, can, require
from accounts.models import OrganizationKind
from accounts.permissions import Permission
from common import form_errors
from common.errors import DomainError
from common.pagination import page_of
from common.periods import local_day
from providers import price_lists
from providers.actions import price_terms as terms
from providers.filters import SubscriptionFilter
from providers.forms import PriceTermsForm
from providers.models import Subscription


@require_safe
@require(Permission.ORDER_VIEW)
def subscription_list(request: SignedInRequest) -> HttpResponse:
    """Running and ended subscriptions; their codes are what usage is reported against."""
    rows = (
        Subscription.objects.visible_to(request.actor)
        .select_related("enterprise", "offering__provider__organization")
        .order_by("-starts_at", "-pk")
    )
    chosen = SubscriptionFilter(request.GET or None, queryset=rows)
    context = {
        "form": chosen.form,
        "page_obj": page_of(chosen.qs, request),
        "is_provider": request.actor.is_kind(OrganizationKind.PROVIDER),
    }
    return render(request, "providers/subscription_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@require(Permission.ORDER_VIEW)
def price_terms(request: SignedInRequest, code: str) -> HttpResponse:
    """The prices that hold for a subscription, and announced ones; its buyer may follow the list."""
    rows = Subscription.objects.visible_to(request.actor).select_related("offering", "enterprise")
    subscription = get_object_or_404(rows, code=code)
    form = PriceTermsForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            terms.follow_list(
                by=request.actor, subscription=subscription, at=timezone.now(), **form.cleaned_data
            )
        except DomainError as error:
            form_errors.apply(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("providers:price_terms", code=code)
    context = {
        "form": form,
        "subscription": subscription,
        "sheet": price_lists.sheet_of(subscription, local_day(timezone.now())),
        "can_choose": request.actor.organization == subscription.enterprise
        and can(request.actor, Permission.ORDER_PLACE),
    }
    status = 422 if form.errors else 200
    return render(request, "providers/price_terms.html", context, status=status)
