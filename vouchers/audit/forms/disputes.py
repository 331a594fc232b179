"""Forms of disputes. They check shape; the actions decide."""

from typing import Any

import django_filters
from django import forms
from django.utils.translation import gettext_lazy as _

from common import evidence_files
from common.form_fields import YuanField
from vouchers.audit.models import Dispute, DisputeStatus
from vouchers.billing.actions import bills


class DisputeForm(forms.Form):
    """What is wrong with a bill."""

    reason = forms.CharField(
        label=_("What is wrong?"),
        max_length=bills.MAX_REASON,
        help_text=_("Name the day and the meter, so that the provider can check it."),
        widget=forms.Textarea(attrs={"rows": 5}),
    )


class StatementForm(forms.Form):
    """Words, a file, or both; for the provider also the total at which it would end the dispute."""

    text = forms.CharField(
        label=_("Your statement"),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    file = forms.FileField(
        label=_("Evidence"),
        required=False,
        help_text=_("PDF, OFD, JPG or PNG, up to 10 MB."),
        widget=forms.FileInput(attrs={"accept": ",".join(evidence_files.EXTENSIONS)}),
    )
    offer = YuanField(
        label=_("Offer: new total of the bill (yuan)"),
        minimum_fen=0,
        required=False,
        help_text=_(
            "The enterprise can accept it; then the dispute ends at once. Leave empty to offer nothing."
        ),
    )

    def __init__(self, *args: Any, may_offer: bool = False, **options: Any) -> None:
        super().__init__(*args, **options)
        if not may_offer:
            del self.fields["offer"]


class AcceptForm(forms.Form):
    """The offer that was shown, in fen."""

    offered_fen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)


class DisputeDecisionForm(forms.Form):
    """What the bureau decides."""

    total = YuanField(
        label=_("Total at which the bill stands (yuan)"),
        minimum_fen=0,
        help_text=_("The present total leaves the bill as it is."),
    )
    answer = forms.CharField(
        label=_("Reasons"),
        max_length=bills.MAX_REASON,
        help_text=_("Both sides read them."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class DisputeFilter(django_filters.FilterSet):  # type: ignore[misc]
    """Disputes by where they stand."""

    status = django_filters.ChoiceFilter(
        label=_("Status"), choices=DisputeStatus.choices, empty_label=_("All")
    )

    class Meta:
        model = Dispute
        fields = ("status",)
