"""Burn-down of the bureau's schemes: where the money stands and when it runs out."""

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import Actor, SignedInRequest, can, require
from accounts.permissions import Permission
from common.exports import csv_bytes
from common.pagination import page_of
from common.periods import local_day
from vouchers.audit.actions import burndowns
from vouchers.audit.shown import burndowns as shown
from vouchers.audit.views import files
from vouchers.grants.models import Scheme


def _own(actor: Actor) -> QuerySet[Scheme]:
    return Scheme.objects.filter(bureau=actor.organization)


@require(Permission.BOARD_VIEW)
@require_safe
def burndown_list(request: SignedInRequest) -> HttpResponse:
    """All schemes of the bureau, each with its stages and its forecast."""
    page = page_of(_own(request.actor).order_by("-opens_on", "-pk"), request)
    chosen = _own(request.actor).filter(pk__in=[each.pk for each in page])
    found = burndowns.own(schemes=chosen.order_by("-opens_on", "-pk"), at=timezone.now())
    context = {
        "rows": [(each, shown.stages(each), shown.forecast_text(each.to_issue)) for each in found],
        "heads": shown.LABELS.values(),
        "page_obj": page,
        "as_of": burndowns.as_of(),
    }
    return render(request, "vouchers/burndown_list.html", context)


@require(Permission.BOARD_VIEW)
@require_safe
def burndown_detail(request: SignedInRequest, code: str) -> HttpResponse:
    """One scheme: stages, days, levels of government, and when the money is gone."""
    scheme = get_object_or_404(_own(request.actor), code=code)
    now = timezone.now()
    burn = burndowns.of_scheme(scheme=scheme, at=now)
    context = {
        "scheme": scheme,
        "burn": burn,
        "stages": shown.stages(burn),
        "days": shown.daily(burn, local_day(now)),
        "heads": shown.LABELS.values(),
        "levels": shown.levels(burn),
        "forecasts": [
            (each, shown.forecast_text(each), shown.basis_text(each))
            for each in (burn.to_issue, burn.to_redeem)
        ],
        "as_of": burndowns.as_of(),
        "may_settle": can(request.actor, Permission.SETTLEMENT_VIEW),
    }
    return render(request, "vouchers/burndown_detail.html", context)


@require(Permission.BOARD_VIEW)
@require_safe
def burndown_csv(request: SignedInRequest, code: str) -> HttpResponse:
    """All days of one scheme as CSV."""
    scheme = get_object_or_404(_own(request.actor), code=code)
    burn = burndowns.of_scheme(scheme=scheme, at=timezone.now())
    content = csv_bytes(shown.COLUMNS, shown.table(burn))
    return files.attachment(content, "text/csv; charset=utf-8", f"burn-down-{code}.csv")
