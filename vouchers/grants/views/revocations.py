"""Pages of the second person: proposals to revoke a voucher."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import SignedInRequest, require
from accounts.permissions import Permission
from common.errors import DomainError
from common.forms import add_refusal
from common.pagination import page_of
from vouchers.grants.actions import revocations, wallets
from vouchers.grants.forms import posted
from vouchers.grants.forms.reviews import NoteForm
from vouchers.grants.models import Revocation


@require(Permission.DECISION_COUNTERSIGN)
@require_safe
def revocation_list(request: SignedInRequest) -> HttpResponse:
    """Proposals of the bureau: those that wait first."""
    rows = _found(request).order_by("decided_at", "-proposed_at", "pk")
    return render(request, "vouchers/revocation_list.html", {"page_obj": page_of(rows, request)})


@require(Permission.DECISION_COUNTERSIGN)
@require_http_methods(["GET", "HEAD", "POST"])
def revocation_detail(request: SignedInRequest, code: str) -> HttpResponse:
    """One proposal with what it would move; POST turns it down."""
    revocation = get_object_or_404(_found(request), code=code)
    form = NoteForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            revocations.decline(
                by=request.actor, revocation=revocation, at=timezone.now(), **form.cleaned_data
            )
        except DomainError as error:
            add_refusal(form, error)
        else:
            messages.success(request, _("The voucher is not revoked."))
            return redirect("vouchers:revocation_detail", code)
    context = {
        "revocation": revocation,
        "voucher": revocation.voucher,
        "entry": wallets.entry(voucher=revocation.voucher),
        "is_own": revocation.proposed_by.is_same_person(request.actor.user),
        "form": form,
    }
    status = 422 if form.errors else 200
    return render(request, "vouchers/revocation_detail.html", context, status=status)


@require(Permission.DECISION_COUNTERSIGN)
@require_POST
def revocation_approve(request: SignedInRequest, code: str) -> HttpResponse:
    """The second signature: the voucher ends and its rest returns to the budget."""
    revocation = get_object_or_404(_found(request), code=code)
    revocations.approve(by=request.actor, revocation=revocation, at=timezone.now())
    messages.success(request, _("The voucher is revoked; what was left is back in the budget."))
    return redirect("vouchers:revocation_detail", code)


def _found(request: SignedInRequest) -> QuerySet[Revocation]:
    return Revocation.objects.visible_to(request.actor).select_related(
        "voucher__scheme", "voucher__enterprise", "proposed_by", "decided_by"
    )
