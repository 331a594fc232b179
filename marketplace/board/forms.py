"""Forms of the board."""

from django import forms
from django.utils.translation import gettext_lazy as _

from marketplace.board.models import RecognitionKind


class RecognitionForm(forms.Form):
    """What was recognized, where, and the document that says so."""

    kind = forms.ChoiceField(label=_("Kind"), choices=RecognitionKind.choices)
    name = forms.CharField(label=_("Name"), max_length=100)
    region = forms.RegexField(
        r"^[0-9]{6}$",
        label=_("Place"),
        help_text=_("Six digits of GB/T 2260, inside your region."),
    )
    document = forms.CharField(label=_("Document"), max_length=200)
    recognized_on = forms.DateField(
        label=_("Recognized on"), widget=forms.DateInput(attrs={"type": "date"})
    )
