"""Pages of orders: see one, list them, give notice."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.access import SignedInRequest, can, require
from accounts.permissions import Permission
from common import pdf
from common.pagination import page_of
from common.periods import local_day
from marketplace.orders import contracts, sheets
from marketplace.orders.filters import OrderFilter
from marketplace.orders.models import Order
from providers.models import Subscription


@require(Permission.ORDER_VIEW)
@require_safe
def order_list(request: SignedInRequest) -> HttpResponse:
    """List orders: the enterprise's own, or those a provider delivers."""
    rows = Order.objects.visible_to(request.actor).select_related(
        "enterprise", "bundle__publisher__organization", "need__scenario"
    )
    chosen = OrderFilter(request.GET or None, queryset=rows.order_by("-placed_at", "-pk"))
    context = {
        "page_obj": page_of(chosen.qs, request),
        "form": chosen.form,
        "is_buyer": can(request.actor, Permission.NEED_MANAGE),
    }
    return render(request, "marketplace/order_list.html", context)


@require(Permission.ORDER_VIEW)
@require_safe
def order_detail(request: SignedInRequest, code: str) -> HttpResponse:
    """Subscriptions with their codes, units and providers; for the buyer also the price."""
    order = _order(request, code)
    running = (
        Subscription.objects.visible_to(request.actor)
        .filter(reference=order.code)
        .select_related("offering__provider__organization")
        .prefetch_related("offering__rates")
        .order_by("offering__layer", "pk")
    )
    is_buyer = order.enterprise == request.actor.organization
    context = {
        "order": order,
        "facts": sheets.facts_of(order, is_buyer=is_buyer),
        "rows": sheets.rows_of(running, local_day(timezone.now())),
        "is_buyer": is_buyer,
        "changes": sheets.changes_of(order) if is_buyer else [],
        "can_end": is_buyer and can(request.actor, Permission.ORDER_PLACE),
        "crumbs": [(_("Orders"), reverse("marketplace:order_list")), (order.code, "")],
    }
    return render(request, "marketplace/order_detail.html", context)


@require(Permission.ORDER_VIEW)
@require_safe
def order_contract(request: SignedInRequest, code: str) -> HttpResponse:
    """The contract as PDF, for the buyer: it names what the enterprise pays."""
    rows = Order.objects.filter(enterprise=request.actor.organization).select_related(
        "enterprise", "bundle", "need__scenario", "placed_by"
    )
    order = get_object_or_404(rows, code=code)
    return pdf.response(contracts.paper(order), f"{order.code}.pdf")


def _order(request: SignedInRequest, code: str) -> Order:
    rows = Order.objects.visible_to(request.actor).select_related(
        "enterprise", "bundle__publisher__organization", "need__scenario", "placed_by"
    )
    return get_object_or_404(rows, code=code)
