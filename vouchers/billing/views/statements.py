"""The provider's page of a month: state the usage, see it beside the meter and the gateway."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import SignedInRequest, require
from accounts.permissions import Permission
from common.errors import DomainError
from common.forms import add_refusal
from common.pagination import page_of
from common.periods import local_day, month_start
from vouchers.billing.actions.metering import statements
from vouchers.billing.exports import sides
from vouchers.billing.forms import StatementFileForm
from vouchers.billing.models import UsageStatement

MONTHS = 12


@require(Permission.USAGE_REPORT)
@require_safe
def statement_list(request: SignedInRequest) -> HttpResponse:
    """The months that can be stated, and what was stated of them."""
    rows = UsageStatement.objects.visible_to(request.actor).select_related("stated_by")
    month, months = month_start(local_day(timezone.now())), []
    latest = {each.month: each for each in rows.order_by("month", "number")}
    for _number in range(MONTHS):
        months.append((month, latest.get(month)))
        month = month_start(date.fromordinal(month.toordinal() - 1))
    return render(request, "vouchers/statement_list.html", {"months": months})


@require(Permission.USAGE_REPORT)
@require_http_methods(["GET", "HEAD", "POST"])
def statement_month(request: SignedInRequest, month: date) -> HttpResponse:
    """One month side by side; upload a statement, or only see what would become of its rows."""
    form = StatementFileForm(request.POST or None, request.FILES or None)
    context: dict[str, Any] = {"month": month, "form": form}
    if request.method == "POST" and form.is_valid():
        file, is_trial = form.cleaned_data["file"], "trial" in request.POST
        content = file.read(statements.MAX_FILE_BYTES + 1)
        try:
            context["trial"] = statements.state(
                by=request.actor, month=month, name=file.name, content=content,
                at=timezone.now(), is_trial=is_trial,
            )  # fmt: skip
        except DomainError as error:
            add_refusal(form, error)
            bad = getattr(error, "rows", [])
            context["bad_rows"] = [(row, sides.FAULTS[row.fault]) for row in bad[:100]]
        else:
            if not is_trial:
                messages.success(request, _("Taken. The month is compared below."))
                return redirect("vouchers:statement_month", month=month)
    return _page(request, context, 422 if form.errors else 200)


@require(Permission.USAGE_REPORT)
@require_safe
def statement_file(request: SignedInRequest, month: date) -> HttpResponse:
    """The comparison as CSV."""
    found = statements.of_provider(by=request.actor, month=month)
    answer = HttpResponse(sides.as_csv(found), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="reconciliation-{month:%Y-%m}.csv"'
    return answer


def _page(request: SignedInRequest, context: dict[str, Any], status: int) -> HttpResponse:
    found = statements.of_provider(by=request.actor, month=context["month"])
    apart = [each for each in found if not each.agrees]
    page = page_of(found if "all" in request.GET else apart, request)
    rows = UsageStatement.objects.visible_to(request.actor).filter(month=context["month"])
    context |= {
        "page_obj": page,
        "rows": sides.named(list(page)),
        "days": len(found),
        "apart": len(apart),
        "has_edge": any(each.edge is not None for each in found),
        "statement": rows.order_by("-number").first(),
    }
    return render(request, "vouchers/statement_month.html", context, status=status)
