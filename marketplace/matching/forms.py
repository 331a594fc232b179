"""The need, asked in plain words."""

import unicodedata
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.rules import regions
from common.form_fields import YuanField
from marketplace.catalog.models import Scenario
from marketplace.matching import wording
from marketplace.matching.actions.needs import MAX_LATENCY_US, MAX_VOLUME
from marketplace.matching.rules.readiness import SUBJECTS

LATENCIES = [
    ("", _("It does not matter: work in the background")),
    ("100000", _("People wait at the screen: up to 100 ms")),
    ("20000", _("Fluent dialog or pictures on a line: up to 20 ms")),
    ("5000", _("Machines react: up to 5 ms")),
    ("1000", _("Control in real time: up to 1 ms")),
]


READY = [
    ("", _("I do not know")),
    ("ready", _("Yes")),
    ("partly", _("In part")),
    ("none", _("No")),
]


class VolumeField(forms.IntegerField):
    """A whole number as people type it: full-width digits and separators are accepted."""

    def to_python(self, value: Any) -> Any:
        """Read the digits."""
        if isinstance(value, str):
            value = unicodedata.normalize("NFKC", value).replace(",", "").replace(" ", "")
        return super().to_python(value)


class NeedForm(forms.Form):
    """Volume in the scenario's own unit, budget in yuan, place, latency and chips in words."""

    monthly_volume = VolumeField(
        min_value=1,
        max_value=MAX_VOLUME,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    monthly_budget = YuanField(
        label=_("What may it cost you a month, in yuan?"),
        help_text=_("Your own share after vouchers. Bundles above it are left out."),
        minimum_fen=1,
    )
    region = forms.ChoiceField(
        label=_("Where may your data live?"), required=False, widget=forms.RadioSelect
    )
    latency = forms.ChoiceField(
        label=_("How quickly must an answer come?"), required=False, widget=forms.RadioSelect
    )
    needs_domestic_chip = forms.BooleanField(
        label=_("Only domestic chips"),
        required=False,
        help_text=_("Compute and platforms that do not state them are left out."),
    )

    data_ready = forms.ChoiceField(
        label=_("Are the data there?"), required=False, widget=forms.RadioSelect, choices=READY
    )
    process_ready = forms.ChoiceField(
        label=_("Is it clear which step of work changes?"),
        required=False,
        widget=forms.RadioSelect,
        choices=READY,
    )
    people_ready = forms.ChoiceField(
        label=_("Is there somebody who can look after it?"),
        required=False,
        widget=forms.RadioSelect,
        choices=READY,
        help_text=_("These three answers change the advice, not the order of the bundles."),
    )

    def __init__(self, *args: Any, scenario: Scenario, home: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        volume = self.fields["monthly_volume"]
        volume.label = _("How many %(unit)s a month?") % {"unit": wording.volume_unit(scenario)}
        volume.help_text = _("A rough figure will do; you can change it later.")
        chosen = self.data if self.is_bound else self.initial
        region, latency = self.fields["region"], self.fields["latency"]
        assert isinstance(region, forms.ChoiceField)  # noqa: S101  # tells the type checker
        assert isinstance(latency, forms.ChoiceField)  # noqa: S101
        region.choices = _places(home, str(chosen.get("region", "")))
        latency.choices = _latencies(str(chosen.get("latency", "")))

    def values(self) -> dict[str, Any]:
        """The need as the action takes it."""
        data = self.cleaned_data
        return {
            "monthly_volume": data["monthly_volume"],
            "monthly_budget_fen": data["monthly_budget"],
            "region": data["region"],
            "latency_us": int(data["latency"]) if data["latency"] else None,
            "needs_domestic_chip": data["needs_domestic_chip"],
            "readiness": {subject: data[f"{subject}_ready"] for subject in SUBJECTS},
        }


class WeightsForm(forms.Form):
    """How much each component counts, in any proportion."""

    own_share = forms.IntegerField(min_value=0, max_value=100)
    fit = forms.IntegerField(min_value=0, max_value=100)
    start_cost = forms.IntegerField(min_value=0, max_value=100)
    days_to_first_use = forms.IntegerField(min_value=0, max_value=100)
    latency = forms.IntegerField(min_value=0, max_value=100)
    quality = forms.IntegerField(min_value=0, max_value=100)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in wording.COMPONENTS.items():
            self.fields[name].label = label


def _places(home: str, chosen: str) -> list[tuple[str, str]]:
    """Anywhere, then the firm's own places from wide to narrow, and one chosen before."""
    codes = [f"{home[:2]}0000", f"{home[:4]}00", home]
    if chosen not in codes:
        codes.append(chosen)
    known = [code for code in dict.fromkeys(codes) if code in regions.REGIONS]
    names = [(code, _("Within %(place)s") % {"place": wording.place_name(code)}) for code in known]
    return [("", str(_("Anywhere in the country"))), *names]


def _latencies(chosen: str) -> list[tuple[str, Any]]:
    """The usual steps, and one chosen before."""
    known = [value for value, _label in LATENCIES]
    if chosen in known or not chosen.isdecimal() or not 0 < int(chosen[:9]) <= MAX_LATENCY_US:
        return list(LATENCIES)
    return [*LATENCIES, (chosen, wording.latency_text(int(chosen[:9])))]
