"""The public shelf of bundles, and a provider's own."""

from django.contrib import messages
from django.db.models import Prefetch, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import ActorRequest, SignedInRequest, public, require
from accounts.permissions import Permission
from common import form_errors
from common.errors import DomainError
from common.pagination import page_of
from common.periods import local_day
from marketplace.catalog import cards, open_shelf
from marketplace.catalog.actions import bundles
from marketplace.catalog.filters import BundleFilter, ShelfFilter
from marketplace.catalog.forms import BundleForm
from marketplace.catalog.models import Bundle, BundleItem
from providers import marks
from providers.models import Rate


@require_safe
@public
def bundle_list(request: ActorRequest) -> HttpResponse:
    """Bundles everybody can order."""
    chosen = BundleFilter(request.GET or None, queryset=_shown(Bundle.objects.visible_to(None)))
    rows = chosen.qs.order_by("start_cost_fen", "days_to_first_use", "pk")
    context = {"form": chosen.form, "page_obj": page_of(rows, request, size=12)}
    return render(request, "marketplace/bundle_list.html", context)


@require_safe
@public
def bundle_detail(request: ActorRequest, code: str) -> HttpResponse:
    """One bundle: its chain, its prices, its light numbers."""
    bundle = get_object_or_404(_shown(Bundle.objects.visible_to(request.actor)), code=code)
    organization = request.actor.organization if request.actor else None
    context = {
        "bundle": bundle,
        "floors": cards.floors_of(bundle),
        "tiles": cards.light_tiles(bundle),
        "is_own": organization is not None and bundle.publisher.organization == organization,
    }
    return render(request, "marketplace/bundle_detail.html", context)


@require_safe
@public
def shelf_list(request: ActorRequest) -> HttpResponse:
    """Small offerings and idle windows that can be ordered at once."""
    now = timezone.now()
    chosen = ShelfFilter(request.GET or None, queryset=open_shelf.rows_at(now), at=now)
    rows = chosen.qs.order_by("meter", "unit_yuan", "pk")
    context = {"form": chosen.form, "page_obj": page_of(rows, request), "now": now}
    return render(request, "marketplace/shelf_list.html", context)


@require_safe
@require(Permission.BUNDLE_PUBLISH)
def bundle_own(request: SignedInRequest) -> HttpResponse:
    """The provider's bundles in every state."""
    rows = _shown(Bundle.objects.owned_by(request.actor)).order_by("status", "name", "pk")
    return render(request, "marketplace/bundle_own.html", {"page_obj": page_of(rows, request)})


@require_http_methods(["GET", "HEAD", "POST"])
@require(Permission.BUNDLE_PUBLISH)
def bundle_create(request: SignedInRequest) -> HttpResponse:
    """Draft a bundle."""
    form = BundleForm(request.actor, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = bundles.create(by=request.actor, at=timezone.now(), **form.values())
        except DomainError as error:
            form_errors.apply(form, error)
        else:
            messages.success(request, _("The draft is saved. Check it and list it."))
            return redirect("marketplace:bundle_detail", code=made.code)
    status = 422 if form.errors else 200
    return render(request, "marketplace/bundle_create.html", {"form": form}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@require(Permission.BUNDLE_PUBLISH)
def bundle_publish(request: SignedInRequest, code: str) -> HttpResponse:
    """Put the bundle on the shelf."""
    bundle = get_object_or_404(Bundle.objects.owned_by(request.actor), code=code)
    if request.method == "POST":
        bundles.publish(by=request.actor, bundle=bundle, at=timezone.now())
        messages.success(request, _("Listed. Firms can order it now."))
        return redirect("marketplace:bundle_detail", code=bundle.code)
    context = {
        "question": _("List the bundle “%(name)s”?") % {"name": bundle.name},
        "action": _("List it"),
        "cancel_url": reverse("marketplace:bundle_detail", args=[bundle.code]),
    }
    return render(request, "common/confirm.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@require(Permission.BUNDLE_PUBLISH)
def bundle_retire(request: SignedInRequest, code: str) -> HttpResponse:
    """Take the bundle off the shelf."""
    bundle = get_object_or_404(Bundle.objects.owned_by(request.actor), code=code)
    if request.method == "POST":
        bundles.retire(by=request.actor, bundle=bundle, at=timezone.now())
        messages.success(request, _("Retired. Running orders go on."))
        return redirect("marketplace:bundle_own")
    context = {
        "question": _("Retire the bundle “%(name)s”?") % {"name": bundle.name},
        "warning": _("It cannot be listed again. Running orders go on until they end."),
        "action": _("Retire it"),
        "danger": True,
        "cancel_url": reverse("marketplace:bundle_detail", args=[bundle.code]),
    }
    return render(request, "common/confirm.html", context)


def _shown(rows: QuerySet[Bundle]) -> QuerySet[Bundle]:
    """Load chain, providers, prices of today and scenarios in a constant number of queries."""
    prices = Rate.objects.in_force_on(local_day(timezone.now())).order_by("meter", "pk")
    items = (
        BundleItem.objects.select_related("offering__provider__organization", "offering__facility")
        .prefetch_related(
            Prefetch("offering__rates", queryset=prices, to_attr="prices"),
            marks.prefetch("offering__figures"),
        )
        .order_by("position", "pk")
    )
    return rows.select_related("publisher__organization").prefetch_related(
        Prefetch("items", queryset=items), "scenarios"
    )
