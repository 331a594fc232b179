"""A provider's own offerings: create, price, declare capacity, publish, retire."""

from collections.abc import Callable
from datetime import datetime

from django import forms
from django.contrib import messages
from django.db.models import Count, Prefetch, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import SignedInRequest, require
from accounts.permissions import Permission
from common import form_errors
from common.errors import DomainError
from common.pagination import page_of
from common.periods import local_day, month_start
from providers import capacity_calendar, marks
from providers.actions import capacities, offerings
from providers.forms import CapacityForm, OfferingForm
from providers.models import Figure, Offering, Rate


@require_safe
@require(Permission.PROVIDER_MANAGE)
def offering_own(request: SignedInRequest) -> HttpResponse:
    """The provider's offerings in every state."""
    today = local_day(timezone.now())
    rows = (
        Offering.objects.owned_by(request.actor)
        .select_related("facility")
        .prefetch_related(_rates_in_force(today))
        .annotate(running=Count("subscriptions", filter=~Q(subscriptions__status="ended")))
        .order_by("status", "layer", "name", "pk")
    )
    return render(request, "providers/offering_own.html", {"page_obj": page_of(rows, request)})


@require_safe
@require(Permission.PROVIDER_MANAGE)
def capacity_list(request: SignedInRequest) -> HttpResponse:
    """The calendar of capacity: six months side by side."""
    months = capacity_calendar.months_from(month_start(local_day(timezone.now())))
    rows = capacity_calendar.rows_of(request.actor, months)
    context = {
        "months": months,
        "rows": rows,
        "crumbs": [(_("My supply"), reverse("providers:offering_own")), (_("Capacity"), "")],
    }
    return render(request, "providers/capacity_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@require(Permission.PROVIDER_MANAGE)
def offering_create(request: SignedInRequest) -> HttpResponse:
    """Draft an offering."""
    form = OfferingForm(request.actor, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = offerings.create(by=request.actor, at=timezone.now(), **form.cleaned_data)
        except DomainError as error:
            form_errors.apply(form, error)
        else:
            messages.success(request, _("The draft is saved. Set its prices next."))
            return redirect("providers:offering_manage", code=made.code)
    status = 422 if form.errors else 200
    return render(request, "providers/offering_create.html", {"form": form}, status=status)


@require_safe
@require(Permission.PROVIDER_MANAGE)
def offering_manage(request: SignedInRequest, code: str) -> HttpResponse:
    """One offering: its prices with their history, its capacity by month, its state."""
    offering = _own(request, code)
    today = local_day(timezone.now())
    context = {
        "offering": offering,
        "today": today,
        "figures": list(marks.standing(Figure.objects.filter(offering=offering))),
        "rates": offering.rates.order_by("meter", "-effective", "pk"),
        "capacities": offering.capacities.filter(month__gte=month_start(today)).order_by(
            "month", "meter", "pk"
        ),
    }
    return render(request, "providers/offering_manage.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@require(Permission.PROVIDER_MANAGE)
def capacity_declare(request: SignedInRequest, code: str) -> HttpResponse:
    """Declare the capacity of a month."""
    offering = _own(request, code)
    form = CapacityForm(offering, request.POST or None)
    return _saved(
        request,
        offering,
        form,
        lambda at: capacities.declare(by=request.actor, offering=offering, at=at, **form.values()),
        _("Declare capacity"),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@require(Permission.PROVIDER_MANAGE)
def offering_publish(request: SignedInRequest, code: str) -> HttpResponse:
    """List the offering in the public catalog."""
    offering = _own(request, code)
    if request.method == "POST":
        offerings.publish(by=request.actor, offering=offering, at=timezone.now())
        messages.success(request, _("Listed. Everybody can see it in the catalog now."))
        return redirect("providers:offering_manage", code=offering.code)
    context = {
        "question": _("List “%(name)s” in the catalog?") % {"name": offering.name},
        "action": _("List it"),
        "cancel_url": reverse("providers:offering_manage", args=[offering.code]),
    }
    return render(request, "common/confirm.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@require(Permission.PROVIDER_MANAGE)
def offering_retire(request: SignedInRequest, code: str) -> HttpResponse:
    """Take the offering off the shelf."""
    offering = _own(request, code)
    if request.method == "POST":
        offerings.retire(by=request.actor, offering=offering, at=timezone.now())
        messages.success(request, _("Retired. Running subscriptions go on."))
        return redirect("providers:offering_manage", code=offering.code)
    context = {
        "question": _("Retire “%(name)s”?") % {"name": offering.name},
        "warning": _("It cannot be listed again. Running subscriptions go on until they end."),
        "action": _("Retire it"),
        "danger": True,
        "cancel_url": reverse("providers:offering_manage", args=[offering.code]),
    }
    return render(request, "common/confirm.html", context)


def _own(request: SignedInRequest, code: str) -> Offering:
    rows = Offering.objects.owned_by(request.actor).select_related("facility", "provider")
    return get_object_or_404(rows, code=code)


def _rates_in_force(today: object) -> "Prefetch[str]":
    rows = Rate.objects.filter(effective__contains=today).order_by("meter", "pk")
    return Prefetch("rates", queryset=rows, to_attr="prices")


def _saved(
    request: SignedInRequest,
    offering: Offering,
    form: forms.Form,
    action: Callable[[datetime], object],
    title: str,
) -> HttpResponse:
    """Run one action with a valid form and go back to the offering, or show the form again."""
    if request.method == "POST" and form.is_valid():
        try:
            action(timezone.now())
        except DomainError as error:
            form_errors.apply(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("providers:offering_manage", code=offering.code)
    context = {"form": form, "offering": offering, "title": title}
    status = 422 if form.errors else 200
    return render(request, "providers/offering_figure.html", context, status=status)
