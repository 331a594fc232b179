"""Pages on which an application is written: begin, one topic a page, check."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from django.views.decorators.vary import vary_on_headers

from accounts.access import SignedInRequest, can, require, signed_in
from accounts.permissions import Permission
from common.errors import DomainError
from common.forms import add_refusal
from common.periods import local_day
from vouchers.grants import wording
from vouchers.grants.actions import answers, applications, drafts
from vouchers.grants.forms import posted
from vouchers.grants.forms.questions import SectionForm
from vouchers.grants.models import Application, Scheme
from vouchers.grants.rules import sections
from vouchers.grants.shown import summaries

from .applications import crumbs, own, stated


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def application_start(request: SignedInRequest, code: str) -> HttpResponse:
    """Begin a draft for a scheme; answers of the pre-check are filled in."""
    scheme = get_object_or_404(Scheme.objects.visible_to(request.actor), code=code)
    barred = _barred(request, scheme)
    if barred:
        return render(request, "vouchers/application_barred.html", barred, status=403)
    form = _first_form(request, scheme)
    if request.method == "POST" and form.is_valid():
        given = {"answers": _known_answers(request, scheme), **form.values()}
        try:
            made = applications.start(by=request.actor, scheme=scheme, at=timezone.now(), **given)
        except DomainError as error:
            add_refusal(form, error)
        else:
            return redirect("vouchers:application_detail", made.code)
    context = {"form": form, "scheme": scheme, "crumbs": crumbs()}
    return render(
        request, "vouchers/application_start.html", context, status=422 if form.errors else 200
    )


@require(Permission.APPLICATION_PREPARE)
@vary_on_headers("HX-Request")
@require_http_methods(["GET", "HEAD", "POST"])
def application_section(request: SignedInRequest, code: str, section: str) -> HttpResponse:
    """One topic of a draft; saved while typing, and when sent."""
    application = _writable(request, code)
    form = _form(request, application, section)
    theirs = None
    if request.method == "POST":
        try:
            saved = _save(request, application, form)
        except drafts.DraftChanged as changed:
            theirs = changed.application
            form = form.after_change(
                str(changed), None if request.htmx else _version(theirs, section)
            )
        except DomainError as error:
            add_refusal(form, error)
        else:
            if saved is not None and not request.htmx:
                return redirect(_next(saved, section, request.POST))
            application = saved or application
            form.stands_at = None if saved is None else _version(saved, section)
    return _shown(request, _context(application, form, theirs))


@require(Permission.APPLICATION_PREPARE)
@require_http_methods(["GET", "HEAD", "POST"])
def application_check(request: SignedInRequest, code: str) -> HttpResponse:
    """Show all answers and what they would bring; then hand over to the signatory."""
    application = get_object_or_404(own(request), code=code)
    if request.method == "POST":
        applications.prepare(by=request.actor, application=application, at=timezone.now())
        messages.success(
            request, _("Handed over. A person with the right to sign submits it next.")
        )
        return redirect("vouchers:application_detail", application.code)
    may_change = application.status in {"draft", "prepared"}
    context = stated(application, change=may_change) | {"crumbs": crumbs(application)}
    context["missing"] = [
        (answers.field_label(application, field), summaries.section_url(application, name))
        for name, fields in answers.missing(application).items()
        for field in fields
    ]
    return render(request, "vouchers/application_check.html", context)


def _barred(request: SignedInRequest, scheme: Scheme) -> dict[str, Any]:
    """Why this person begins nothing here, and what to do; empty when nothing stands in the way."""
    is_open = Scheme.objects.open_on(local_day(timezone.now())).filter(pk=scheme.pk).exists()
    if is_open and can(request.actor, Permission.APPLICATION_PREPARE):
        return {}
    may_add = can(request.actor, Permission.ORGANIZATION_MANAGE)
    return {"scheme": scheme, "is_open": is_open, "may_add": may_add}


def _shown(request: SignedInRequest, context: dict[str, Any]) -> HttpResponse:
    """The page, or while somebody types only what the saving did."""
    form: SectionForm = context["form"]
    if not request.htmx:
        status = 422 if form.errors else 200
        return render(request, "vouchers/application_section.html", context, status=status)
    answer = render(request, "vouchers/application_saved.html", context)
    if form.stands_at is not None and not context["unreadable"]:
        answer["X-Saved"] = "yes"
    return answer


def _writable(request: SignedInRequest, code: str) -> Application:
    rows = own(request).filter(enterprise=request.actor.organization)
    return get_object_or_404(rows.select_related("saved_by"), code=code)


def _form(request: SignedInRequest, application: Application, name: str) -> SectionForm:
    found = [each for each in answers.sections_of(application.scheme) if each.name == name]
    if not found or name == sections.EVIDENCE:
        raise Http404
    return SectionForm(
        posted(request),
        section=found[0],
        values=answers.values_of(application),
        kinds=application.scheme.voucher_kinds,
        version=_version(application, name),
    )


def _version(application: Application, section: str) -> int:
    """The version in which the section changed last."""
    return int(application.section_versions.get(section, 1))


def _save(
    request: SignedInRequest, application: Application, form: SectionForm
) -> Application | None:
    """Save what can be saved; None when the section was to be complete and is not."""
    partly = bool(request.htmx) or bool({"later", "more"} & request.POST.keys())
    if not partly and not (form.is_valid() and form.require_complete()):
        return None
    return drafts.save(
        by=request.actor,
        application=application,
        values=form.readable(),
        seen=form.cleaned_data.get("seen"),
        at=timezone.now(),
    )


def _next(application: Application, section: str, sent: Any) -> str:
    """The following section, or the task list; the same one again when there is more to enter."""
    if "more" in sent:
        return summaries.section_url(application, section)
    if "later" not in sent:
        names = [each.name for each in answers.sections_of(application.scheme)]
        following = names[names.index(section) + 1 :]  # type: ignore[arg-type]
        if following:
            return summaries.section_url(application, following[0])
    return reverse("vouchers:application_detail", args=[application.code])


def _context(
    application: Application, form: SectionForm, theirs: Application | None
) -> dict[str, Any]:
    title = wording.SECTIONS[form.section.name]
    others = summaries.parts(theirs) if theirs else []
    return {
        "application": application,
        "form": form,
        "title": title,
        "theirs": next((part for part in others if part.name == form.section.name), None),
        "changed_by": theirs,
        "unreadable": form.unreadable(),
        "seen": form["seen"].value() if form.stands_at is None else form.stands_at,
        "crumbs": crumbs(application),
        "draft_key": f"{application.code}/{form.section.name}",
    }


def _first_form(request: SignedInRequest, scheme: Scheme) -> SectionForm:
    return SectionForm(
        posted(request),
        section=answers.sections_of(scheme)[0],
        values=_known(request),
        kinds=scheme.voucher_kinds,
        version=1,
    )


def _known(request: SignedInRequest) -> dict[str, Any]:
    """Answers of the pre-check that an application asks as well."""
    kept: dict[str, Any] = request.session.get("precheck", {})
    return {name: kept[name] for name in ("kind", "planned_spend_fen") if kept.get(name)}


def _known_answers(request: SignedInRequest, scheme: Scheme) -> dict[str, Any]:
    """The pre-check's kind of applicant, where the scheme asks for it too."""
    kept: dict[str, Any] = request.session.get("precheck", {})
    asked = {name for section in answers.sections_of(scheme) for name in section.keys}
    return {name: kept[name] for name in {"legal_form"} & asked if kept.get(name)}
