"""Subscriptions, for the provider that delivers and the enterprise that uses."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.access import SignedInRequest, require
from accounts.models import OrganizationKind
from accounts.permissions import Permission
from common.pagination import page_of
from providers.filters import SubscriptionFilter
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
