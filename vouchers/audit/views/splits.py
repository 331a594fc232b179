"""What contributors of pools get of settlements, and the sheet by which a seller passes it on."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.access import SignedInRequest, require
from accounts.permissions import Permission
from common.pagination import page_of
from vouchers.audit.actions import split_sheets, splits
from vouchers.audit.models import Settlement
from vouchers.audit.views import files


@require(Permission.ORDER_VIEW)
@require_safe
def pool_income(request: SignedInRequest) -> HttpResponse:
    """The own parts of settlements of pools; nobody else's."""
    rows = splits.shown_to(request.actor)
    return render(request, "vouchers/pool_income.html", {"page_obj": page_of(rows, request)})


@require(Permission.SETTLEMENT_VIEW)
@require_safe
def split_sheet(request: SignedInRequest, code: str) -> HttpResponse:
    """The split sheet, as an attachment; for a seller with its own pools alone."""
    settlement = get_object_or_404(Settlement.objects.visible_to(request.actor), code=code)
    content = split_sheets.build(by=request.actor, settlement=settlement)
    return files.attachment(content, "text/csv; charset=utf-8", f"split-{code}.csv")
