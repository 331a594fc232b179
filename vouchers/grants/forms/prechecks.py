"""The questions of the pre-check: forms check shape and never write."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.utils.translation import gettext_lazy as _

from accounts import choices
from accounts import wording as account_words
from accounts.rules import industries, regions
from common.display import grouped, money_text, money_wan_text
from common.form_fields import WanYuanField, YuanField
from vouchers.grants import wording
from vouchers.grants.models import VoucherKind
from vouchers.grants.rules.registry import FACTS

MOST_EMPLOYEES = 10_000_000
NUMBER = {"inputmode": "numeric", "autocomplete": "off"}


LEGAL_FORMS = ("company", "opc", "sole_trader", "maker", "university", "research_institute")
"""Those that people can be expected to tell apart; every other one needs a person."""


def legal_forms() -> list[tuple[str, str]]:
    """Kinds of applicants in the reader's language, then the open one."""
    words = dict(FACTS["legal_form"].choices)
    return [
        *((name, wording.said(words[name])) for name in LEGAL_FORMS),
        ("", str(_("Somebody else, or not sure"))),
    ]


class PlaceAndIndustry(forms.Form):
    """Reads places and industries as people type them."""

    def clean_region(self) -> str:
        """A place of this edition, or nothing."""
        text = self.cleaned_data["region"]
        try:
            return regions.normalize(text) if text else ""
        except regions.InvalidRegion as error:
            words = str(account_words.REGION[error.reason])
            raise ValidationError(words, code=error.reason) from error

    def clean_industry(self) -> str:
        """An industry of this edition in digits, or nothing."""
        text = self.cleaned_data["industry"]
        try:
            return industries.normalize(text) if text else ""
        except industries.InvalidIndustry as error:
            words = str(account_words.INDUSTRY[error.reason])
            raise ValidationError(words, code=error.reason) from error


class PrecheckForm(PlaceAndIndustry):
    """All questions of the pre-check; a page asks one of them."""

    kind = forms.ChoiceField(
        label=_("What do you want to buy?"),
        choices=[
            (VoucherKind.COMPUTE.value, _("Computing, models or AI applications")),
            (VoucherKind.STORAGE.value, _("Storage")),
            (VoucherKind.NETWORK.value, _("Network lines and traffic")),
        ],
        initial=VoucherKind.COMPUTE,
        widget=forms.RadioSelect,
    )
    planned_spend_fen = YuanField(
        label=_("How much do you plan to spend on it (yuan)?"),
        minimum_fen=1,
        help_text=_("The amount of the contract, before any voucher."),
    )
    legal_form = forms.ChoiceField(
        label=_("Who will use it?"),
        choices=legal_forms,
        required=False,
        widget=forms.RadioSelect,
    )
    region = forms.ChoiceField(
        label=_("Where is the company registered?"),
        choices=choices.regions,
        required=False,
        help_text=_("Leave it empty when it is not registered yet."),
    )
    industry = forms.CharField(
        label=_("Which industry are you in?"),
        max_length=12,
        required=False,
        help_text=_(
            "Type some of its name or its code; suggestions appear. Leave it empty when you do not know it."
        ),
        widget=forms.TextInput(attrs={"list": "industries", "autocomplete": "off"}),
    )
    employees = forms.IntegerField(
        label=_("How many people did you employ at the end of last year?"),
        min_value=0,
        required=False,
        validators=[MaxValueValidator(MOST_EMPLOYEES)],
        widget=forms.TextInput(attrs=NUMBER),
    )
    revenue_fen = WanYuanField(
        label=_("What was the revenue of last year (10,000 yuan)?"), required=False
    )
    assets_fen = WanYuanField(
        label=_("What were the total assets at the end of last year (10,000 yuan)?"),
        required=False,
        help_text=_(
            "Needed in construction, real estate development, leasing and business services."
        ),
    )


class StepForm(PrecheckForm):
    """One question. What is not known may stay empty, except what is bought and for how much."""

    def __init__(self, *args: Any, step: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields = {step: self.fields[step]}


def said(step: str, value: Any) -> str:
    """An answer in words."""
    if value is None:
        return str(_("Not known"))
    match step:
        case "kind":
            return str(VoucherKind(value).label)
        case "planned_spend_fen":
            return money_text(value)
        case "legal_form":
            return dict(legal_forms())[value]
        case "region":
            return account_words.region_name(value)
        case "industry":
            return account_words.industry_name(value)
        case "employees":
            return grouped(value)
        case _:
            return money_wan_text(value)
