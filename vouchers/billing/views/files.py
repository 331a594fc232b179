"""Statements to download: of a bill, of a month, and of what a bureau's schemes paid."""

from datetime import date

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from accounts.access import SignedInRequest, require
from accounts.permissions import Permission
from vouchers.billing.exports import files


@require(Permission.USAGE_VIEW)
@require_safe
def bill_file(request: SignedInRequest, code: str, form: str) -> HttpResponse:
    """One bill as PDF, XLSX, CSV or FOCUS."""
    return files.of_bill(by=request.actor, code=code, form=form).response()


@require(Permission.USAGE_VIEW)
@require_safe
def month_file(request: SignedInRequest, month: date, form: str) -> HttpResponse:
    """The own bills of a month."""
    return files.of_month(by=request.actor, month=month, form=form).response()


@require(Permission.SETTLEMENT_VIEW)
@require_safe
def bureau_month_file(request: SignedInRequest, month: date, form: str) -> HttpResponse:
    """The bills of a month of which the bureau's schemes paid a part."""
    return files.of_bureau_month(by=request.actor, month=month, form=form).response()
