"""Pages of what comes after use: an order's rating and real cost, rate it, answer."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import SignedInRequest, can, require
from accounts.permissions import Permission
from common.errors import DomainError
from common.forms import add_refusal
from marketplace.experience import sheets
from marketplace.experience.actions import measuring, ratings
from marketplace.experience.forms import AnswerForm, RatingForm
from marketplace.orders.models import Order


@require(Permission.ORDER_VIEW)
@require_safe
def order_rating(request: SignedInRequest, code: str) -> HttpResponse:
    """Versions of the rating, the answer, and for the buyer the real cost."""
    order = _order(request, code)
    measured = measuring.measure(order=order)
    is_buyer = order.enterprise == request.actor.organization
    is_publisher = order.bundle.publisher.organization == request.actor.organization
    found = list(order.ratings.order_by("-number"))
    answer = getattr(order, "rating_answer", None)
    context = {
        "order": order,
        "use": sheets.use_facts(measured),
        "ratings": found,
        "answer": answer,
        "costs": sheets.cost_rows(measured.all_costs) if is_buyer else [],
        "cost_facts": sheets.cost_facts(order, measured) if is_buyer else [],
        "is_long": measured.span is not None and measured.span.is_long,
        "can_rate": is_buyer and can(request.actor, Permission.ORDER_PLACE),
        "can_answer": bool(found)
        and answer is None
        and is_publisher
        and can(request.actor, Permission.BUNDLE_PUBLISH),
        "crumbs": _crumbs(order, _("After use")),
    }
    return render(request, "marketplace/order_rating.html", context)


@require(Permission.ORDER_PLACE)
@require_http_methods(["GET", "HEAD", "POST"])
def order_rate(request: SignedInRequest, code: str) -> HttpResponse:
    """Rate an order of the own firm, or change its rating."""
    order = get_object_or_404(
        Order.objects.filter(enterprise=request.actor.organization).select_related("bundle"),
        code=code,
    )
    former = order.ratings.order_by("-number").first()
    form = RatingForm(request.POST or None, initial=RatingForm.values_of(former))
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data | {"order": order, "at": timezone.now()}
        try:
            ratings.rate(by=request.actor, **said)
        except DomainError as error:
            add_refusal(form, error)
        else:
            messages.success(request, _("Your rating is kept. You can change it at any time."))
            return redirect("marketplace:order_rating", code=order.code)
    context = _asking(order, form, _("Rate this order"), _("Keep the rating"))
    return render(request, "marketplace/rating_form.html", context, status=_status(form))


@require(Permission.BUNDLE_PUBLISH)
@require_http_methods(["GET", "HEAD", "POST"])
def rating_answer(request: SignedInRequest, code: str) -> HttpResponse:
    """Answer a rating once, as the bundle's publisher."""
    rows = Order.objects.filter(bundle__publisher__organization=request.actor.organization)
    order = get_object_or_404(rows.select_related("bundle"), code=code)
    form = AnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        words = form.cleaned_data["words"]
        try:
            ratings.answer(by=request.actor, order=order, words=words, at=timezone.now())
        except DomainError as error:
            add_refusal(form, error)
        else:
            messages.success(request, _("Your answer is kept."))
            return redirect("marketplace:order_rating", code=order.code)
    context = _asking(order, form, _("Answer this rating"), _("Send the answer"))
    return render(request, "marketplace/rating_form.html", context, status=_status(form))


def _asking(order: Order, form: Any, title: str, action: str) -> dict[str, Any]:
    return {
        "order": order,
        "form": form,
        "title": title,
        "action": action,
        "rating": order.ratings.order_by("-number").first(),
        "cancel_url": reverse("marketplace:order_rating", args=[order.code]),
        "crumbs": _crumbs(order, title),
    }


def _status(form: Any) -> int:
    return 422 if form.errors else 200


def _crumbs(order: Order, here: str) -> list[tuple[str, str]]:
    orders = (_("Orders"), reverse("marketplace:order_list"))
    return [orders, (order.code, order.get_absolute_url()), (here, "")]


def _order(request: SignedInRequest, code: str) -> Order:
    rows = Order.objects.visible_to(request.actor).select_related(
        "enterprise", "bundle__publisher__organization", "need__scenario", "rating_answer"
    )
    return get_object_or_404(rows, code=code)
