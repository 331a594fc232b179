"""Forms of the bureau's side: they check shape and never write."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.errors import DomainError
from common.form_fields import YuanField
from vouchers.grants import wording
from vouchers.grants.actions import answers, supplements
from vouchers.grants.models import (
    Application,
    BulkVerb,
    CannedRemark,
    RemarkUse,
    ReviewOutcome,
)
from vouchers.grants.rules import refusals
from vouchers.grants.shown import summaries


def refusal_reasons() -> list[tuple[str, str]]:
    """The closed list, with nothing chosen."""
    return [("", ""), *((code, wording.refusal(code)) for code in refusals.REFUSALS)]


class ClaimForm(forms.Form):
    """The version of the claim that the page showed."""

    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0, required=False)

    def version(self) -> int:
        """The version sent; 0 when none was."""
        return self.cleaned_data.get("seen") or 0


class DecisionForm(forms.Form):
    """Pass or refuse; a refusal names its reason."""

    stage = forms.CharField(widget=forms.HiddenInput)
    outcome = forms.ChoiceField(
        label=_("Your decision"),
        choices=ReviewOutcome.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose pass or refuse.")},
    )
    reason = forms.ChoiceField(label=_("Reason of a refusal"), required=False)
    canned = forms.MultipleChoiceField(
        label=_("Common remarks"), required=False, widget=forms.CheckboxSelectMultiple
    )
    remark = forms.CharField(
        label=_("Remark"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Added to the common remarks. Colleagues and the applicant can read it."),
    )

    def __init__(self, *args: Any, remarks: Sequence[CannedRemark], **options: Any) -> None:
        super().__init__(*args, **options)
        reason, canned = self.fields["reason"], self.fields["canned"]
        assert isinstance(reason, forms.ChoiceField)  # noqa: S101 - tells the type checker
        assert isinstance(canned, forms.ChoiceField)  # noqa: S101 - tells the type checker
        reason.choices = refusal_reasons()
        self._texts = {remark.code: remark.text for remark in remarks}
        canned.choices = list(self._texts.items())
        if not remarks:
            del self.fields["canned"]

    def decision(self) -> dict[str, str]:
        """What was decided, the common remarks and the own words in one text."""
        data: dict[str, Any] = self.cleaned_data
        chosen = [self._texts[code] for code in data.get("canned", [])]
        remark = " ".join([*chosen, data["remark"]]).strip()[:2000]
        return {name: data[name] for name in ("stage", "outcome", "reason")} | {"remark": remark}


class NoteForm(forms.Form):
    """Why something is turned down."""

    note = forms.CharField(
        label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )


class RemarkForm(forms.Form):
    """A sentence to be used again and again."""

    use = forms.ChoiceField(label=_("Where it is offered"), choices=RemarkUse.choices)
    text = forms.CharField(
        label=_("Text"), max_length=300, widget=forms.Textarea(attrs={"rows": 2})
    )


def _days(label: Any, hint: Any = "") -> forms.IntegerField:
    return forms.IntegerField(
        label=label, help_text=hint, widget=forms.TextInput(attrs={"inputmode": "numeric"})
    )


class DeskForm(forms.Form):
    """Deadlines in working days, and the limits above which a second person is needed."""

    first_review_days = _days(
        _("First review (working days)"), _("Counted from the day after arrival.")
    )
    second_review_days = _days(_("Second review (working days)"))
    notice_days = _days(_("Publishing the notice (working days)"))
    issue_days = _days(_("Issuing (working days)"))
    supplement_days = _days(
        _("Answering a supplement (working days)"),
        _("Proposed to the officer, who can choose another day."),
    )
    claim_days = _days(
        _("A claim lasts (working days)"),
        _("After it another officer can take the application over."),
    )
    bulk_limit_count = _days(_("Applications at once without a second person"))
    bulk_limit_fen = YuanField(
        label=_("Total at once without a second person (yuan)"), minimum_fen=0
    )


class LetterForm(forms.Form):
    """The four texts of a letter, and the version that was changed."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    subject_zh = forms.CharField(label=_("Subject in Chinese"), max_length=100)
    body_zh = forms.CharField(
        label=_("Text in Chinese"), max_length=4000, widget=forms.Textarea(attrs={"rows": 10})
    )
    subject_en = forms.CharField(label=_("Subject in English"), max_length=150)
    body_en = forms.CharField(
        label=_("Text in English"), max_length=6000, widget=forms.Textarea(attrs={"rows": 10})
    )

    def texts(self) -> dict[str, str]:
        """The four texts as typed, also those that cannot stand."""
        names = ("subject_zh", "body_zh", "subject_en", "body_en")
        return {name: str(self[name].value() or "") for name in names}


class BulkForm(forms.Form):
    """What is confirmed on the preview."""

    verb = forms.ChoiceField(choices=BulkVerb.choices, widget=forms.HiddenInput)
    token = forms.UUIDField(widget=forms.HiddenInput)
    reason = forms.ChoiceField(label=_("Reason of a refusal"), required=False)
    remark = forms.CharField(
        label=_("Remark"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The same for all. Colleagues and the applicants can read it."),
    )

    def __init__(self, *args: Any, verb: str, **options: Any) -> None:
        super().__init__(*args, **options)
        reason = self.fields["reason"]
        assert isinstance(reason, forms.ChoiceField)  # noqa: S101 - tells the type checker
        reason.choices = refusal_reasons()
        if verb != BulkVerb.REFUSE:
            del self.fields["reason"]
        if verb not in {BulkVerb.PASS, BulkVerb.REFUSE}:
            del self.fields["remark"]


class SupplementAskForm(forms.Form):
    """One line for each field that may be remarked on, and the last day; empty lines ask nothing."""

    due_on = forms.DateField(
        label=_("Last day for the answer"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("The time that the enterprise takes does not count towards our deadline."),
    )

    def __init__(self, *args: Any, application: Application, **options: Any) -> None:
        super().__init__(*args, **options)
        self.asked = {f"on-{name}": name for name in supplements.fields_of(application)}
        attrs = {"list": "usual-remarks", "autocomplete": "off"}
        values = answers.values_of(application)
        for name, field in self.asked.items():
            self.fields[name] = forms.CharField(
                label=answers.field_label(application, field),
                help_text=_("Stated: %(value)s")
                % {"value": summaries.field_value(application, field, values.get(field))},
                max_length=supplements.MOST_TEXT,
                required=False,
                widget=forms.TextInput(attrs=attrs),
            )

    def remarks(self) -> list[tuple[str, str]]:
        """Field and words of each line that was filled in."""
        given = self.cleaned_data
        return [(field, given[name]) for name, field in self.asked.items() if given.get(name)]

    def lines(self) -> list[forms.BoundField]:
        """The lines for the remarks."""
        return [self[name] for name in self.asked]

    def place(self, error: DomainError) -> None:
        """Put each message at its line; what belongs to none goes on top."""
        lines = {field: name for name, field in self.asked.items()} | {"due_on": "due_on"}
        known = {lines[name]: words for name, words in error.errors.items() if name in lines}
        for name, words in known.items():
            self.add_error(name, str(words))
        if not known:
            self.add_error(None, " ".join(str(each) for each in error.errors.values() or [error]))
