"""Pages that move supply by file: template, export, trial, import, result."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import SignedInRequest, require
from accounts.permissions import Permission
from common import form_errors
from common.errors import DomainError
from providers import supply_files
from providers.actions import imports, sheets
from providers.import_forms import SheetImportForm


@require_http_methods(["GET", "HEAD", "POST"])
@require(Permission.PROVIDER_MANAGE)
def sheet_import(request: SignedInRequest, subject: str) -> HttpResponse:
    """Try a file out, then import it; each row answers for itself, on the page or as a file."""
    _known(subject)
    form = SheetImportForm(request.POST or None, request.FILES or None)
    context = {"form": form, "subject": sheets.SUBJECTS[subject], "subjects": sheets.SUBJECTS}
    is_trial = context["is_trial"] = "check" in request.POST
    if request.method == "POST" and form.is_valid():
        try:
            answers = context["answers"] = imports.run(
                by=request.actor,
                subject=subject,
                content=form.content(),
                dry_run=is_trial,
                at=timezone.now(),
            )
        except DomainError as error:
            form_errors.apply(form, error)
        else:
            if form.cleaned_data["as_file"]:
                return supply_files.answers(subject=subject, found=answers)
            context |= _counted(answers)
    status = 422 if form.errors else 200
    return render(request, "providers/sheet_import.html", context, status=status)


@require_safe
@require(Permission.PROVIDER_MANAGE)
def sheet_template(request: SignedInRequest, subject: str, form: str) -> HttpResponse:
    """An empty table to fill in."""
    return supply_files.template(subject=_known(subject), form=form)


@require_safe
@require(Permission.PROVIDER_MANAGE)
def sheet_export(request: SignedInRequest, subject: str, form: str) -> HttpResponse:
    """What the provider has; sent back as it is, it changes nothing."""
    return supply_files.export(
        by=request.actor, subject=_known(subject), form=form, at=timezone.now()
    )


def _known(subject: str) -> str:
    if subject not in sheets.SUBJECTS:
        raise Http404(_("There is no such file."))
    return subject


def _counted(answers: list[imports.Answer]) -> dict[str, Any]:
    """How many of each outcome; of the rows only refused ones when there are many."""
    outcomes = [answer.outcome for answer in answers]
    shown = answers if len(answers) <= 200 else [a for a in answers if a.outcome == "refused"][:200]
    return {
        "shown": shown,
        "changed": outcomes.count("changed"),
        "unchanged": outcomes.count("unchanged"),
        "refused": outcomes.count("refused"),
    }
