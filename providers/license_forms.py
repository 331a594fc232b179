"""Forms of registration and licenses."""

from django import forms
from django.utils.translation import gettext_lazy as _

from providers.forms import DAY
from providers.models import LicenseKind


class RegistrationForm(forms.Form):
    """What the bureau verifies."""

    contact = forms.CharField(
        label=_("Contact"), max_length=100, help_text=_("Name and telephone of who answers.")
    )
    license_kind = forms.ChoiceField(label=_("Kind of license"), choices=LicenseKind.choices)
    license_number = forms.CharField(
        label=_("License number"),
        max_length=50,
        help_text=_(
            "IDC, CDN or other value-added telecom license, or the registration of a pool."
        ),
    )
    license_expires_on = forms.DateField(
        label=_("License valid until"), widget=forms.DateInput(DAY, format="%Y-%m-%d")
    )


class LicenseForm(forms.Form):
    """A further license, or a renewed one."""

    kind = forms.ChoiceField(label=_("Kind of license"), choices=LicenseKind.choices)
    number = forms.CharField(label=_("License number"), max_length=50)
    expires_on = forms.DateField(
        label=_("License valid until"), widget=forms.DateInput(DAY, format="%Y-%m-%d")
    )
    file = forms.FileField(
        label=_("Scan of the license"),
        required=False,
        allow_empty_file=True,
        help_text=_("PDF, OFD, JPG or PNG, at most 10 MB."),
    )


class RefusalForm(forms.Form):
    """Why a registration goes back."""

    remark = forms.CharField(
        label=_("What has to be corrected"),
        max_length=1000,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("The provider reads exactly this."),
    )
