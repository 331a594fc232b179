"""The form of a scheme written from its key numbers."""

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from accounts import choices
from accounts.models import Size
from common.form_fields import WanYuanField
from vouchers.grants.models import VoucherKind

MOST_EMPLOYEES = 10_000_000
NUMBER = {"inputmode": "numeric", "autocomplete": "off"}


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
