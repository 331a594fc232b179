"""What the buyer confirms."""

from django import forms
from django.utils.translation import gettext_lazy as _


class ConfirmOrderForm(forms.Form):
    """The own share that was shown travels along, so that no other price is agreed to."""

    own_fen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    agreed = forms.BooleanField(
        label=_("I order this bundle for my organization and have read what it commits us to."),
        error_messages={"required": _("Tick the box to order.")},
    )
