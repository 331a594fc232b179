"""The form of the scheme designer: it checks shape and never writes."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.form_fields import YuanField


class SchemeTextForm(forms.Form):
    """A scheme as text, and what a file may leave to the bureau."""

    text = forms.CharField(
        label=_("Rules of the scheme (YAML)"),
        max_length=200_000,
        strip=False,
        help_text=_("The format is described in docs/schemes.md. Every value names its source."),
        widget=forms.Textarea(attrs={"rows": 28, "spellcheck": "false", "class": "font-monospace"}),
    )
    budget_fen = YuanField(
        label=_("Budget (yuan)"),
        required=False,
        minimum_fen=1,
        help_text=_("Where the text states none."),
    )
    opens_on = forms.DateField(
        label=_("First day of applications"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    closes_on = forms.DateField(
        label=_("Last day of applications"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )

    case = forms.CharField(
        label=_("A case to try (JSON)"),
        required=False,
        max_length=20_000,
        help_text=_(
            'For example {"facts": {"day": "2026-06-01", "kind": "compute"}, "budget_left": "100000"}.'
        ),
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false"}),
    )

    def as_asked(self) -> dict[str, Any]:
        """What the action takes: the text, and budget and days as a file would write them."""
        fen, opens, closes = (
            self.cleaned_data[name] for name in ("budget_fen", "opens_on", "closes_on")
        )
        stated = {
            "budget": f"{fen // 100}.{fen % 100:02d}" if fen else None,
            "opens": str(opens) if opens else None,
            "closes": str(closes) if closes else None,
        }
        return {"text": self.cleaned_data["text"], "stated": stated}
