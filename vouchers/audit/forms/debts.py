"""Forms of debts. They check shape; the actions decide."""

from django import forms
from django.utils.translation import gettext_lazy as _

from common.form_fields import YuanField


class RepaymentForm(forms.Form):
    """A receipt of the bank."""

    amount = YuanField(label=_("Received (yuan)"), minimum_fen=1)
    reference = forms.CharField(
        label=_("Serial number of the bank's receipt"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    received_on = forms.DateField(
        label=_("Received on"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


class TakeBackForm(forms.Form):
    """Which record was wrong, and why."""

    reference = forms.CharField(max_length=60, widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("What was wrong"), max_length=500, widget=forms.TextInput(attrs={"size": 40})
    )


class WriteOffForm(forms.Form):
    """How much is given up, and why."""

    amount = YuanField(label=_("Given up (yuan)"), minimum_fen=1)
    reason = forms.CharField(
        label=_("Why nothing more can be had"),
        max_length=500,
        help_text=_("Such as the court's decision on insolvency, with its number."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class CollectionAccountForm(forms.Form):
    """Where debts are paid to the bureau."""

    holder = forms.CharField(label=_("Account holder"), max_length=120)
    bank_name = forms.CharField(label=_("Bank and branch"), max_length=120)
    account_number = forms.CharField(
        label=_("Account number"),
        max_length=60,
        help_text=_("8 to 32 digits."),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
