"""The officer's pages of cases: the work queue, one case with claim beside evidence, what is written in it."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import Actor, SignedInRequest, require
from accounts.permissions import Permission
from common import pdf
from common.errors import DomainError
from common.forms import add_refusal
from common.pagination import page_of
from common.periods import local_day
from vouchers.audit.actions import case_entries, cases, conclusions, evidence, recoveries
from vouchers.audit.forms.cases import AskForm, CaseForm, DueForm, NoteForm, PlanForm
from vouchers.audit.models import (
    Case,
    CaseEntry,
    CaseStatus,
    EntryKind,
    Recovery,
    RiskFlag,
    SampleItem,
)
from vouchers.audit.shown import docket
from vouchers.audit.views import files
from vouchers.audit.views.risks import claim_of, flags_of
from vouchers.grants.actions import suspensions


@require(Permission.CLAIM_AUDIT)
@require_safe
def case_list(request: SignedInRequest) -> HttpResponse:
    """The queue by tab: mine, nobody's, overdue, all open, closed; what is due first stands first."""
    at = timezone.now()
    rows = Case.objects.visible_to(request.actor)
    conditions = docket.tabs(request.actor, at)
    counted = docket.counts(rows, conditions)
    chosen = request.GET.get("tab", "")
    if chosen not in conditions:
        chosen = next((name for name in ("mine", "team") if counted[name]), "open")
    order = ("-closed_at", "-pk") if chosen == "closed" else ("due_on", "pk")
    found = rows.with_subject().filter(conditions[chosen]).order_by(*order)
    context = {
        "tabs": [(name, label, counted[name]) for name, label in docket.TABS.items()],
        "chosen": chosen,
        "page_obj": page_of(found, request),
        "today": local_day(at),
    }
    return render(request, "vouchers/case_list.html", context)


@require(Permission.CLAIM_AUDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def case_create(request: SignedInRequest) -> HttpResponse:
    """Open a case: by hand, from `?flag=`, or from `?sample=` and `?position=`."""
    flag, item = _opened_from(request)
    form = CaseForm(request.POST or None, by_hand=flag is None and item is None)
    if request.method == "POST" and form.is_valid():
        try:
            made = _open(request, form, flag, item)
        except DomainError as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("The case is open. Take it to work on it."))
            return redirect("vouchers:case_detail", code=made.code)
    context = {"form": form, "flag": flag, "item": item}
    status = 422 if form.errors else 200
    return render(request, "vouchers/case_create.html", context, status=status)


def _opened_from(request: SignedInRequest) -> tuple[RiskFlag | None, SampleItem | None]:
    asked = request.GET
    if "flag" in asked:
        flags = RiskFlag.objects.visible_to(request.actor).select_related("bill", "voucher")
        return get_object_or_404(flags, code=asked["flag"]), None
    if "sample" in asked:
        items = SampleItem.objects.filter(sample__scheme__bureau=request.actor.organization)
        rows = items.select_related("sample", "bill", "voucher")
        position = asked.get("position", "")
        if not position.isdecimal():
            raise Http404
        return None, get_object_or_404(
            rows, sample__code=asked["sample"], position=int(position[:9])
        )
    return None, None


def _open(
    request: SignedInRequest, form: CaseForm, flag: RiskFlag | None, item: SampleItem | None
) -> Case:
    by, at, question = request.actor, timezone.now(), form.cleaned_data["question"]
    if flag is not None:
        return cases.open_from_flag(by=by, flag=flag, question=question, at=at)
    if item is not None:
        return cases.open_from_item(by=by, item=item, question=question, at=at)
    subject = form.cleaned_data["subject"]
    return cases.open_by_hand(by=by, subject=subject, question=question, at=at)


@require(Permission.CLAIM_AUDIT)
@require_safe
def case_detail(request: SignedInRequest, code: str) -> HttpResponse:
    """One case: what it is about and what was said, with the claim's evidence beside it."""
    return page(request, found(request.actor, code))


@require(Permission.CLAIM_AUDIT)
@require_POST
def case_take(request: SignedInRequest, code: str) -> HttpResponse:
    """Work on it oneself."""
    case = found(request.actor, code)
    version = request.POST.get("version", "")
    seen = int(version[:9]) if version.isdecimal() else -1
    cases.take(by=request.actor, case=case, version=seen, at=timezone.now())
    return redirect("vouchers:case_detail", code=code)


@require(Permission.CLAIM_AUDIT)
@require_POST
def case_give(request: SignedInRequest, code: str) -> HttpResponse:
    """Give it to a colleague or back to the team."""
    case = found(request.actor, code)
    form = PlanForm(request.POST, colleagues=cases.colleagues(request.actor))
    if form.is_valid():
        try:
            cases.hand_over(by=request.actor, case=case, **form.cleaned_data, at=timezone.now())
        except DomainError as refusal:
            add_refusal(form, refusal)
        else:
            return redirect("vouchers:case_detail", code=code)
    return page(request, case, give=form, status=422)


@require(Permission.CLAIM_AUDIT)
@require_POST
def case_plan(request: SignedInRequest, code: str) -> HttpResponse:
    """Say by when it is to be done."""
    case = found(request.actor, code)
    form = DueForm(request.POST)
    if form.is_valid():
        try:
            cases.plan(by=request.actor, case=case, **form.cleaned_data, at=timezone.now())
        except DomainError as refusal:
            add_refusal(form, refusal)
        else:
            return redirect("vouchers:case_detail", code=code)
    return page(request, case, due=form, status=422)


@require(Permission.CLAIM_AUDIT)
@require_POST
def case_note(request: SignedInRequest, code: str) -> HttpResponse:
    """Write a finding or remark, or put a file into the case."""
    case = found(request.actor, code)
    form = NoteForm(request.POST, request.FILES)
    if form.is_valid():
        given, at = form.cleaned_data, timezone.now()
        try:
            if given["file"]:
                case_entries.attach(
                    by=request.actor, case=case, file=given["file"], text=given["text"], at=at
                )
            else:
                case_entries.note(
                    by=request.actor, case=case, kind=given["kind"], text=given["text"], at=at
                )
        except DomainError as refusal:
            add_refusal(form, refusal)
        else:
            return redirect("vouchers:case_detail", code=code)
    return page(request, case, note=form, status=422)


@require(Permission.CLAIM_AUDIT)
@require_POST
def case_ask(request: SignedInRequest, code: str) -> HttpResponse:
    """Send a letter that asks a party."""
    case = found(request.actor, code)
    form = AskForm(request.POST, case=case)
    if form.is_valid():
        try:
            case_entries.ask(by=request.actor, case=case, **form.cleaned_data, at=timezone.now())
        except DomainError as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("The letter is sent. The other party does not see it."))
            return redirect("vouchers:case_detail", code=code)
    return page(request, case, ask=form, status=422)


@require(Permission.CLAIM_AUDIT)
@require_safe
def case_file(request: SignedInRequest, code: str, position: int) -> HttpResponse:
    """What an entry holds, as an attachment: its file, or its letter as PDF."""
    return entry_file(found(request.actor, code), request.actor, position)


def entry_file(case: Case, actor: Actor, position: int) -> HttpResponse:
    """The file or letter of an entry that the actor may see; 404 for every other one."""
    rows = CaseEntry.objects.filter(case=case).shown_to(actor)
    entry = get_object_or_404(
        rows.select_related("file", "letter", "case__bureau"), number=position
    )
    if entry.file is not None:
        return files.stored(entry.file)
    if entry.kind != EntryKind.LETTER:
        raise Http404
    return pdf.response(docket.letter_paper(entry), f"{case.code}-{entry.number}.pdf")


def found(actor: Actor, code: str) -> Case:
    """The case of the own bureau, with its subject; 404 for any other."""
    rows = Case.objects.visible_to(actor).with_subject().select_related("opened_by", "closed_by")
    case: Case = get_object_or_404(rows, code=code)
    return case


def page(request: SignedInRequest, case: Case, status: int = 200, **filled: Any) -> HttpResponse:
    """The case; forms that were filled in stand there as they were."""
    is_open = case.status != CaseStatus.CLOSED
    initial = {"version": case.version, "due_on": case.due_on}
    context = {
        "case": case,
        "subject": conclusions.subject_code(case),
        "entries": CaseEntry.objects.filter(case=case).light(),
        "conclusion": conclusions.newest(case),
        "recovery": Recovery.objects.filter(case=case).select_related("debtor").first(),
        "recoverable_fen": recoveries.recoverable_fen(case=case),
        "suspended": suspensions.running(
            bureau=case.bureau, organization_ids={each.pk for each in case.parties()},
            at=timezone.now(),
        ).values(),
        "is_open": is_open,
        "is_mine": is_open and case.assignee_id == request.actor.user.pk,
        "is_late": is_open and case.due_on < local_day(timezone.now()),
        "give": PlanForm(initial=initial, colleagues=cases.colleagues(request.actor)),
        "due": DueForm(initial=initial),
        "note": NoteForm(),
        "ask": AskForm(case=case),
        **_beside(request.actor, case),
        **filled,
    }  # fmt: skip
    return render(request, "vouchers/case_detail.html", context, status=status)


def _beside(actor: Actor, case: Case) -> dict[str, Any]:
    """The claim and the evidence of the bill, and the redemption's flags."""
    if case.bill is None or case.voucher is None:
        return {}
    claim = claim_of(case.bill.pk, case.voucher.scheme_id)
    return {
        "claim": claim,
        "evidence": evidence.of_bill(claim, case.bill) if claim else None,
        "flags": flags_of(actor, case.bill.pk, case.voucher.pk),
    }
