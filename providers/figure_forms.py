"""Figures that a provider declares, and the evidence of an officer."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from providers.models import Figure, FigureName

PERCENT = 10_000
"""Millionths in one percent."""


class FiguresForm(forms.Form):
    """Declared figures in the field's units; what is left empty stays as it is."""

    uptime_millionths = forms.DecimalField(
        label=_("Uptime of a month, in percent"),
        min_value=0,
        max_value=100,
        decimal_places=4,
        required=False,
    )
    tokens_per_second = forms.IntegerField(
        label=_("Output speed, in tokens a second"),
        min_value=1,
        max_value=10_000_000,
        required=False,
    )
    days_to_first_use = forms.IntegerField(
        label=_("Days to first use"), min_value=0, max_value=365, required=False
    )

    def values(self) -> dict[str, int]:
        """In base units."""
        found = {name: value for name, value in self.cleaned_data.items() if value is not None}
        if FigureName.UPTIME in found:
            found[FigureName.UPTIME] = int(found[FigureName.UPTIME] * PERCENT)
        return {str(name): int(value) for name, value in found.items()}

    @staticmethod
    def values_of(figures: list[Figure]) -> dict[str, Any]:
        """Declared values as the form's first ones."""
        found: dict[str, Any] = {figure.name: figure.value for figure in figures}
        if FigureName.UPTIME in found:
            found[FigureName.UPTIME] = Decimal(found[FigureName.UPTIME]) / PERCENT
        return found


class EvidenceForm(forms.Form):
    """What the verification rests on."""

    evidence = forms.CharField(
        label=_("Evidence"),
        help_text=_("Which document or test, its number and its day. Everybody can read it."),
        max_length=500,
        widget=forms.Textarea({"rows": 3}),
    )
