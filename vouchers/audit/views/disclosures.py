"""Pages for everybody: what was paid, as a list and as open data, and the sealed heads with their verifier."""

from pathlib import Path

from django.db.models import Sum
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from accounts.access import ActorRequest, public
from common import limits
from common.display import grouped
from common.exports import csv_bytes
from common.money import yuan_text
from common.pagination import page_of
from common.periods import local_day
from vouchers import ledger
from vouchers.audit.actions import disclosures
from vouchers.audit.forms.disclosures import DisclosureFilter
from vouchers.audit.wording import DISCLOSED
from vouchers.ledger.actions import seals

HEAD_DAYS = 31


@public
@require_safe
def disclosure_list(request: ActorRequest) -> HttpResponse:
    """Payments that stand, by scheme and days, with their sum and what the open data holds."""
    limits.spend(name="disclosures", who=limits.address_of(request), limit=60, seconds=60)
    found = DisclosureFilter(request.GET, queryset=disclosures.paid())
    page = page_of(found.qs, request)
    context = {
        "filter": found,
        "page_obj": page,
        "rows": disclosures.shown(page),
        "total_fen": found.qs.aggregate(fen=Sum("amount_fen"))["fen"] or 0,
        "columns": DISCLOSED,
        "license": disclosures.LICENSE,
        "license_url": disclosures.LICENSE_URL,
        "most_rows": grouped(disclosures.MOST_ROWS),
        "query": request.GET.urlencode(),
    }
    return render(request, "vouchers/disclosure_list.html", context)


@public
@cache_control(public=True, max_age=300)
@require_safe
def disclosure_csv(request: ActorRequest) -> HttpResponse:
    """The chosen payments as open data, at most so many rows, with the license in the header."""
    limits.spend(name="disclosures-csv", who=limits.address_of(request), limit=10, seconds=60)
    found = DisclosureFilter(request.GET, queryset=disclosures.paid())
    rows = [
        [
            row.paid_on.isoformat(), row.scheme.name, row.scheme.bureau.name, row.payee,
            yuan_text(row.amount_fen),
        ]
        for row in disclosures.shown(found.qs[: disclosures.MOST_ROWS])
    ]  # fmt: skip
    answer = HttpResponse(csv_bytes(list(DISCLOSED), rows), "text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="payments.csv"'
    answer["Link"] = f'<{disclosures.LICENSE_URL}>; rel="license"'
    return answer


@public
@require_safe
def seal_heads(request: ActorRequest) -> HttpResponse:
    """The last sealed block of each day, and how to hold the books against it."""
    limits.spend(name="heads", who=limits.address_of(request), limit=60, seconds=60)
    heads = seals.daily_heads(until=local_day(timezone.now()), days=HEAD_DAYS)
    return render(request, "vouchers/seal_heads.html", {"heads": heads, "days": HEAD_DAYS})


@public
@cache_control(public=True, max_age=300)
@require_safe
def seal_heads_csv(request: ActorRequest) -> HttpResponse:
    """The same heads as CSV, to be kept elsewhere."""
    heads = seals.daily_heads(until=local_day(timezone.now()), days=HEAD_DAYS)
    rows = [
        [local_day(head.sealed_at).isoformat(), head.number, head.algorithm, head.hash,
         head.sealed_at.isoformat()]
        for head in heads
    ]  # fmt: skip
    content = csv_bytes(["day", "block", "algorithm", "hash", "sealed_at"], rows)
    answer = HttpResponse(content, "text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="heads.csv"'
    return answer


@public
@cache_control(public=True, max_age=300)
@require_safe
def seal_verifier(request: ActorRequest, name: str) -> HttpResponse:
    """The stand-alone verifier, as it is in the product: `name` comes from the address table, not from the caller."""
    source = Path(ledger.__file__).with_name(name).read_bytes()
    answer = HttpResponse(source, "text/x-python; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
