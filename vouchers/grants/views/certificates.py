"""The certificate of a voucher, for its holder and for the issuing bureau."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from accounts.access import SignedInRequest, require
from accounts.permissions import Permission
from common import pdf
from vouchers.grants.models import Voucher
from vouchers.grants.shown import certificates


@require(Permission.WALLET_VIEW)
@require_safe
def wallet_certificate(request: SignedInRequest, code: str) -> HttpResponse:
    """The certificate of an own voucher."""
    rows = Voucher.objects.filter(enterprise=request.actor.organization)
    voucher = get_object_or_404(rows.select_related("scheme__bureau", "enterprise"), code=code)
    return pdf.response(certificates.of_voucher(voucher), certificates.filename(voucher))


@require(Permission.VOUCHER_ISSUE)
@require_safe
def voucher_certificate(request: SignedInRequest, code: str) -> HttpResponse:
    """The certificate of a voucher that the bureau issued."""
    rows = Voucher.objects.visible_to(request.actor)
    voucher = get_object_or_404(rows.select_related("scheme__bureau", "enterprise"), code=code)
    return pdf.response(certificates.of_voucher(voucher), certificates.filename(voucher))
