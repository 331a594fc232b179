"""Pages for everybody: pre-check, public notices, verification of vouchers."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import choices
from accounts.access import ActorRequest, public
from common import limits
from common.periods import local_day
from vouchers.grants import shown, wording
from vouchers.grants.actions import prechecks, verification
from vouchers.grants.forms import PrecheckForm, VerificationForm, posted
from vouchers.grants.models import Scheme, VoucherKind, VoucherStatus


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def precheck(request: ActorRequest) -> HttpResponse:
    """Ask a few plain questions and answer at once; nothing is stored."""
    at = timezone.now()
    open_now = list(Scheme.objects.open_on(local_day(at)).order_by("closes_on", "pk"))
    initial = {"scheme": request.GET.get("scheme", "")}
    form = PrecheckForm(posted(request), initial=initial, schemes=open_now)
    context: dict[str, Any] = {"form": form, "open_now": open_now}
    if request.method == "POST" and form.is_valid():
        given = {name: value or None for name, value in form.cleaned_data.items()}
        scheme = next(each for each in open_now if each.code == given["scheme"])
        given["employees"] = form.cleaned_data["employees"]
        found = prechecks.answer(scheme=scheme, answers=_answers(given), at=at)
        context |= {
            "found": found,
            "reasons": shown.reasons(found.offer.assessment),
            "how": shown.sum_in_words(found.offer.assessment),
            "refusals": [wording.refusal(code) for code in found.offer.assessment.refusals],
        }
    context["industries"] = choices.industry_suggestions()
    return render(request, "vouchers/precheck.html", context, status=422 if form.errors else 200)


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def voucher_verify(request: ActorRequest) -> HttpResponse:
    """Tell whether a voucher is valid; the QR code of a certificate leads here with both numbers."""
    given = request.POST if request.method == "POST" else request.GET
    form = VerificationForm(given if given.keys() & {"code", "number"} else None)
    context: dict[str, Any] = {"form": form}
    if form.is_bound and form.is_valid():
        limits.spend(name="verify", who=limits.address_of(request), limit=30, seconds=60)
        found = verification.verify(at=timezone.now(), **form.cleaned_data)
        context["found"] = found
        context["kind"] = VoucherKind(found.kind).label if found.is_known else ""
        context["state"] = VoucherStatus(found.status) if found.is_known else ""
    status = 422 if form.errors else 200
    answer = render(request, "vouchers/voucher_verify.html", context, status=status)
    answer["X-Robots-Tag"] = "noindex"
    return answer


def _answers(given: dict[str, Any]) -> prechecks.Answers:
    return prechecks.Answers(**{name: value for name, value in given.items() if name != "scheme"})
