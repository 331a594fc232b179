"""What the buyer confirms."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from marketplace.catalog.models import Bundle
from marketplace.matching import wording
from marketplace.matching.actions.needs import MAX_VOLUME
from marketplace.matching.forms import VolumeField
from marketplace.matching.models import Match
from marketplace.orders.models import Order

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


class ChangeForm(forms.Form):
    """Another volume or bundle; `own_fen` is empty until its price has been shown."""

    monthly_volume = VolumeField(
        min_value=1,
        max_value=MAX_VOLUME,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    bundle = forms.ModelChoiceField(
        label=_("Bundle"),
        queryset=Bundle.objects.none(),
        to_field_name="code",
        empty_label=None,
        widget=forms.RadioSelect,
    )
    own_fen = forms.IntegerField(min_value=0, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, order: Order, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        unit = wording.volume_unit(order.need.scenario)
        self.fields["monthly_volume"].label = _("How many %(unit)s a month?") % {"unit": unit}
        fitted = Match.objects.filter(need=order.need_id, rank__isnull=False).values("bundle")
        bundles = self.fields["bundle"]
        assert isinstance(bundles, forms.ModelChoiceField)  # noqa: S101  # tells the type checker
        bundles.queryset = (
            Bundle.objects.filter(pk__in=fitted) | Bundle.objects.filter(pk=order.bundle_id)
        ).order_by("pk")

    def show_share(self, own_fen: int) -> None:
        """The price that is on the page is what the next click agrees to."""
        typed = {name: self.data.get(name, "") for name in self.fields}
        self.data = typed | {"own_fen": str(own_fen)}
