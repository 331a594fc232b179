"""Forms about single vouchers."""

from django import forms
from django.utils.translation import gettext_lazy as _


class ReasonForm(forms.Form):
    """Why a voucher is frozen, unfrozen or revoked."""

    reason = forms.CharField(
        label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )


class VerificationForm(forms.Form):
    """Both numbers of a certificate, as typed."""

    code = forms.CharField(
        label=_("Number of the voucher"),
        max_length=200,
        help_text=_("Printed on the certificate, for example VC-7KQ4-M2XD."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    number = forms.CharField(
        label=_("Verification number"),
        max_length=200,
        help_text=_("Printed below it: six groups of four letters and digits."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
