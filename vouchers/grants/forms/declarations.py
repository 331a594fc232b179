"""The declaration with which an application is handed in."""

from django import forms
from django.utils.translation import gettext_lazy as _


class DeclarationForm(forms.Form):
    """What the signatory declares when handing in."""

    declared = forms.BooleanField(
        label=_(
            "I declare that the statements are true, that the voucher serves our own use and will not be "
            "transferred, given, sold or lent, and that the same contract is not subsidized elsewhere."
        ),
        error_messages={
            "required": _("Confirm the declaration; without it nothing can be handed in.")
        },
    )
