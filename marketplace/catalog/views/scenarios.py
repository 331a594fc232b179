"""The operator's pages of scenarios: coefficients, their reasons, and who changed them."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import SignedInRequest, require
from accounts.permissions import Permission
from common.errors import DomainError
from common.forms import add_refusal
from marketplace.catalog import cards
from marketplace.catalog.actions import scenarios
from marketplace.catalog.forms import CoefficientForm
from marketplace.catalog.models import Scenario


@require(Permission.SCHEME_MANAGE)
@require_safe
def scenario_list(request: SignedInRequest) -> HttpResponse:
    """All scenarios with their sections."""
    rows = Scenario.objects.order_by("stage", "slug", "pk")
    return render(request, "marketplace/scenario_list.html", {"rows": rows})


@require(Permission.SCHEME_MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def scenario_detail(request: SignedInRequest, slug: str) -> HttpResponse:
    """A scenario's coefficients with reasons and history; a POST states one anew."""
    scenario = get_object_or_404(Scenario, slug=slug)
    form = CoefficientForm(request.POST or None, scenario=scenario)
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        try:
            scenarios.restate(by=request.actor, scenario=scenario, at=now, **form.cleaned_data)
        except DomainError as error:
            add_refusal(form, error)
        else:
            messages.success(request, _("Saved. It holds for matches from now on."))
            return redirect("marketplace:scenario_detail", slug)
    history = scenario.changes.select_related("stated_by", "stated_for").order_by("-pk")
    context = {
        "scenario": scenario,
        "rows": cards.coefficients_of(scenario),
        "history": history[:50],
        "form": form,
        "crumbs": [(_("Scenarios"), reverse("marketplace:scenario_list")), (scenario.title, "")],
    }
    status = 422 if form.errors else 200
    return render(request, "marketplace/scenario_detail.html", context, status=status)
