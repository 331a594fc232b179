"""The officer's pages of samples: freeze a list, draw, look at each item, read the estimate."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import Actor, SignedInRequest, require
from accounts.permissions import Permission
from common.errors import DomainError
from common.forms import add_refusal
from common.pagination import page_of
from vouchers.audit.actions import evidence, sample_findings, samples
from vouchers.audit.forms.samples import ItemForm, ListForm, PlanForm
from vouchers.audit.models import ItemFinding, Sample, SampleItem, SampleStatus
from vouchers.audit.shown import suspects
from vouchers.audit.views import files
from vouchers.audit.views.risks import claim_of, flags_of


@require(Permission.CLAIM_AUDIT)
@require_safe
def sample_list(request: SignedInRequest) -> HttpResponse:
    """All samples of the bureau, the newest first."""
    rows = Sample.objects.visible_to(request.actor).select_related("scheme", "frozen_by")
    context = {"page_obj": page_of(rows.defer("frame").order_by("-frozen_at", "-pk"), request)}
    return render(request, "vouchers/sample_list.html", context)


@require(Permission.CLAIM_AUDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def sample_create(request: SignedInRequest) -> HttpResponse:
    """Choose the list, see how large it is and what sizes it asks for, then freeze it with a plan."""
    asked = request.POST or request.GET
    form = ListForm(asked if "scheme" in asked else None, actor=request.actor)
    plan = PlanForm(request.POST or None)
    if form.is_valid() and request.method == "POST" and plan.is_valid():
        try:
            made = samples.freeze(
                by=request.actor, **form.cleaned_data, wanted=plan.wanted(), at=timezone.now()
            )
        except DomainError as refusal:
            add_refusal(plan, refusal)
        else:
            messages.success(request, _("The list is frozen."))
            return redirect("vouchers:sample_detail", code=made.code)
    context: dict[str, Any] = {"form": form, "plan": plan}
    if form.is_bound and form.is_valid():
        context |= _population(form)
    return render(
        request, "vouchers/sample_create.html", context, status=422 if plan.errors else 200
    )


def _population(form: ListForm) -> dict[str, Any]:
    found = samples.items(**form.cleaned_data)
    if not found:
        return {"population": 0}
    count = len(found)
    return {
        "population": count,
        "population_fen": sum(item.amount_fen for item in found),
        "flagged": sum(item.points > 0 for item in found),
        "sizes": sample_findings.sizes(population=count),
        "size_to_find": sample_findings.size_to_find(population=count),
    }


@require(Permission.CLAIM_AUDIT)
@require_safe
def sample_detail(request: SignedInRequest, code: str) -> HttpResponse:
    """The plan, the items to look at, and the estimate once all of the random draw was looked at."""
    return _page(request, _found(request.actor, code))


@require(Permission.CLAIM_AUDIT)
@require_POST
def sample_draw(request: SignedInRequest, code: str) -> HttpResponse:
    """Draw with the first block sealed since the list was frozen."""
    sample = _found(request.actor, code)
    try:
        samples.draw(by=request.actor, sample=sample, at=timezone.now())
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return _page(request, sample, status=refusal.status)
    messages.success(request, _("The sample is drawn."))
    return redirect("vouchers:sample_detail", code=sample.code)


@require(Permission.CLAIM_AUDIT)
@require_safe
def sample_export(request: SignedInRequest, code: str) -> HttpResponse:
    """Plan, seed and list for the stand-alone script; with `?part=sample` the draw itself."""
    sample = _found(request.actor, code)
    if request.GET.get("part") == "sample" and sample.seed:
        content = samples.redraw(sample=sample, seed=sample.seed).as_bytes()
        return files.attachment(content, f"{sample.code}-sample.jsonl", "application/jsonl")
    content = samples.export(sample=sample)
    return files.attachment(content, f"{sample.code}-export.jsonl", "application/jsonl")


@require(Permission.CLAIM_AUDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def sample_item(request: SignedInRequest, code: str, position: int) -> HttpResponse:
    """One item with its evidence; the finding leads on to the next one that waits."""
    sample = _found(request.actor, code)
    item = get_object_or_404(_items(sample), position=position)
    form = ItemForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            sample_findings.find(
                by=request.actor, sample=sample, position=position, at=timezone.now(),
                is_wrong=form.cleaned_data["outcome"] == "wrong",
                wrong_fen=form.cleaned_data["wrong_amount"] or 0,
                remark=form.cleaned_data["remark"],
            )  # fmt: skip
        except DomainError as refusal:
            add_refusal(form, refusal)
        else:
            return _onward(sample, position)
    return _item_page(request, sample, item, form)


def _onward(sample: Sample, position: int) -> HttpResponse:
    waiting = sample.items.filter(finding=ItemFinding.WAITING).order_by("position")
    following = waiting.filter(position__gt=position).first() or waiting.first()
    if following is None:
        return redirect("vouchers:sample_detail", code=sample.code)
    return redirect("vouchers:sample_item", code=sample.code, position=following.position)


def _item_page(
    request: SignedInRequest, sample: Sample, item: SampleItem, form: ItemForm
) -> HttpResponse:
    claim = claim_of(item.bill_id, sample.scheme_id)
    context = {
        "sample": sample,
        "item": item,
        "form": form,
        "claim": claim,
        "evidence": evidence.of_bill(claim, item.bill) if claim else None,
        "flags": flags_of(request.actor, item.bill_id, item.voucher_id),
        "can_decide": sample.status == SampleStatus.DRAWN,
    }
    status = 422 if form.errors else 200
    return render(request, "vouchers/sample_item.html", context, status=status)


def _page(request: SignedInRequest, sample: Sample, status: int = 200) -> HttpResponse:
    found = sample_findings.estimate(sample=sample)
    context = {
        "sample": sample,
        "page_obj": page_of(_items(sample).order_by("position"), request, size=50),
        "strata": sample.strata.order_by("name", "pk"),
        "progress": sample_findings.progress(sample=sample),
        "estimate": found,
        "rate": f"{found.rate * 100:.1f} %" if found else "",
        "interval": suspects.percents(found.low, found.high) if found else "",
    }
    return render(request, "vouchers/sample_detail.html", context, status=status)


def _items(sample: Sample) -> Any:
    return SampleItem.objects.filter(sample=sample).select_related(
        "bill__enterprise",
        "bill__provider__organization",
        "bill__subscription__offering",
        "voucher",
        "looked_by",
    )


def _found(actor: Actor, code: str) -> Sample:
    rows = Sample.objects.visible_to(actor).select_related(
        "scheme", "frame", "frozen_by", "drawn_by"
    )
    sample: Sample = get_object_or_404(rows.defer("frame__content"), code=code)
    return sample
