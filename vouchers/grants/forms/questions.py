"""Form fields from facts: how each is asked, read and kept. Forms check shape and never write."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts import choices
from common.form_fields import YuanField
from vouchers.grants import wording
from vouchers.grants.forms.records import RecordsField
from vouchers.grants.models import VoucherKind
from vouchers.grants.rules import facts as rules
from vouchers.grants.rules import sections
from vouchers.grants.rules.facts import Fact
from vouchers.grants.rules.quantities import Fault

YES, NO = "yes", "no"
OFF = {"autocomplete": "off"}
MOST_RADIOS = 6
SIGNED = {sections.CONTRACT_STATE.name: sections.SIGNED}


class FactField(forms.CharField):
    """Numbers and shares as people write them, read exactly."""

    def __init__(self, *, fact: Fact, **options: Any) -> None:
        super().__init__(**{"max_length": 30, **options})
        self.fact = fact

    def clean(self, value: Any) -> Any:
        """Read the text; what cannot be read says why."""
        text = super().clean(value)
        try:
            return rules.parse(self.fact, wording.half_width(text))
        except Fault as fault:
            raise ValidationError(str(wording.FAULTS[fault.code]), code=fault.code) from fault


def field_of(fact: Fact, kinds: Iterable[str] = ()) -> forms.Field:
    """The form field that asks a fact; whether it must be answered is said by the section."""
    made = _field(fact, kinds)
    made.required = False
    title = wording.said(fact.title)
    made.label = _("%(title)s (yuan)") % {"title": title} if fact.type == "money" else title
    made.help_text = made.help_text or wording.said(fact.help)
    return made


def initial_of(fact: Fact, value: Any) -> Any:
    """A kept value as its field shows it; one just typed stays as it is."""
    if fact.type == "flag" and isinstance(value, bool):
        return YES if value else NO
    if fact.type == "texts" and isinstance(value, list):
        return "\n".join(value)
    return value


def kept(fact: Fact, cleaned: Any) -> Any:
    """A cleaned value as it is kept: columns as they are, answers as rules.facts spells them."""
    if not sections.is_given(cleaned):
        return "" if fact.column == "purpose" else None
    if fact.column or fact.type == "records":
        return cleaned
    if fact.type == "flag":
        return cleaned == YES
    if fact.type == "texts":
        return sorted({line.strip() for line in cleaned.splitlines() if line.strip()})
    return rules.plain(fact, cleaned)


def _field(fact: Fact, kinds: Iterable[str]) -> forms.Field:
    match fact.type:
        case "money":
            return YuanField(minimum_fen=1 if fact.column else 0)
        case "integer" | "number" | "share":
            mode = "numeric" if fact.type == "integer" else "decimal"
            hint = _("Such as 30%, 0.3 or 3/10.") if fact.type == "share" else ""
            shown = forms.TextInput(attrs={"inputmode": mode, **OFF})
            return FactField(fact=fact, widget=shown, help_text=hint)
        case "date":
            return forms.DateField(
                widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
            )
        case "flag":
            yes_or_no = [(YES, _("Yes")), (NO, _("No"))]
            return forms.ChoiceField(choices=yes_or_no, widget=forms.RadioSelect)
        case "choices" if fact.choices:
            named = _named(fact, ())
            return forms.MultipleChoiceField(choices=named, widget=forms.CheckboxSelectMultiple)
        case "records":
            columns = [(each, field_of(each)) for each in fact.fields]
            return RecordsField(columns=columns, shown=initial_of, kept=kept)
        case "region":
            return forms.ChoiceField(choices=choices.regions)
        case _:
            return _text(fact, kinds)


def _text(fact: Fact, kinds: Iterable[str]) -> forms.Field:
    if fact.column == "purpose":
        return forms.CharField(
            max_length=sections.MOST_PURPOSE,
            widget=forms.Textarea(attrs={"rows": 6}),
            help_text=_(
                "What you want to do, with which data, and what it should bring. At most 2,000 characters."
            ),
        )
    if fact.type == "choice" and fact.choices:
        named = _named(fact, kinds)
        if len(named) <= MOST_RADIOS:
            return forms.ChoiceField(choices=named, widget=forms.RadioSelect)
        return forms.ChoiceField(choices=[("", ""), *named])
    if fact.type in {"texts", "choices"}:
        hint = _("One in each line.")
        return forms.CharField(widget=forms.Textarea(attrs={"rows": 4}), help_text=hint)
    return forms.CharField(max_length=sections.MOST_TEXT, widget=forms.TextInput(attrs=OFF))


def _named(fact: Fact, kinds: Iterable[str]) -> list[tuple[str, Any]]:
    if fact.column == "kind":
        return [(kind, VoucherKind(kind).label) for kind in kinds]
    return [(value, wording.said(words)) for value, words in fact.choices]


class SectionForm(forms.Form):
    """One page of the application. `seen` is the version that the page showed."""

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1)

    def __init__(
        self,
        data: Any = None,
        *,
        section: sections.Section,
        values: Mapping[str, Any],
        kinds: Iterable[str],
        version: int,
        **options: Any,
    ) -> None:
        initial = {sections.key(each): _initial(each, values) for each in section.facts}
        only = tuple(kinds)
        if "kind" in initial and len(only) == 1:
            initial["kind"] = only[0]
        super().__init__(data, initial={**initial, "seen": version}, **options)
        self.section, self.known, self.kinds = section, dict(values), only
        self.stands_at: int | None = None
        for fact in section.facts:
            field = self.fields[sections.key(fact)] = field_of(fact, self.kinds)
            field.required = sections.is_required(fact, {})
            # Needed once the contract is signed, so "(optional)" would mislead.
            field.is_conditional = sections.is_required(fact, SIGNED)  # type: ignore[attr-defined]
            if field.is_conditional and not field.required:  # type: ignore[attr-defined]
                field.help_text = field.help_text or _("Needed when the contract is signed.")

    def values(self) -> dict[str, Any]:
        """What was typed and can be read, as it is kept."""
        return {
            sections.key(fact): kept(fact, self.cleaned_data[sections.key(fact)])
            for fact in self.section.facts
            if sections.key(fact) in self.cleaned_data
        }

    def unreadable(self) -> list[str]:
        """Fields that were sent and cannot stand."""
        return [
            name
            for name in self.errors
            if name in self.fields
            and not self.fields[name].widget.value_omitted_from_data(self.data, self.files, name)
        ]

    @property
    def has_records(self) -> bool:
        """Tell whether a question takes a list of entries."""
        return any(isinstance(field, RecordsField) for field in self.fields.values())

    def readable(self) -> dict[str, Any]:
        """The same from a form that need not be complete, for saving while somebody types."""
        self.is_valid()
        return self.values()

    def after_change(self, words: str, version: int | None) -> "SectionForm":
        """The same form as typed with the words of a conflict; knowing the new version, it may overwrite."""
        sent: Any = self.data
        data = sent.copy()
        if version is not None:
            data["seen"] = str(version)
        made = SectionForm(
            data, section=self.section, values=self.known, kinds=self.kinds, version=version or 1
        )
        made.add_error(None, words)
        return made

    def require_complete(self) -> bool:
        """Add an error to every field without which the section is not complete."""
        now = {**self.known, **self.values()}
        for fact in self.section.facts:
            name = sections.key(fact)
            empty = not sections.is_given(now.get(name))
            if empty and name in self.cleaned_data and sections.is_required(fact, now):
                self.add_error(name, ValidationError(_("Fill this in."), code="required"))
            field = self.fields[name]
            if isinstance(field, RecordsField) and name in self.cleaned_data and not empty:
                for words in field.incomplete(now[name]):
                    self.add_error(name, words)
        return not self.errors


def _initial(fact: Fact, values: Mapping[str, Any]) -> Any:
    return initial_of(fact, values.get(sections.key(fact)))
