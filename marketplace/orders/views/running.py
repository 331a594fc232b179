"""Pages that change what an order does: pause, go on, change from next month, end."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import SignedInRequest, require
from accounts.permissions import Permission
from common.components import Fact
from common.errors import DomainError
from common.forms import add_refusal
from marketplace.matching import cards
from marketplace.orders import sheets
from marketplace.orders.actions import changes, orders, pauses
from marketplace.orders.forms import ChangeForm, ShownShareForm
from marketplace.orders.models import Order


@require(Permission.ORDER_PLACE)
@require_http_methods(["GET", "HEAD", "POST"])
def order_end(request: SignedInRequest, code: str) -> HttpResponse:
    """Ask, then give notice."""
    order = _order(request, code)
    if request.method == "POST":
        orders.end(by=request.actor, order=order, at=timezone.now())
        messages.success(request, _("Notice is given. The order page shows when it ends."))
        return redirect(order)
    context = {
        "question": _("End this order?"),
        "facts": [
            Fact(_("Bundle"), order.bundle.name),
            Fact(_("Notice period"), cards.days_text(order.bundle.notice_days)),
        ],
        "warning": _(
            "It ends when the notice period is over. Usage until then is billed;"
            " nothing else is due."
        ),
        "action": _("Give notice"),
        "danger": True,
        "cancel_url": order.get_absolute_url(),
    }
    return render(request, "common/confirm.html", context)


@require(Permission.ORDER_PLACE)
@require_http_methods(["GET", "HEAD", "POST"])
def order_pause(request: SignedInRequest, code: str) -> HttpResponse:
    """Ask, then pause."""
    order = _order(request, code)
    if request.method == "POST":
        pauses.pause(by=request.actor, order=order, at=timezone.now())
        messages.success(request, _("Paused. Nothing is billed until you let it go on."))
        return redirect(order)
    context = {
        "question": _("Pause this order?"),
        "facts": [Fact(_("Bundle"), order.bundle.name)],
        "warning": _(
            "Use stops at once and its capacity becomes free for others. To go on you need free"
            " capacity, the list prices of that day hold, and the codes for usage are new."
        ),
        "action": _("Pause"),
        "cancel_url": order.get_absolute_url(),
    }
    return render(request, "common/confirm.html", context)


@require(Permission.ORDER_PLACE)
@require_http_methods(["GET", "HEAD", "POST"])
def order_resume(request: SignedInRequest, code: str) -> HttpResponse:
    """Show what it costs today, then let the order go on."""
    order = _order(request, code)
    form = ShownShareForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        shown = form.cleaned_data["own_fen"]
        try:
            pauses.resume(by=request.actor, order=order, at=timezone.now(), own_fen=shown)
        except DomainError as error:
            add_refusal(form, error)
        else:
            messages.success(request, _("The order goes on. Its codes for usage are new."))
            return redirect(order)
    split = pauses.price(order=order, at=timezone.now())
    context = {
        "question": _("Let this order go on?"),
        "facts": [Fact(_("Bundle"), order.bundle.name), *sheets.split_facts_of(split)],
        "form": form,
        "own_fen": split.own_fen,
        "action": _("Go on"),
        "cancel_url": order.get_absolute_url(),
    }
    status = 422 if form.errors else 200
    return render(request, "marketplace/order_resume.html", context, status=status)


@require(Permission.ORDER_PLACE)
@require_http_methods(["GET", "HEAD", "POST"])
def order_change(request: SignedInRequest, code: str) -> HttpResponse:
    """Ask for volume and bundle, show the price, plan the change when it is confirmed."""
    order = _order(request, code)
    start = {"monthly_volume": order.monthly_volume, "bundle": order.bundle.code}
    form = ChangeForm(request.POST or None, order=order, initial=start)
    split = None
    if request.method == "POST" and form.is_valid():
        try:
            if _is_confirmed(request, form, order):
                return redirect(order)
            split = changes.preview(order=order, at=timezone.now(), **_wanted(form))
            form.show_share(split.own_fen)
        except DomainError as error:
            add_refusal(form, error)
    context = {
        "order": order,
        "form": form,
        "facts": sheets.split_facts_of(split) if split else [],
        "cancel_url": order.get_absolute_url(),
    }
    status = 422 if form.errors else 200
    return render(request, "marketplace/order_change.html", context, status=status)


@require(Permission.ORDER_PLACE)
@require_POST
def order_keep(request: SignedInRequest, code: str) -> HttpResponse:
    """Take the planned change back."""
    order = _order(request, code)
    changes.withdraw(by=request.actor, order=order, at=timezone.now())
    messages.success(request, _("Withdrawn. The order goes on as it is."))
    return redirect(order)


def _is_confirmed(request: SignedInRequest, form: ChangeForm, order: Order) -> bool:
    """Plan the change when the price that was shown is the one of now."""
    shown = form.cleaned_data["own_fen"]
    if shown is None or "look" in request.POST:
        return False
    wanted, now = _wanted(form), timezone.now()
    changes.plan(by=request.actor, order=order, own_fen=shown, at=now, **wanted)
    messages.success(request, _("Planned. It holds from the first day of next month."))
    return True


def _wanted(form: ChangeForm) -> dict[str, Any]:
    return {name: form.cleaned_data[name] for name in ("monthly_volume", "bundle")}


def _order(request: SignedInRequest, code: str) -> Order:
    """One of the enterprise's own: a provider finds none here."""
    rows = Order.objects.filter(enterprise=request.actor.organization)
    return get_object_or_404(
        rows.select_related("bundle", "enterprise", "need__scenario"), code=code
    )
