"""Pages of facilities: list, choose a kind, add."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import SignedInRequest, require
from accounts.permissions import Permission
from common import form_errors
from common.errors import DomainError
from common.pagination import page_of
from providers import kinds
from providers.actions import facilities
from providers.forms import FacilityForm, kind_choices
from providers.models import Facility, FacilityKind


@require_safe
@require(Permission.PROVIDER_MANAGE)
def facility_list(request: SignedInRequest) -> HttpResponse:
    """The provider's facilities, and which kinds can be added."""
    rows = Facility.objects.visible_to(request.actor).order_by("name", "pk")
    context = {"page_obj": page_of(rows, request), "kinds": kind_choices()}
    return render(request, "providers/facility_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@require(Permission.PROVIDER_MANAGE)
def facility_add(request: SignedInRequest, kind: str) -> HttpResponse:
    """Add a facility of one kind."""
    if kind not in kinds.KINDS:
        raise Http404
    form = FacilityForm(kind, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            facilities.add(by=request.actor, at=timezone.now(), **form.values())
        except DomainError as error:
            form_errors.apply(form, error)
        else:
            messages.success(request, _("The facility is added. Create an offering on it next."))
            return redirect("providers:facility_list")
    context = {"form": form, "kind": FacilityKind(kind), "summary": kinds.get(kind).summary}
    status = 422 if form.errors else 200
    return render(request, "providers/facility_add.html", context, status=status)
