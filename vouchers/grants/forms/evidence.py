"""Forms of evidence: they check shape and never write."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common import evidence_files as files
from vouchers.grants.actions import evidence
from vouchers.grants.models import Application, ApplicationStatus, EvidenceKind

Status = ApplicationStatus


def kinds_of(application: Application) -> list[tuple[str, Any]]:
    """The kinds of evidence that may be added now."""
    if application.status in {Status.DRAFT, Status.PREPARED}:
        return list(EvidenceKind.choices)
    if application.status == Status.SUPPLEMENT:
        wanted = evidence.open_kinds(application)
        return [(kind, label) for kind, label in EvidenceKind.choices if kind in wanted]
    return []


class KindForm(forms.Form):
    """What a file shows."""

    kind = forms.ChoiceField(label=_("What does the file show?"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, application: Application, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["kind"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - tells the type checker
        field.choices = kinds_of(application)
        if len(field.choices) == 1:
            field.initial = field.choices[0][0]


class UploadForm(KindForm):
    """A new file."""

    file = forms.FileField(
        label=_("File"),
        allow_empty_file=True,
        max_length=200,
        help_text=_("PDF, OFD, JPG or PNG, at most 10 MB, without a password."),
        widget=forms.FileInput(attrs={"accept": ",".join(files.EXTENSIONS)}),
    )


class ReuseForm(KindForm):
    """A file that the enterprise handed in before."""

    prefix = "reuse"
    file_id = forms.ChoiceField(label=_("Earlier file"))

    def __init__(self, *args: Any, application: Application, **options: Any) -> None:
        super().__init__(*args, application=application, **options)
        there = set(application.evidence.values_list("file_id", flat=True))
        found = evidence.earlier(enterprise=application.enterprise)[:50]
        field = self.fields["file_id"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - tells the type checker
        field.choices = [(str(each.pk), each.name) for each in found if each.pk not in there]
