"""Forms of announcements and objections: they check shape and never write."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from common import evidence_files as files
from common.display import money_text
from vouchers.grants.models import Application


class AnnouncementForm(forms.Form):
    """What is announced, until when, and in which words."""

    applications = forms.MultipleChoiceField(
        label=_("Approved applications"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("All are chosen. Leave out those that are not to be announced now."),
        error_messages={"required": _("Choose at least one application.")},
    )
    title = forms.CharField(label=_("Title of the announcement"), max_length=150)
    text = forms.CharField(
        label=_("Introduction"),
        max_length=5000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Shown above the list: legal basis, and where else objections are taken."),
    )
    last_day = forms.DateField(
        label=_("Last day for objections"), widget=forms.DateInput(attrs={"type": "date"})
    )

    def __init__(
        self, *args: Any, rows: list[Application], title: str, least: date, **more: Any
    ) -> None:
        more["initial"] = {
            "applications": [row.code for row in rows],
            "title": title,
            "last_day": least.isoformat(),
        }
        super().__init__(*args, **more)
        field = self.fields["applications"]
        assert isinstance(field, forms.MultipleChoiceField)  # noqa: S101 - tells the type checker
        field.choices = [(row.code, _label(row)) for row in rows]
        self.fields["last_day"].help_text = _(
            "%(least)s at the earliest, by the scheme's rules."
        ) % {"least": least.isoformat()}


class ObjectionForm(forms.Form):
    """Who objects to which application, and why."""

    application = forms.ChoiceField(label=_("Which application?"))
    name = forms.CharField(
        label=_("Your name"), max_length=50, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    contact = forms.CharField(
        label=_("Telephone or mail address"),
        max_length=100,
        min_length=5,
        help_text=_(
            "Only the bureau sees your name and contact. With a mail address you are told the decision."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "email"}),
    )
    reason = forms.CharField(
        label=_("Why do you object?"),
        max_length=2000,
        min_length=10,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("Facts that can be checked, in 10 to 2,000 characters."),
    )
    file = forms.FileField(
        label=_("Evidence"),
        required=False,
        allow_empty_file=True,
        max_length=200,
        help_text=_("PDF, OFD, JPG or PNG, at most 10 MB, without a password."),
        widget=forms.FileInput(attrs={"accept": ",".join(files.EXTENSIONS)}),
    )

    def __init__(self, *args: Any, lines: list[dict[str, Any]], **more: Any) -> None:
        super().__init__(*args, **more)
        field = self.fields["application"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - tells the type checker
        field.choices = [
            (line["application"], f"{line['enterprise']} · {line['application']}") for line in lines
        ]


class ObjectionDecisionForm(forms.Form):
    """Whether the bureau agrees, and why."""

    outcome = forms.ChoiceField(
        label=_("Your decision"),
        choices=[
            ("uphold", _("Uphold: the application is reviewed again")),
            ("reject", _("Do not uphold: the application goes on")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one.")},
    )
    answer = forms.CharField(
        label=_("Reasons"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Whoever objected is told of them; if you uphold, the applicant too."),
    )

    def clean_answer(self) -> str:
        """Words, not only spaces."""
        answer: str = self.cleaned_data["answer"].strip()
        if not answer:
            raise ValidationError(_("Give your reasons; whoever objected is told of them."))
        return answer


def _label(row: Application) -> str:
    return f"{row.enterprise.name} · {row.code} · {money_text(row.granted_fen or 0)}"
