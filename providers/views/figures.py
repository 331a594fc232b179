"""Pages of figures: the provider declares them, an officer verifies them."""

from django.contrib import messages
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
from providers import marks
from providers.actions import figures
from providers.figure_forms import EvidenceForm, FiguresForm
from providers.models import Figure, Offering


@require_http_methods(["GET", "HEAD", "POST"])
@require(Permission.PROVIDER_MANAGE)
def figures_declare(request: SignedInRequest, code: str) -> HttpResponse:
    """Declare figures of an own offering; another value begins unverified."""
    offering = get_object_or_404(Offering.objects.owned_by(request.actor), code=code)
    known = list(marks.standing(Figure.objects.filter(offering=offering)))
    form = FiguresForm(request.POST or None, initial=FiguresForm.values_of(known))
    if request.method == "POST" and form.is_valid():
        values, now = form.values(), timezone.now()
        try:
            figures.declare(by=request.actor, offering=offering, values=values, at=now)
        except DomainError as error:
            form_errors.apply(form, error)
        else:
            messages.success(request, _("Saved. Figures that changed begin as declared."))
            return redirect("providers:offering_manage", code=offering.code)
    context = {"form": form, "offering": offering, "shown": marks.shown_of(known)}
    status = 422 if form.errors else 200
    return render(request, "providers/figures_declare.html", context, status=status)


@require_safe
@require(Permission.PROVIDER_VERIFY)
def figure_list(request: SignedInRequest) -> HttpResponse:
    """What listed offerings declare, the newest first, with what it rests on."""
    rows = marks.standing(Figure.objects.visible_to(None)).select_related(
        "offering__provider__organization"
    )
    page = page_of(rows.order_by("-stated_at", "-pk"), request)
    context = {"page_obj": page, "rows": [(row, marks.shown_of([row])[0]) for row in page]}
    return render(request, "providers/figure_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@require(Permission.PROVIDER_VERIFY)
def figure_verify(request: SignedInRequest, code: str) -> HttpResponse:
    """Confirm a declared value with evidence."""
    rows = Figure.objects.visible_to(None).select_related("offering__provider__organization")
    figure = get_object_or_404(rows, code=code)
    form = EvidenceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        evidence = form.cleaned_data["evidence"]
        try:
            figures.verify(by=request.actor, figure=figure, evidence=evidence, at=timezone.now())
        except DomainError as error:
            form_errors.apply(form, error)
        else:
            messages.success(request, _("Verified. The listing shows it with your evidence."))
            return redirect("providers:figure_list")
    context = {
        "form": form,
        "figure": figure,
        "text": marks.value_text(figure.name, figure.value),
        "crumbs": [(_("Figures of listings"), reverse("providers:figure_list")), (figure.code, "")],
    }
    status = 422 if form.errors else 200
    return render(request, "providers/figure_verify.html", context, status=status)
