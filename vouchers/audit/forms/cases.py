"""Forms of cases. They check shape; the actions decide."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization, User
from common import evidence_files
from common.form_fields import YuanField
from vouchers.audit.actions.conclusions import Draft
from vouchers.audit.models import Case, CaseOutcome, EntryKind

MOST = 4000


def _text(label: Any, *, rows: int = 4, help_text: Any = "", required: bool = True) -> Any:
    return forms.CharField(
        label=label, max_length=MOST, help_text=help_text, required=required,
        widget=forms.Textarea(attrs={"rows": rows}),
    )  # fmt: skip


def _file(label: Any) -> Any:
    accept = ",".join(evidence_files.EXTENSIONS)
    return forms.FileField(
        label=label, required=False, help_text=_("PDF, OFD, JPG or PNG, up to 10 MB."),
        widget=forms.FileInput(attrs={"accept": accept}),
    )  # fmt: skip


class CaseForm(forms.Form):
    """What is looked into; the subject only for a case opened by hand."""

    subject = forms.CharField(
        label=_("Bill and voucher, or organization"), max_length=60,
        help_text=_("Such as BL-2345-6789/VC-2345-6789, or the number of an organization."),
    )  # fmt: skip
    question = forms.CharField(
        label=_("What is looked into"), max_length=300,
        help_text=_("The parties read it in letters: name no third party and no source."),
    )  # fmt: skip

    def __init__(self, *args: Any, by_hand: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        if not by_hand:
            del self.fields["subject"]


class PlanForm(forms.Form):
    """Who works on it and until when."""

    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    to = forms.ModelChoiceField(
        label=_("Give to"), queryset=User.objects.none(), to_field_name="code", required=False,
        empty_label=_("Back to the team"),
    )  # fmt: skip

    def __init__(self, *args: Any, colleagues: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["to"].queryset = colleagues  # type: ignore[attr-defined]


class DueForm(forms.Form):
    """By when it is to be done."""

    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    due_on = forms.DateField(
        label=_("To be done by"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


class NoteForm(forms.Form):
    """A finding or remark of the bureau, or a file."""

    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=[
            (EntryKind.FINDING, EntryKind.FINDING.label),
            (EntryKind.REMARK, EntryKind.REMARK.label),
            (EntryKind.EVIDENCE, EntryKind.EVIDENCE.label),
        ],
    )
    text = _text(_("In words"), required=False)
    file = _file(_("File, for evidence"))


class AskForm(forms.Form):
    """A letter that asks a party."""

    party = forms.ModelChoiceField(
        label=_("To"), queryset=Organization.objects.none(), to_field_name="code"
    )
    text = _text(
        _("What is asked"), help_text=_("Goes into the letter; the other party does not see it.")
    )
    until = forms.DateField(
        label=_("Answer until"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, case: Case, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["party"].queryset = parties(case)  # type: ignore[attr-defined]


class AnswerForm(forms.Form):
    """A party's statement, a file, or both one after the other."""

    text = _text(_("Your statement"), required=False)
    file = _file(_("Evidence"))

    def clean(self) -> dict[str, Any]:
        """Words or a file, or both."""
        found = super().clean() or {}
        if not found.get("text") and not found.get("file") and not self.errors:
            raise forms.ValidationError(_("Write a statement or choose a file."))
        return found


class ConclusionForm(forms.Form):
    """What the case came to."""

    outcome = forms.ChoiceField(
        label=_("Outcome"), choices=CaseOutcome.choices, widget=forms.RadioSelect
    )
    text = _text(
        _("Reasons"),
        rows=6,
        help_text=_("The parties read them in the letter that closes the case."),
    )
    recover_amount = YuanField(
        label=_("Amount to recover (yuan)"), minimum_fen=1, required=False,
        help_text=_("First from what the provider is owed and is in no settlement yet."),
    )  # fmt: skip
    debtor = forms.ModelChoiceField(
        label=_("Who owes the rest"), queryset=Organization.objects.none(), to_field_name="code",
        required=False,
    )  # fmt: skip
    suspended = forms.ModelChoiceField(
        label=_("Suspend"), queryset=Organization.objects.none(), to_field_name="code",
        required=False, empty_label=_("Nobody"),
        help_text=_("A firm gets no approval and no voucher, a provider no settlement, until it ends."),
    )  # fmt: skip
    suspended_until = forms.DateField(
        label=_("Last day of the suspension"), required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )  # fmt: skip

    def __init__(self, *args: Any, case: Case, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in ("debtor", "suspended"):
            self.fields[name].queryset = parties(case)  # type: ignore[attr-defined]
        if case.bill_id is None:
            del self.fields["recover_amount"], self.fields["debtor"]

    def draft(self) -> Draft:
        """As the action takes it; a debtor counts for a recovery only."""
        given = self.cleaned_data
        recovers = given["outcome"] == CaseOutcome.RECOVERY
        return Draft(
            outcome=given["outcome"],
            text=given["text"],
            recover_fen=given.get("recover_amount"),
            debtor=given.get("debtor") if recovers else None,
            suspended=given["suspended"],
            suspended_until=given["suspended_until"],
        )


def parties(case: Case) -> Any:
    """The organizations that the case is about, by name."""
    keys = [each.pk for each in case.parties()]
    return Organization.objects.filter(pk__in=keys).order_by("name", "pk")
