"""Pages of the files beside an application."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import SignedInRequest, require
from accounts.permissions import Permission
from common.downloads import attachment
from common.errors import DomainError
from common.forms import add_refusal
from vouchers.grants.actions import evidence
from vouchers.grants.forms.evidence import ReuseForm, UploadForm, kinds_of
from vouchers.grants.models import Application, Evidence

from .applications import crumbs, own


@require(Permission.ORGANIZATION_VIEW)
@require_http_methods(["GET", "HEAD", "POST"])
def evidence_list(request: SignedInRequest, code: str) -> HttpResponse:
    """Say what is taken, show what is there, add a file."""
    application = _own(request, code)
    form = _upload_form(request, application)
    if request.method == "POST" and form.is_valid():
        try:
            made = evidence.add(
                by=request.actor, application=application, at=timezone.now(), **form.cleaned_data
            )
        except DomainError as error:
            add_refusal(form, error)
        else:
            messages.success(request, _("%(name)s is added.") % {"name": made.file.name})
            return redirect("vouchers:evidence_list", application.code)
    context = _context(application, form)
    return render(
        request, "vouchers/evidence_list.html", context, status=422 if form.errors else 200
    )


@require(Permission.ORGANIZATION_VIEW)
@require_POST
def evidence_reuse(request: SignedInRequest, code: str) -> HttpResponse:
    """Put an earlier file of the enterprise beside this application."""
    application = _own(request, code)
    form = ReuseForm(request.POST, application=application)
    if form.is_valid():
        evidence.reuse(
            by=request.actor, application=application, at=timezone.now(), **form.cleaned_data
        )
        messages.success(request, _("The file is added."))
        return redirect("vouchers:evidence_list", application.code)
    context = _context(application, UploadForm(application=application)) | {"reuse_form": form}
    return render(request, "vouchers/evidence_list.html", context, status=422)


@require(Permission.APPLICATION_PREPARE)
@require_POST
def evidence_remove(request: SignedInRequest, code: str, file: UUID) -> HttpResponse:
    """Take a file away from a draft."""
    application = _own(request, code)
    evidence.remove(by=request.actor, application=application, file_id=file, at=timezone.now())
    messages.success(request, _("The file is removed."))
    return redirect("vouchers:evidence_list", application.code)


@require(Permission.ORGANIZATION_VIEW)
@require_safe
def evidence_file(request: SignedInRequest, code: str, file: UUID) -> HttpResponse:
    """Send a file to be saved, to those entitled; nothing of it runs or shows in place."""
    rows = Evidence.objects.visible_to(request.actor).select_related("file")
    found = rows.filter(application__code=code, file_id=file).order_by("pk").first()
    if found is None:
        raise Http404
    return attachment(found.file)


def _own(request: SignedInRequest, code: str) -> Application:
    rows = own(request).filter(enterprise=request.actor.organization)
    return get_object_or_404(rows, code=code)


def _upload_form(request: SignedInRequest, application: Application) -> UploadForm:
    if request.method == "POST":
        return UploadForm(request.POST, request.FILES, application=application)
    return UploadForm(application=application, initial={"kind": request.GET.get("kind")})


def _context(application: Application, form: UploadForm) -> dict[str, Any]:
    is_draft = application.status in {"draft", "prepared"}
    return {
        "application": application,
        "form": form,
        "reuse_form": ReuseForm(application=application),
        "evidence": list(application.evidence.light().order_by("pk")),
        "may_add": bool(kinds_of(application)),
        "may_remove": is_draft,
        "crumbs": crumbs(application),
    }
