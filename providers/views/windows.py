"""Pages of idle windows and of a pool's shares: what hangs on one facility."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import SignedInRequest, require
from accounts.permissions import Permission
from common import form_errors
from common.components import Fact
from common.display import moment_text
from common.errors import DomainError
from common.pagination import page_of
from common.periods import local_day
from providers.actions import idle_windows, pools
from providers.idle_forms import SharesForm, WindowForm
from providers.models import Facility, FacilityKind, IdleWindow


@require_http_methods(["GET", "HEAD", "POST"])
@require(Permission.PROVIDER_MANAGE)
def window_list(request: SignedInRequest, code: str) -> HttpResponse:
    """The windows of an idle facility that are not over, and a form for more."""
    facility = _own(request, code, FacilityKind.IDLE_CAPACITY)
    now = timezone.now()
    form = WindowForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            idle_windows.open_daily(by=request.actor, facility=facility, at=now, **form.values())
        except DomainError as error:
            form_errors.apply(form, error)
        else:
            messages.success(request, _("The windows are open."))
            return redirect("providers:window_list", code=code)
    rows = facility.idle_windows.not_over_at(now).order_by("span", "pk")
    context = {"facility": facility, "form": form, "page_obj": page_of(rows, request), "now": now}
    status = 422 if form.errors else 200
    return render(request, "providers/window_list.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@require(Permission.PROVIDER_MANAGE)
def window_withdraw(request: SignedInRequest, code: str) -> HttpResponse:
    """Ask, then take a window back."""
    rows = IdleWindow.objects.filter(facility__provider__organization=request.actor.organization)
    window = get_object_or_404(rows.select_related("facility"), code=code)
    back = reverse("providers:window_list", args=[window.facility.code])
    if request.method == "POST":
        idle_windows.withdraw(by=request.actor, window=window, at=timezone.now())
        messages.success(request, _("The window is withdrawn."))
        return redirect(back)
    context = {
        "question": _("Withdraw this window?"),
        "facts": [
            Fact(_("From"), moment_text(window.span.lower)),
            Fact(_("Until"), moment_text(window.span.upper)),
        ],
        "warning": _("Usage in these hours will be refused."),
        "action": _("Withdraw"),
        "danger": True,
        "cancel_url": back,
    }
    return render(request, "common/confirm.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@require(Permission.PROVIDER_MANAGE)
def share_list(request: SignedInRequest, code: str) -> HttpResponse:
    """The versions of a pool's shares, and a form for the next."""
    facility = _own(request, code, FacilityKind.SME_POOL)
    now = timezone.now()
    versions = list(
        facility.pool_splits.prefetch_related("shares__organization").order_by("-number")
    )
    form = SharesForm(versions[0] if versions else None, local_day(now), request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            pools.set_shares(by=request.actor, facility=facility, at=now, **form.values())
        except DomainError as error:
            form_errors.apply(form, error)
        else:
            messages.success(request, _("The shares are stated."))
            return redirect("providers:share_list", code=code)
    context = {"facility": facility, "form": form, "versions": versions}
    status = 422 if form.errors else 200
    return render(request, "providers/share_list.html", context, status=status)


def _own(request: SignedInRequest, code: str, kind: FacilityKind) -> Facility:
    rows = Facility.objects.filter(provider__organization=request.actor.organization, kind=kind)
    return get_object_or_404(rows, code=code)
