"""The auditor's room: passes on the bureau's side, search and chain on the auditor's."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import SignedInRequest, require, signed_in
from accounts.permissions import Permission
from common.errors import DomainError
from common.forms import add_refusal
from common.pagination import page_of
from vouchers.audit.actions import packages, rooms
from vouchers.audit.forms.rooms import NumberForm, PassForm
from vouchers.audit.models import RoomPass
from vouchers.audit.shown import stations
from vouchers.audit.views import cases, files


@require(Permission.ROOM_GRANT)
@require_http_methods(["GET", "HEAD", "POST"])
def pass_list(request: SignedInRequest) -> HttpResponse:
    """The bureau's passes, and a form for the next."""
    form = PassForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = rooms.grant(by=request.actor, **form.cleaned_data, at=timezone.now())
        except DomainError as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("The auditor may read from now on."))
            return redirect("vouchers:pass_detail", code=made.code)
    rows = RoomPass.objects.visible_to(request.actor).select_related("auditor", "granted_by")
    context = {
        "form": form,
        "page_obj": page_of(rows.order_by("-granted_at", "-pk"), request),
        "now": timezone.now(),
    }
    status = 422 if form.errors else 200
    return render(request, "vouchers/pass_list.html", context, status=status)


@require(Permission.ROOM_GRANT)
@require_safe
def pass_detail(request: SignedInRequest, code: str) -> HttpResponse:
    """One pass and everything that was looked at with it, the newest first."""
    room = _own(request, code)
    views = room.views.select_related("viewed_by").order_by("-viewed_at", "-pk")
    context = {
        "room": room,
        "page_obj": page_of(views, request),
        "is_open": room.is_open_at(timezone.now()),
    }
    return render(request, "vouchers/pass_detail.html", context)


@require(Permission.ROOM_GRANT)
@require_POST
def pass_revoke(request: SignedInRequest, code: str) -> HttpResponse:
    """Let nobody in with it any more."""
    rooms.revoke(by=request.actor, room=_own(request, code), at=timezone.now())
    messages.success(request, _("Revoked. Nobody reads with it from now on."))
    return redirect("vouchers:pass_detail", code=code)


@signed_in
@require_safe
def room_list(request: SignedInRequest) -> HttpResponse:
    """The rooms that are open to the person now."""
    at = timezone.now()
    rows = RoomPass.objects.open_at(at).filter(auditor=request.actor.user)
    context = {"rooms": rows.select_related("bureau").order_by("expires_at", "pk")}
    return render(request, "vouchers/room_list.html", context)


@signed_in
@require_safe
def room_detail(request: SignedInRequest, code: str) -> HttpResponse:
    """Search any number and read its chain; each look is logged."""
    form = NumberForm(request.GET if "number" in request.GET else None)
    number = form.cleaned_data["number"] if form.is_valid() else ""
    room, chain = rooms.look(by=request.actor, code=code, number=number, at=timezone.now())
    context: dict[str, Any] = {"room": room, "form": form, "number": number, "chain": chain}
    if chain is not None:
        context |= stations.of(chain)
    return render(request, "vouchers/room_detail.html", context)


@signed_in
@require_safe
def room_package(request: SignedInRequest, code: str) -> HttpResponse:
    """The chain of a number as a sealed package."""
    number = request.GET.get("number", "")
    made = rooms.take_away(by=request.actor, code=code, number=number, at=timezone.now())
    return files.attachment(made.content, "application/zip", made.name)


@require(Permission.CLAIM_AUDIT)
@require_safe
def case_package(request: SignedInRequest, code: str) -> HttpResponse:
    """A case with its chain as a sealed package."""
    case = cases.found(request.actor, code)
    made = packages.of_case(case=case, at=timezone.now())
    return files.attachment(made.content, "application/zip", made.name)


def _own(request: SignedInRequest, code: str) -> RoomPass:
    rows = RoomPass.objects.visible_to(request.actor)
    room: RoomPass = get_object_or_404(
        rows.select_related("auditor", "granted_by", "revoked_by"), code=code
    )
    return room
