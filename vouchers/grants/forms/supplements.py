"""The form in which an enterprise answers a supplement: for each remark the open field, and words."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from vouchers.grants.actions import answers
from vouchers.grants.actions.supplements import MOST_ANSWER, Answer
from vouchers.grants.forms import questions
from vouchers.grants.models import Application, Remark
from vouchers.grants.rules import sections

WORDS, VALUE = "words", "value"


class SupplementForm(forms.Form):
    """`words-<field>` is what the enterprise says, `value-<field>` the corrected entry."""

    def __init__(
        self,
        *args: Any,
        application: Application,
        remarks: Sequence[Remark],
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        self.facts = sections.facts_by_key(answers.sections_of(application.scheme))
        self.remarks = remarks
        for remark in remarks:
            self._ask(application, remark)

    def _ask(self, application: Application, remark: Remark) -> None:
        label = answers.field_label(application, remark.field)
        fact = self.facts.get(remark.field)
        if fact is not None:
            field = questions.field_of(fact, application.scheme.voucher_kinds)
            field.label = _("%(field)s, corrected") % {"field": label}
            field.is_conditional = True  # type: ignore[attr-defined]
            kept = remark.before if remark.after is None else remark.after
            field.initial = questions.initial_of(fact, kept)
            self.fields[f"{VALUE}-{remark.field}"] = field
        self.fields[f"{WORDS}-{remark.field}"] = forms.CharField(
            label=_("Your answer on: %(field)s") % {"field": label},
            max_length=MOST_ANSWER,
            required=False,
            initial=remark.answer,
            widget=forms.Textarea(attrs={"rows": 2}),
        )

    def lines(self) -> list[tuple[Remark, list[forms.BoundField]]]:
        """Each remark with its fields."""
        return [
            (remark, [self[name] for name in self._names(remark) if name in self.fields])
            for remark in self.remarks
        ]

    def answers(self) -> dict[str, Answer]:
        """What was typed and can be read, by the field that was remarked on."""
        return {remark.field: self._answer(remark) for remark in self.remarks}

    def place(self, errors: dict[str, Any]) -> None:
        """Put refusals of the action at the fields of the page."""
        for name, words in errors.items():
            for prefix in (VALUE, WORDS):
                if f"{prefix}-{name}" in self.fields:
                    self.add_error(f"{prefix}-{name}", str(words))
                    break

    def _names(self, remark: Remark) -> tuple[str, str]:
        return f"{VALUE}-{remark.field}", f"{WORDS}-{remark.field}"

    def _answer(self, remark: Remark) -> Answer:
        value_name, words_name = self._names(remark)
        fact = self.facts.get(remark.field)
        value = None
        if fact is not None and value_name in self.cleaned_data:
            value = questions.kept(fact, self.cleaned_data[value_name])
        return Answer(text=self.cleaned_data.get(words_name, ""), value=value)
