"""The public catalog of offerings."""

from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import ActorRequest, public
from common.pagination import page_of
from common.periods import local_day
from providers import marks
from providers.filters import OfferingFilter
from providers.models import Figure, Offering, Rate


@require_safe
@public
def offering_list(request: ActorRequest) -> HttpResponse:
    """Everything that can be bought today."""
    now = timezone.now()
    prices = Rate.objects.in_force_on(local_day(now)).order_by("meter", "pk")
    rows = (
        Offering.objects.offered_at(now)
        .select_related("provider__organization", "facility")
        .prefetch_related(Prefetch("rates", queryset=prices, to_attr="prices"))
        .order_by("layer", "name", "pk")
    )
    chosen = OfferingFilter(request.GET or None, queryset=rows)
    context = {"form": chosen.form, "page_obj": page_of(chosen.qs, request)}
    return render(request, "providers/offering_list.html", context)


@require_safe
@public
def offering_detail(request: ActorRequest, code: str) -> HttpResponse:
    """One offering: prices in plain units, who delivers it and from where."""
    rows = Offering.objects.visible_to(request.actor).select_related(
        "provider__organization", "facility"
    )
    offering = get_object_or_404(rows, code=code)
    today = local_day(timezone.now())
    context = {
        "offering": offering,
        "today": today,
        "figures": list(marks.standing(Figure.objects.filter(offering=offering))),
        "rates": offering.rates.not_ended_before(today).order_by("meter", "effective", "pk"),
    }
    return render(request, "providers/offering_detail.html", context)
