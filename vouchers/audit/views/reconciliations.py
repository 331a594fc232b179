"""The auditor's page of a claim: the provider's statement, the meter and the gateway side by side."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.access import SignedInRequest, require
from accounts.permissions import Permission
from common.pagination import page_of
from vouchers.audit.actions import evidence
from vouchers.audit.models import Claim
from vouchers.audit.views import files
from vouchers.billing.exports import sides


@require(Permission.CLAIM_AUDIT)
@require_safe
def audit_sides(request: SignedInRequest, code: str) -> HttpResponse:
    """Differences first of all; everything when asked for, or as CSV."""
    own = Claim.objects.visible_to(request.actor).filter(scheme__bureau=request.actor.organization)
    claim = get_object_or_404(own.select_related("provider__organization"), code=code)
    found = evidence.sides_of(claim)
    if request.GET.get("form") == "csv":
        name = f"reconciliation-{claim.code}.csv"
        return files.attachment(sides.as_csv(found), "text/csv; charset=utf-8", name)
    apart = [each for each in found if not each.agrees]
    page = page_of(found if "all" in request.GET else apart, request)
    context = {
        "claim": claim,
        "page_obj": page,
        "rows": sides.named(list(page)),
        "days": len(found),
        "apart": len(apart),
        "has_edge": any(each.edge is not None for each in found),
    }
    return render(request, "vouchers/audit_sides.html", context)
