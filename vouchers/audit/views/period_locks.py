"""The settlement officer's page of a period: control totals, what stays out, and the lock."""

from datetime import date

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import SignedInRequest, can, require
from accounts.permissions import Permission
from common.errors import DomainError
from common.forms import add_refusal
from vouchers.audit.actions import period_locks
from vouchers.audit.forms.claims import LockForm
from vouchers.audit.models import Claim, PeriodLock
from vouchers.billing.models import ClosedPeriod
from vouchers.grants.models import Scheme

MONTHS = 24


@require(Permission.SETTLEMENT_VIEW)
@require_safe
def lock_list(request: SignedInRequest) -> HttpResponse:
    """The bureau's schemes by month with claims, the newest first: locked, or still to be locked."""
    own = Claim.objects.filter(scheme__bureau=request.actor.organization)
    pairs = own.values_list("scheme", "month").distinct().order_by("-month", "scheme")[:MONTHS]
    schemes = Scheme.objects.in_bulk({scheme for scheme, _month in pairs})
    rows = PeriodLock.objects.visible_to(request.actor).select_related("locked_by")
    locks = {(each.scheme_id, each.month): each for each in rows}
    periods = [(schemes[pk], month, locks.get((pk, month))) for pk, month in pairs]
    return render(request, "vouchers/periodlock_list.html", {"periods": periods})


@require(Permission.SETTLEMENT_VIEW)
@require_http_methods(["GET", "HEAD", "POST"])
def lock_detail(request: SignedInRequest, scheme_code: str, month: date) -> HttpResponse:
    """Totals and exceptions as they are now; lock the period as it was shown."""
    own = Scheme.objects.filter(bureau=request.actor.organization)
    scheme = get_object_or_404(own, code=scheme_code)
    form = LockForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            period_locks.lock(
                by=request.actor, scheme=scheme, month=month, at=timezone.now(), **form.cleaned_data
            )
        except DomainError as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("The period is locked. No line comes or goes any more."))
            return redirect("vouchers:periodlock_detail", scheme_code=scheme_code, month=month)
    return _page(request, scheme, month, form)


def _page(request: SignedInRequest, scheme: Scheme, month: date, form: LockForm) -> HttpResponse:
    context = {
        "scheme": scheme,
        "month": month,
        "form": form,
        "totals": period_locks.totals(scheme=scheme, month=month),
        "lock": PeriodLock.objects.filter(scheme=scheme, month=month)
        .select_related("locked_by")
        .first(),
        "is_closed": ClosedPeriod.objects.filter(month=month).exists(),
        "may_lock": can(request.actor, Permission.SETTLEMENT_PREPARE),
    }
    status = 422 if form.errors else 200
    return render(request, "vouchers/periodlock_detail.html", context, status=status)
