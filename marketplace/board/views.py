"""Pages of the operation board: for everybody, and for the bureau with the rows."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import ActorRequest, SignedInRequest, can, public, require
from accounts.permissions import Permission
from common.errors import DomainError
from common.exports import csv_bytes
from common.forms import add_refusal
from common.models import Tick
from common.pagination import page_of
from marketplace.board import listing, sheets
from marketplace.board.actions import folding, recognitions
from marketplace.board.forms import RecognitionForm
from marketplace.board.models import Figure
from marketplace.board.panels import Panel


@public
@require_safe
def board_public(request: ActorRequest) -> HttpResponse:
    """The whole platform's figures, small cells hidden."""
    context = {"panels": sheets.panels(prefix="", is_public=True), "as_of": _as_of()}
    return render(request, "marketplace/board.html", context)


@require(Permission.BOARD_VIEW)
@require_safe
def board_desk(request: SignedInRequest) -> HttpResponse:
    """The figures of the bureau's region, each with its rows."""
    context = {
        "panels": sheets.panels(prefix=_prefix(request), is_public=False),
        "as_of": _as_of(),
        "is_desk": True,
        "can_record": can(request.actor, Permission.SCHEME_MANAGE),
    }
    return render(request, "marketplace/board.html", context)


@public
@require_safe
def figure_csv(request: ActorRequest, figure: str) -> HttpResponse:
    """One figure of the public page as CSV."""
    return _csv(sheets.panels(prefix="", is_public=True), _figure(figure))


@require(Permission.BOARD_VIEW)
@require_safe
def desk_csv(request: SignedInRequest, figure: str) -> HttpResponse:
    """One figure of the bureau's page as CSV."""
    return _csv(sheets.panels(prefix=_prefix(request), is_public=False), _figure(figure))


@require(Permission.BOARD_VIEW)
@require_safe
def figure_rows(request: SignedInRequest, figure: str) -> HttpResponse:
    """What a figure counts in the bureau's region, line by line."""
    chosen = _figure(figure)
    found = listing.listing_of(figure=chosen, prefix=_prefix(request))
    page = page_of(found.rows, request)
    context = {
        "figure": chosen,
        "heads": found.heads,
        "page_obj": page,
        "rows": [found.tell(row) for row in page],
        "crumbs": [(_("Operation board"), reverse("marketplace:board_desk")), (chosen.label, "")],
    }
    return render(request, "marketplace/board_rows.html", context)


@require(Permission.SCHEME_MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def recognition_create(request: SignedInRequest) -> HttpResponse:
    """Record what the bureau recognized."""
    form = RecognitionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            recognitions.record(by=request.actor, at=timezone.now(), **form.cleaned_data)
        except DomainError as error:
            add_refusal(form, error)
        else:
            messages.success(request, _("Recorded. The board counts it within minutes."))
            return redirect("marketplace:board_rows", Figure.RECOGNIZED.value)
    context = {
        "form": form,
        "crumbs": [(_("Operation board"), reverse("marketplace:board_desk")), (_("Record"), "")],
    }
    status = 422 if form.errors else 200
    return render(request, "marketplace/recognition_create.html", context, status=status)


def _prefix(request: SignedInRequest) -> str:
    """The digits that all places of the bureau's region share."""
    region = request.actor.own().region
    return (
        region[:2] if region.endswith("0000") else region[:4] if region.endswith("00") else region
    )


def _figure(name: str) -> Figure:
    if name not in Figure.values:
        raise Http404
    return Figure(name)


def _csv(panels: list[Panel], figure: Figure) -> HttpResponse:
    panel = next(each for each in panels if each.figure == figure)
    rows = [[str(label), *(str(cell.text) for cell in cells)] for label, cells in panel.rows]
    content = csv_bytes([str(head) for head in panel.heads], rows)
    answer = HttpResponse(content, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{figure.value}.csv"'
    return answer


def _as_of() -> object:
    return Tick.objects.filter(name=folding.TASK).values_list("succeeded_at", flat=True).first()
