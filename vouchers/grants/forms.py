"""Forms of schemes, applications and vouchers: they check shape and never write."""

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext_lazy as _

from accounts import choices, returning
from accounts.models import Size
from common.form_fields import WanYuanField
from vouchers.grants.models import VoucherKind

MOST_EMPLOYEES = 10_000_000
NUMBER = {"inputmode": "numeric", "autocomplete": "off"}


def posted(request: HttpRequest) -> QueryDict | None:
    """What was sent, also when it is empty; None when the form is only shown.

    After a sign-in in between, what was sent before it: shown again, and saved only when it is sent again.
    """
    return request.POST if request.method == "POST" else returning.hand_back(request)


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


class SchemeForm(forms.Form):
    """Key numbers of a scheme and their source; the rules are built from them."""

    name = forms.CharField(label=_("Name in Chinese"), max_length=100)
    name_en = forms.CharField(label=_("Name in English"), max_length=150)
    slug = forms.SlugField(
        label=_("Short name"),
        max_length=50,
        help_text=_("Small letters, digits and hyphens. The same short name makes a new version."),
    )
    voucher_kinds = forms.MultipleChoiceField(
        label=_("Kinds of vouchers"),
        choices=VoucherKind.choices,
        widget=forms.CheckboxSelectMultiple,
    )
    region = forms.ChoiceField(label=_("Region of the scheme"), choices=choices.regions)
    budget_fen = WanYuanField(label=_("Budget (10,000 yuan)"))
    opens_on = forms.DateField(
        label=_("First day of applications"), widget=forms.DateInput(attrs={"type": "date"})
    )
    closes_on = forms.DateField(
        label=_("Last day of applications"), widget=forms.DateInput(attrs={"type": "date"})
    )
    source = forms.CharField(
        label=_("Source document"),
        max_length=400,
        help_text=_("Title and number of the document, with its address where there is one."),
    )
    article = forms.CharField(
        label=_("Article"), max_length=100, help_text=_("Where the figures below are written.")
    )
    rate = forms.CharField(
        label=_("Share of the planned spend"), max_length=12, help_text=_("Such as 30% or 1/3.")
    )
    minimum_yuan = forms.CharField(
        label=_("Least amount of a voucher (yuan)"), max_length=16, required=False
    )
    firm_year_cap_yuan = forms.CharField(
        label=_("Most for one enterprise in a year (yuan)"), max_length=16, required=False
    )
    voucher_cap_yuan = forms.CharField(
        label=_("Most for one voucher (yuan)"), max_length=16, required=False
    )
    rounding = forms.ChoiceField(
        label=_("Rounding"),
        choices=[
            ("half_up_fen", _("Half up to the fen")),
            ("floor_fen", _("Down to the fen")),
            ("floor_yuan", _("Down to the yuan")),
        ],
    )
    validity_months = forms.IntegerField(
        label=_("Validity (months)"),
        initial=12,
        validators=[MinValueValidator(1), MaxValueValidator(120)],
        widget=forms.TextInput(attrs=NUMBER),
    )
    notice_days = forms.IntegerField(
        label=_("Public notice (days)"),
        initial=7,
        validators=[MinValueValidator(0), MaxValueValidator(365)],
        help_text=_("0 when the scheme issues without a notice."),
        widget=forms.TextInput(attrs=NUMBER),
    )
    settlement_period = forms.ChoiceField(
        label=_("Settlement with providers"),
        choices=[
            ("monthly", _("Monthly")),
            ("quarterly", _("Quarterly")),
            ("half_yearly", _("Half-yearly")),
            ("yearly", _("Yearly")),
        ],
        initial="quarterly",
    )
    sizes = forms.MultipleChoiceField(
        label=_("Only for these sizes"),
        choices=[(size.value, size.label) for size in Size if size != Size.NOT_COVERED],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: for all sizes."),
    )
    token_only = forms.BooleanField(label=_("Pays for model tokens only"), required=False)
    in_region_only = forms.BooleanField(
        label=_("Pays only for facilities in the region of the scheme"), required=False
    )
