"""What the buyer confirms."""

from django import forms
from django.utils.translation import gettext_lazy as _

LONGEST_NUMBER = 40


class ShownShareForm(forms.Form):
    """The own share that was shown travels along, so that no other price is agreed to."""

    own_fen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)


class AcceptForm(ShownShareForm):
    """The contract as it was shown, and a number of the enterprise's own if it wants one."""

    contract_version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    own_number = forms.CharField(
        label=_("Your own number for this order"),
        help_text=_(
            "As in your books, such as the number of a purchase. It stands on the contract."
        ),
        max_length=LONGEST_NUMBER,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    agreed = forms.BooleanField(
        label=_("I have read the contract and accept it for my organization.")
    )

    def show(self, *, own_fen: int, contract_version: int) -> None:
        """After a refusal: what the page now shows is to be confirmed with a new tick."""
        kept = self.data.get("own_number", "")
        self.data = {
            "own_fen": str(own_fen),
            "contract_version": str(contract_version),
            "own_number": kept,
        }
