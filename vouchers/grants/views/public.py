"""Pages for everybody: public notices, verification of vouchers."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.access import ActorRequest, public
from common import limits
from vouchers.grants.actions import verification
from vouchers.grants.forms.vouchers import VerificationForm
from vouchers.grants.models import VoucherKind, VoucherStatus


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def voucher_verify(request: ActorRequest) -> HttpResponse:
    """Tell whether a voucher is valid; the QR code of a certificate leads here with both numbers."""
    given = request.POST if request.method == "POST" else request.GET
    form = VerificationForm(given if given.keys() & {"code", "number"} else None)
    context: dict[str, Any] = {"form": form}
    if form.is_bound and form.is_valid():
        limits.spend(name="verify", who=limits.address_of(request), limit=30, seconds=60)
        found = verification.verify(at=timezone.now(), **form.cleaned_data)
        context["found"] = found
        context["kind"] = VoucherKind(found.kind).label if found.is_known else ""
        context["state"] = VoucherStatus(found.status) if found.is_known else ""
    status = 422 if form.errors else 200
    answer = render(request, "vouchers/voucher_verify.html", context, status=status)
    answer["X-Robots-Tag"] = "noindex"
    return answer
