"""Pages of billing months: overview, preview, close."""

from datetime import date

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import SignedInRequest, require
from accounts.permissions import Permission
from common.components import Tile
from common.display import grouped, money_text
from common.errors import DomainError
from vouchers.billing.actions import periods


@require(Permission.PERIOD_CLOSE)
@require_safe
def period_list(request: SignedInRequest) -> HttpResponse:
    """Every month and how its bills stand."""
    months = periods.overview(by=request.actor, at=timezone.now())
    return render(request, "vouchers/period_list.html", {"months": months})


@require(Permission.PERIOD_CLOSE)
@require_http_methods(["GET", "HEAD", "POST"])
def period_close(request: SignedInRequest, month: date) -> HttpResponse:
    """Show what closing a month would close, then close it."""
    refusal = None
    if request.method == "POST":
        try:
            periods.close(by=request.actor, month=month, at=timezone.now())
        except DomainError as error:
            refusal = error
        else:
            said = {"month": f"{month:%Y-%m}"}
            messages.success(request, _("%(month)s is closed. Enterprises can confirm.") % said)
            return redirect("vouchers:period_list")
    found = periods.preview(by=request.actor, month=month, at=timezone.now())
    context = {"preview": found, "tiles": _tiles(found), "refusal": refusal}
    status = refusal.status if refusal else 200
    return render(request, "vouchers/period_close.html", context, status=status)


def _tiles(found: periods.Preview) -> list[Tile]:
    return [
        Tile(_("Open bills"), grouped(found.bills)),
        Tile(_("Total"), money_text(found.total_fen)),
        Tile(_("Paid by vouchers"), money_text(found.voucher_fen)),
        Tile(_("Own funds"), money_text(found.own_fen)),
        Tile(_("Outstanding"), money_text(found.receivable_fen)),
    ]
