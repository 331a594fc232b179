"""Supply as files to download: template, export, answers to an import."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from django.http import Http404, HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from accounts.access import Actor
from accounts.permissions import Permission
from common.exports import csv_bytes
from providers.actions import sheets
from providers.actions.imports import Answer
from providers.actions.sheets import files

FORMS: Final = {
    "csv": ("text/csv; charset=utf-8", files.as_csv),
    "xlsx": (
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        files.as_xlsx,
    ),
}


def template(*, subject: str, form: str) -> HttpResponse:
    """An empty table with the columns of the subject. Raises Http404 for an unknown form."""
    return _file(subject, form, [], f"{subject}-template")


def export(*, by: Actor, subject: str, form: str, at: datetime) -> HttpResponse:
    """Everything of the actor's provider. Raises Http404, registrations.NotRegistered."""
    by.require(Permission.PROVIDER_MANAGE)
    rows = sheets.SUBJECTS[subject](by, at).export()
    return _file(subject, form, rows, subject)


def answers(*, subject: str, found: Iterable[Answer]) -> HttpResponse:
    """What became of each row, as CSV."""
    header = [_("Row"), _("Outcome"), _("Number"), _("Code"), _("Why")]
    rows = ((each.number, each.outcome, each.about, each.code, each.message) for each in found)
    return _download(csv_bytes(header, rows), f"{subject}-result.csv", FORMS["csv"][0])


def _file(subject: str, form: str, rows: Iterable[Sequence[object]], name: str) -> HttpResponse:
    if form not in FORMS:
        raise Http404(_("There is no such file."))
    content_type, write = FORMS[form]
    return _download(write(sheets.SUBJECTS[subject], rows), f"{name}.{form}", content_type)


def _download(content: bytes, name: str, content_type: str) -> HttpResponse:
    headers = {
        "Content-Disposition": content_disposition_header(True, name) or "attachment",
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(content, content_type=content_type, headers=headers)
