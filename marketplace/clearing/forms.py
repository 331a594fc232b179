"""Forms of rounds."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.rules import industries
from common.display import money_text
from common.form_fields import YuanField
from vouchers.grants.models import Scheme


class RoundForm(forms.Form):
    """Floors, terms and the money that the round may promise, one field for each open scheme."""

    name = forms.CharField(
        label=_("Name of the round"),
        max_length=100,
        help_text=_("It is published with the protocol, for example “First round of 2027”."),
    )
    section_floor = forms.IntegerField(
        label=_("At least so many sections served"),
        min_value=0,
        max_value=len(industries.COVERED),
        initial=10,
        help_text=_("Of the 15 sections of industry that the program is for; 10 is its target."),
    )
    micro_percent = forms.IntegerField(
        label=_("Micro firms, at least percent of the needs served"),
        min_value=0,
        max_value=100,
        initial=20,
    )
    manufacturing_percent = forms.IntegerField(
        label=_("Manufacturing, at least percent of the needs served"),
        min_value=0,
        max_value=100,
        initial=20,
    )
    term_months = forms.IntegerField(
        label=_("Months for which a subsidy is planned"), min_value=1, max_value=36, initial=12
    )
    offer_days = forms.IntegerField(
        label=_("Days a firm has to answer its offer"), min_value=1, max_value=60, initial=14
    )
    seed = forms.IntegerField(
        label=_("Seed"),
        min_value=0,
        max_value=2**31 - 1,
        initial=1,
        help_text=_("Any number; announce it before. The same input and seed give the same plan."),
    )

    def __init__(self, *args: Any, funds: Sequence[tuple[Scheme, int]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.funds = funds
        for scheme, left_fen in funds:
            self.fields[f"budget_{scheme.code}"] = YuanField(
                label=_("Money of “%(scheme)s” in this round, in yuan") % {"scheme": scheme.title},
                help_text=_("Up to %(left)s. Leave it empty to use none.")
                % {"left": money_text(left_fen)},
                required=False,
            )

    def values(self) -> dict[str, Any]:
        """The round as the action takes it."""
        data = dict(self.cleaned_data)
        budgets = {
            scheme.code: data.pop(f"budget_{scheme.code}", None) or 0
            for scheme, _left in self.funds
        }
        return {**data, "budgets_fen": budgets}


class GiveUpForm(forms.Form):
    """Why a round is given up."""

    reason = forms.CharField(label=_("Reason"), max_length=300)
