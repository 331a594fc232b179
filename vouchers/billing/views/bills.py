"""Pages of bills: list, one bill with lines and payers, confirm."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import Actor, SignedInRequest, can, require
from accounts.models import OrganizationKind
from accounts.permissions import Permission
from common.components import Fact
from common.display import money_text
from common.pagination import page_of
from vouchers.billing.actions import bills
from vouchers.billing.exports import entries
from vouchers.billing.forms import BillFilter
from vouchers.billing.models import Bill, BillStatus
from vouchers.billing.views import itemized

MONTHS_OFFERED = 3
"""Of how many months on the page a statement is offered."""


def _found(actor: Actor, code: str) -> Bill:
    return get_object_or_404(Bill.objects.visible_to(actor).with_names().with_parts(), code=code)


@require(Permission.USAGE_VIEW)
@require_safe
def bill_list(request: SignedInRequest) -> HttpResponse:
    """Bills of the own contracts, newest month first."""
    rows = Bill.objects.visible_to(request.actor).with_names().order_by("-month", "-pk")
    found = BillFilter(request.GET, queryset=rows)
    page = page_of(found.qs, request)
    context = {
        "filter": found,
        "page_obj": page,
        "months": sorted({bill.month for bill in page}, reverse=True)[:MONTHS_OFFERED],
        "is_provider": request.actor.is_kind(OrganizationKind.PROVIDER),
    }
    return render(request, "vouchers/bill_list.html", context)


@require(Permission.USAGE_VIEW)
@require_safe
def bill_detail(request: SignedInRequest, code: str) -> HttpResponse:
    """What was used, what it costs, and who paid it."""
    bill = _found(request.actor, code)
    own = bill.enterprise == request.actor.organization
    may_answer = own and can(request.actor, Permission.BILL_CONFIRM)
    context = {
        "bill": bill,
        "is_own": own,
        "lines": itemized.lines_of(bill),
        "caps": entries.caps_of(bill),
        "payers": itemized.payers_of(bill, shows_codes=own),
        "may_confirm": may_answer and bill.status == BillStatus.CLOSED,
        "may_dispute": may_answer and bill.is_disputable,
        "moments": itemized.progress(bill),
    }
    return render(request, "vouchers/bill_detail.html", context)


@require(Permission.BILL_CONFIRM)
@require_http_methods(["GET", "HEAD", "POST"])
def bill_confirm(request: SignedInRequest, code: str) -> HttpResponse:
    """Ask, then confirm the bill."""
    bill = _found(request.actor, code)
    if request.method == "POST":
        bills.confirm(by=request.actor, bill=bill, at=timezone.now())
        messages.success(request, _("The bill is confirmed."))
        return redirect("vouchers:bill_detail", code=bill.code)
    context = {
        "question": _("Confirm this bill?"),
        "facts": [
            Fact(_("Bill"), bill.code),
            Fact(_("Provider"), bill.provider.organization.name),
            Fact(_("Month"), f"{bill.month:%Y-%m}"),
            Fact(_("Total"), money_text(bill.total_fen)),
        ],
        "warning": _("The provider can then claim the voucher's share. This cannot be undone."),
        "action": _("Confirm the bill"),
        "cancel_url": reverse("vouchers:bill_detail", args=[bill.code]),
    }
    return render(request, "common/confirm.html", context)
