"""The debtor's pages: what is to be paid back, by when, with a payment slip."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import Actor, SignedInRequest, require
from accounts.permissions import Permission
from common import pdf
from common.pagination import page_of
from common.periods import local_day
from vouchers.audit.actions import debts
from vouchers.audit.models import Recovery
from vouchers.audit.shown import slips


@require(Permission.CASE_ANSWER)
@require_safe
def due_list(request: SignedInRequest) -> HttpResponse:
    """What the own organization owes or owed, the latest first."""
    page = page_of(debts.of_debtor(request.actor.organization), request)
    shown = debts.shown(rows=list(page), today=local_day(timezone.now()))
    return render(request, "vouchers/due_list.html", {"page_obj": page, "debts": shown})


@require(Permission.CASE_ANSWER)
@require_safe
def due_detail(request: SignedInRequest, code: str) -> HttpResponse:
    """One debt with what was received, and how to pay the rest."""
    recovery = _found(request.actor, code)
    context = {
        "debt": debts.of(recovery=recovery, today=local_day(timezone.now())),
        "repayments": debts.history(recovery=recovery),
        "account": debts.account_of(recovery.scheme.bureau),
    }
    return render(request, "vouchers/due_detail.html", context)


@require(Permission.CASE_ANSWER)
@require_safe
def due_slip(request: SignedInRequest, code: str) -> HttpResponse:
    """The payment slip over what is left, as PDF."""
    recovery = _found(request.actor, code)
    debt = debts.of(recovery=recovery, today=local_day(timezone.now()))
    content = slips.slip(debt, debts.account_of(recovery.scheme.bureau))
    return pdf.response(content, f"slip-{code}.pdf")


def _found(actor: Actor, code: str) -> Recovery:
    return get_object_or_404(debts.of_debtor(actor.organization), case__code=code)
