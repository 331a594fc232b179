"""What the buyer confirms."""

from django import forms
from django.utils.translation import gettext_lazy as _


class ConfirmOrderForm(forms.Form):
    """The own share that was shown travels along, so that no other price is agreed to."""

    own_fen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    agreed = forms.BooleanField(
        label=_("I order this bundle for my organization and have read what it commits us to.")
    )

    def show_share(self, own_fen: int) -> None:
        """After a refusal: confirm the share that the page now shows, with a new tick."""
        self.data = {"own_fen": str(own_fen)}
