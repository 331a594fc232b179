"""Pages of latency circles: what a district reaches, and tables to load."""

from decimal import Decimal

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import ActorRequest, SignedInRequest, can, public, signed_in
from accounts.permissions import Permission
from accounts.rules import regions
from accounts.wording import region_name
from common import form_errors
from common.errors import DomainError, Forbidden
from providers.actions import latency
from providers.idle_forms import ALL_CIRCLES, CircleForm, LatencyFileForm, example_of
from providers.models import Facility, LatencySource


@require_safe
@public
def latency_list(request: ActorRequest) -> HttpResponse:
    """Which facilities a district reaches, the nearest first."""
    form = CircleForm(
        [(code, region_name(code)) for code in regions.REGIONS],
        request.GET if "district" in request.GET else None,
        initial={"district": "621002", "limit": ALL_CIRCLES},
    )
    chosen = form.is_valid()
    district = form.cleaned_data["district"] if chosen else "621002"
    limit = Decimal(form.cleaned_data["limit"] or 0) if chosen else Decimal(0)
    circles = latency.circles(district=district, limit_ms=limit or None, at=timezone.now())
    actor = request.actor
    context = {
        "form": form,
        "district": district,
        "circles": circles,
        "may_load": can(actor, Permission.PROVIDER_MANAGE)
        or can(actor, Permission.PROVIDER_VERIFY),
    }
    return render(request, "providers/latency_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def latency_load(request: SignedInRequest) -> HttpResponse:
    """Try a table out, then take it; a provider declares, a bureau has it measured."""
    measured = can(request.actor, Permission.PROVIDER_VERIFY)
    if not measured and not can(request.actor, Permission.PROVIDER_MANAGE):
        raise Forbidden(_("Only providers and the bureau state latencies."))
    form = LatencyFileForm(request.POST or None, request.FILES or None)
    is_trial = "check" in request.POST
    answers: list[latency.Answer] = []
    if request.method == "POST" and form.is_valid():
        try:
            answers = latency.load(
                by=request.actor, content=form.content(), at=timezone.now(), is_trial=is_trial
            )
        except DomainError as error:
            form_errors.apply(form, error)
    source = LatencySource.MEASURED if measured else LatencySource.DECLARED
    own = Facility.objects.visible_to(request.actor).order_by("pk").first()
    refused = any(each.outcome == latency.Outcome.REFUSED for each in answers)
    context = {
        "form": form,
        "answers": answers,
        "is_trial": is_trial,
        "is_refused": refused,
        "source": source,
        "example": example_of(own, source),
    }
    status = 422 if form.errors or refused else 200
    return render(request, "providers/latency_load.html", context, status=status)
