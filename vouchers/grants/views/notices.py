"""Pages of announcements and objections: for everybody, and for the bureau."""

from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import ActorRequest, SignedInRequest, public, require
from accounts.permissions import Permission
from common import limits
from common.downloads import attachment
from common.errors import DomainError
from common.forms import add_refusal
from common.pagination import page_of
from common.periods import local_day
from vouchers.grants.actions import notices, objections
from vouchers.grants.forms import posted
from vouchers.grants.forms.notices import AnnouncementForm, ObjectionDecisionForm, ObjectionForm
from vouchers.grants.models import (
    Announcement,
    Application,
    ApplicationStatus,
    Objection,
    ObjectionStatus,
    Scheme,
    VoucherKind,
)
from vouchers.ledger.actions import seals

DECISIONS = {"uphold": objections.uphold, "reject": objections.reject}


@public
@require_safe
def notice_list(request: ActorRequest) -> HttpResponse:
    """List announcements, the newest first, and the heads of the sealed books of the last days."""
    now = timezone.now()
    rows = Announcement.objects.select_related("scheme__bureau").order_by("-published_at", "-pk")
    heads = seals.daily_heads(until=local_day(now))
    context = {"page_obj": page_of(rows, request), "now": now, "heads": heads}
    return render(request, "vouchers/notice_list.html", context)


@public
@require_safe
def notice_detail(request: ActorRequest, code: str) -> HttpResponse:
    """One announcement as it was published, and which of its lines were taken down since."""
    at = timezone.now()
    found = get_object_or_404(Announcement.objects.select_related("scheme__bureau"), code=code)
    down = found.notices.filter(withdrawn_at__isnull=False)
    taken_down = set(down.values_list("application__code", flat=True))
    lines = [
        line | {"kind": VoucherKind(line["kind"]).label, "down": line["application"] in taken_down}
        for line in found.lines
    ]
    context = {"announcement": found, "lines": lines, "is_open": found.takes_objections_at(at)}
    return render(request, "vouchers/notice_detail.html", context)


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def objection_raise(request: ActorRequest, code: str) -> HttpResponse:
    """Take an objection of anybody; five in an hour from one place."""
    at = timezone.now()
    found = get_object_or_404(Announcement.objects.select_related("scheme__bureau"), code=code)
    if not found.takes_objections_at(at):
        return render(
            request, "vouchers/objection_closed.html", {"announcement": found}, status=409
        )
    initial = {"application": request.GET.get("application", "")}
    form = ObjectionForm(posted(request), request.FILES or None, lines=found.lines, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            limits.spend(name="object", who=limits.address_of(request), limit=5, seconds=3600)
            made = objections.raise_against(announcement=found, at=at, **form.cleaned_data)
        except DomainError as error:
            add_refusal(form, error)
        else:
            return _thank(request, found, made)
    status = 422 if form.errors else 200
    context = {"form": form, "announcement": found}
    return render(request, "vouchers/objection_raise.html", context, status=status)


@require(Permission.VOUCHER_ISSUE)
@require_safe
def announcement_choose(request: SignedInRequest) -> HttpResponse:
    """Schemes of the bureau with approved applications to announce."""
    approved = Count("applications", filter=Q(applications__status=ApplicationStatus.APPROVED))
    rows = Scheme.objects.filter(bureau=request.actor.organization).annotate(approved=approved)
    context = {"schemes": list(rows.filter(approved__gt=0).order_by("-approved", "pk"))}
    return render(request, "vouchers/announcement_choose.html", context)


@require(Permission.VOUCHER_ISSUE)
@require_http_methods(["GET", "HEAD", "POST"])
def announcement_create(request: SignedInRequest, scheme_code: str) -> HttpResponse:
    """Choose approved applications of a scheme, look at the announcement, and publish it."""
    at = timezone.now()
    schemes = Scheme.objects.filter(bureau=request.actor.organization)
    scheme = get_object_or_404(schemes, code=scheme_code)
    form = _announcement_form(request, scheme)
    change = request.POST.get("do") == "change"
    if request.method == "POST" and form.is_valid() and not change:
        is_last = request.POST.get("do") == "publish"
        act = notices.announce if is_last else notices.preview
        try:
            made = act(by=request.actor, scheme=scheme, at=at, **form.cleaned_data)
        except DomainError as error:
            add_refusal(form, error)
        else:
            if not is_last:
                return _preview(request, form, made)
            messages.success(request, _("The public notice is published."))
            return redirect("vouchers:notice_detail", made.code)
    context = {"form": form, "scheme": scheme}
    status = 422 if form.errors else 200
    return render(request, "vouchers/announcement_create.html", context, status=status)


@require(Permission.VOUCHER_ISSUE)
@require_safe
def objection_list(request: SignedInRequest) -> HttpResponse:
    """Objections to notices of the own bureau: those to decide, or all."""
    rows = Objection.objects.visible_to(request.actor)
    everything = request.GET.get("view") == "all"
    shown = (rows if everything else rows.undecided()).select_related(
        "announcement", "notice__application__enterprise"
    )
    context = {
        "page_obj": page_of(shown.order_by("-raised_at", "-pk"), request),
        "everything": everything,
    }
    return render(request, "vouchers/objection_list.html", context)


@require(Permission.VOUCHER_ISSUE)
@require_http_methods(["GET", "HEAD", "POST"])
def objection_detail(request: SignedInRequest, code: str) -> HttpResponse:
    """Read an objection and decide on it."""
    found = _one(request, code)
    form = ObjectionDecisionForm(posted(request))
    if request.method == "POST" and form.is_valid():
        decide = DECISIONS[form.cleaned_data["outcome"]]
        answer = form.cleaned_data["answer"]
        try:
            decide(by=request.actor, objection=found, answer=answer, at=timezone.now())
        except DomainError as error:
            add_refusal(form, error)
        else:
            messages.success(request, _("Your decision is recorded."))
            return redirect("vouchers:objection_detail", code)
    context = {
        "objection": found,
        "form": form if found.status == ObjectionStatus.OPEN else None,
    }
    status = 422 if form.errors else 200
    return render(request, "vouchers/objection_detail.html", context, status=status)


@require(Permission.VOUCHER_ISSUE)
@require_safe
def objection_file(request: SignedInRequest, code: str) -> HttpResponse:
    """The evidence of an objection, to be saved."""
    file = _one(request, code).evidence
    if file is None:
        raise Http404
    return attachment(file)


def _one(request: SignedInRequest, code: str) -> Objection:
    rows = Objection.objects.visible_to(request.actor).select_related(
        "announcement__scheme", "notice__application__enterprise", "decided_by", "evidence"
    )
    return get_object_or_404(rows, code=code)


def _preview(request: SignedInRequest, form: AnnouncementForm, found: Announcement) -> HttpResponse:
    """The announcement as everybody would see it, with what was typed to be sent again."""
    context = {
        "announcement": found,
        "lines": [line | {"kind": VoucherKind(line["kind"]).label} for line in found.lines],
        "total_fen": sum(line["amount_fen"] for line in found.lines),
        "form": form,
        "typed": [(name, value) for name, values in request.POST.lists() for value in values],
    }
    return render(request, "vouchers/announcement_preview.html", context)


def _announcement_form(request: SignedInRequest, scheme: Scheme) -> AnnouncementForm:
    approved = Application.objects.filter(scheme=scheme, status=ApplicationStatus.APPROVED)
    return AnnouncementForm(
        posted(request),
        rows=list(approved.select_related("enterprise").order_by("submitted_at", "pk")),
        title=f"{scheme.name}公示",
        least=notices.least_last_day(scheme=scheme, at=timezone.now()),
    )


def _thank(
    request: ActorRequest, announcement: Announcement, objection: Objection
) -> HttpResponseRedirect:
    words = _("Your objection is received under the number %(code)s. Keep the number.")
    messages.success(request, words % {"code": objection.code})
    return redirect("vouchers:notice_detail", announcement.code)
