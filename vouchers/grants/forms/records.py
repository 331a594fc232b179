"""Questions that take a list of entries: rows of fields that work without a script."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from vouchers.grants import wording
from vouchers.grants.rules import sections
from vouchers.grants.rules.facts import Fact

BLANK_ROWS = 3
"""Empty rows below those that are filled; saving brings new ones."""

Column = tuple[Fact, forms.Field]


class RecordsWidget(forms.Widget):
    """Rows of inputs named `<name>-<row>-<column>`; its value is a list of what stands in each row."""

    is_group = True

    def __init__(self, columns: Sequence[Column], shown: Callable[[Fact, Any], Any]) -> None:
        super().__init__()
        self.columns, self.shown = columns, shown

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[dict[str, Any]]:
        """The rows that hold anything, in the order of their numbers."""
        rows = []
        for number in sorted(self._numbers(data, name))[: sections.MOST_RECORDS + 1]:
            row = {
                fact.name: field.widget.value_from_datadict(
                    data, files, f"{name}-{number}-{fact.name}"
                )
                for fact, field in self.columns
            }
            if any(sections.is_given(value) and str(value).strip() for value in row.values()):
                rows.append(row)
        return rows

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        """Tell whether no row was sent."""
        return not self._numbers(data, name)

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> Any:
        """The filled rows and some empty ones."""
        filled = list(value or [])
        room = max(min(BLANK_ROWS, sections.MOST_RECORDS - len(filled)), 0)
        start = (attrs or {}).get("id", f"id_{name}")
        rows = [
            self._row(name, start, number, row)
            for number, row in enumerate([*filled, *({} for _blank in range(room))])
        ]
        return render_to_string("vouchers/records.html", {"rows": rows, "id": start})

    def _row(
        self, name: str, start: str, number: int, row: Mapping[str, Any]
    ) -> list[dict[str, Any]]:
        cells = []
        for fact, field in self.columns:
            own = f"{start}_{number}_{fact.name}"
            style = "form-select" if isinstance(field.widget, forms.Select) else "form-control"
            control = field.widget.render(
                f"{name}-{number}-{fact.name}",
                self.shown(fact, row.get(fact.name)),
                {"id": own, "class": style},
            )
            cells.append({"id": own, "label": field.label, "control": control})
        return cells

    @staticmethod
    def _numbers(data: Any, name: str) -> set[int]:
        named = re.compile(rf"{re.escape(name)}-([0-9]{{1,4}})-")
        return {int(found[1]) for key in data if (found := named.match(key))}


class RecordsField(forms.Field):
    """A list of entries; cleaned it is a list of objects as vouchers.grants.rules.facts spells them."""

    widget: RecordsWidget

    def __init__(
        self,
        *,
        columns: Sequence[Column],
        shown: Callable[[Fact, Any], Any],
        kept: Callable[[Fact, Any], Any],
    ) -> None:
        self.columns, self.kept = columns, kept
        super().__init__(
            widget=RecordsWidget(columns, shown),
            help_text=_("One entry for each settlement or invoice. Empty an entry to remove it."),
        )

    def clean(self, value: Any) -> list[dict[str, Any]]:
        """Read every row; what cannot be read is named by its number and column."""
        if len(value) > sections.MOST_RECORDS:
            raise ValidationError(wording.too_many_records(), code="too_many")
        rows, faults = [], []
        for number, raw in enumerate(value, 1):
            row: dict[str, Any] = {}
            for fact, field in self.columns:
                try:
                    read = self.kept(fact, field.clean(raw.get(fact.name)))
                except ValidationError as error:
                    faults += [_named(number, field, words) for words in error.messages]
                else:
                    row |= {fact.name: read} if sections.is_given(read) else {}
            rows.append(row)
        if faults:
            raise ValidationError(faults)
        return rows

    def incomplete(self, rows: Sequence[Mapping[str, Any]]) -> list[str]:
        """Entries without their amount, in words."""
        return [
            _named(number, field, _("Fill this in."))
            for number, row in enumerate(rows, 1)
            for fact, field in self.columns
            if fact.type == "money" and fact.name not in row
        ]


def _named(number: int, field: forms.Field, words: str) -> str:
    place = _("Entry %(number)s, %(column)s") % {"number": number, "column": field.label}
    return f"{place}{wording.colon()}{words}"
