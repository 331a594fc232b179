"""Forms of the auditor's room."""

from django import forms
from django.utils.translation import gettext_lazy as _


class PassForm(forms.Form):
    """Whom to let in, what for, until when."""

    email = forms.EmailField(
        label=_("Email address of the auditor"), help_text=_("The one they signed up with."),
        max_length=254,
    )  # fmt: skip
    purpose = forms.CharField(label=_("What the audit is about"), max_length=300)
    last_day = forms.DateField(
        label=_("Last day"), help_text=_("Within 92 days. It ends by itself."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )  # fmt: skip


class NumberForm(forms.Form):
    """Any number of a chain."""

    number = forms.CharField(
        label=_("Number"), max_length=60,
        help_text=_(
            "Of an application, voucher, order, subscription, bill, claim, settlement or case, or"
            " of a bill and a voucher with a stroke between."
        ),
    )  # fmt: skip
