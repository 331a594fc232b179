"""Pages for everybody: public notices, verification of vouchers."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import ActorRequest, public
from common.pagination import page_of
from vouchers.grants.actions import verification
from vouchers.grants.forms import VerificationForm
from vouchers.grants.models import PublicNotice, VoucherKind


@public
@require_safe
def notice_list(request: ActorRequest) -> HttpResponse:
    """List public notices, the newest first."""
    rows = PublicNotice.objects.select_related("application__enterprise", "application__scheme")
    context = {
        "page_obj": page_of(rows.order_by("-published_at", "-pk"), request),
        "now": timezone.now(),
    }
    return render(request, "vouchers/notice_list.html", context)


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def voucher_verify(request: ActorRequest) -> HttpResponse:
    """Tell whether a voucher is valid; `?code=` comes from the printed code."""
    given = request.POST if request.method == "POST" else request.GET
    form = VerificationForm(given if "code" in given else None)
    context: dict[str, Any] = {"form": form}
    if form.is_bound and form.is_valid():
        found = verification.verify(code=form.cleaned_data["code"], at=timezone.now())
        context["found"] = found
        context["kind"] = VoucherKind(found.kind).label if found.is_known else ""
    status = 422 if form.errors else 200
    return render(request, "vouchers/voucher_verify.html", context, status=status)
