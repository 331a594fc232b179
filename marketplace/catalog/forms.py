"""Forms of the catalog: a bundle, a coefficient."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from common.money import InvalidAmount, parse_yuan
from marketplace.catalog.models import OperatedBy, Scenario
from providers.models import Layer, Meter, Offering


class OfferingChoiceField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Listed offerings of one layer, each with its provider."""

    def label_from_instance(self, obj: Any) -> str:
        """Name and provider."""
        return f"{obj.name} · {obj.provider.organization.name}"


class ScenarioChoiceField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Scenarios by their name in the reader's language."""

    def label_from_instance(self, obj: Any) -> str:
        """Name in the reader's language."""
        return str(obj.title)


def _layer(layer: str, *, required: bool) -> OfferingChoiceField:
    return OfferingChoiceField(
        label=Layer(layer).label, queryset=Offering.objects.none(), required=required
    )


class BundleForm(forms.Form):
    """A chain with one offering on each layer, and what makes it light."""

    name = forms.CharField(label=_("Name"), max_length=100)
    summary = forms.CharField(
        label=_("What it does, in one sentence"), max_length=300, widget=forms.Textarea({"rows": 2})
    )
    scenarios = ScenarioChoiceField(
        label=_("Scenarios"),
        queryset=Scenario.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Firms look for a bundle by what they want to do."),
    )
    layer_application = _layer(Layer.APPLICATION, required=True)
    layer_platform = _layer(Layer.PLATFORM, required=True)
    layer_compute = _layer(Layer.COMPUTE, required=True)
    layer_storage = _layer(Layer.STORAGE, required=False)
    layer_network = _layer(Layer.NETWORK, required=False)
    layer_dataset = _layer(Layer.DATASET, required=False)
    start_cost = forms.CharField(
        label=_("Cost to start (yuan)"),
        max_length=20,
        widget=forms.TextInput({"inputmode": "decimal"}),
        help_text=_("What has to be paid once before the first use; 0 if nothing."),
    )
    notice_days = forms.IntegerField(label=_("Notice period (days)"), min_value=0, max_value=365)
    days_to_first_use = forms.IntegerField(
        label=_("Days from order to first use"), min_value=0, max_value=365
    )
    operated_by = forms.ChoiceField(
        label=_("Who operates it"), choices=OperatedBy.choices, widget=forms.RadioSelect
    )

    def __init__(self, actor: Actor, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.actor = actor
        listed = Offering.objects.listed().select_related("provider__organization")
        for name, field in self.fields.items():
            choice: Any = field
            if name.startswith("layer_"):
                layer = name.removeprefix("layer_")
                choice.queryset = listed.filter(layer=layer).order_by("name", "pk")
        chosen: Any = self.fields["scenarios"]
        chosen.queryset = Scenario.objects.order_by("pk")

    def clean_start_cost(self) -> int:
        """Read yuan as fen."""
        try:
            return parse_yuan(self.cleaned_data["start_cost"])
        except InvalidAmount as error:
            raise forms.ValidationError(str(error.message)) from error

    def values(self) -> dict[str, Any]:
        """What the action takes."""
        data = self.cleaned_data
        chain = [data[name] for name in data if name.startswith("layer_") and data[name]]
        same = ("name", "summary", "notice_days", "days_to_first_use", "operated_by")
        return {
            **{name: data[name] for name in same},
            "offerings": chain,
            "scenarios": list(data["scenarios"]),
            "start_cost_fen": data["start_cost"],
        }


class CoefficientForm(forms.Form):
    """One meter of a scenario, its base units for one unit of volume, and why."""

    meter = forms.ChoiceField(label=_("Meter"))
    units = forms.IntegerField(
        label=_("Base units for one unit of volume"),
        help_text=_("Tokens, calls and pictures as they are; cards, cores and storage in seconds."),
        min_value=1,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    reason = forms.CharField(label=_("Reason in Chinese"), max_length=200)
    reason_en = forms.CharField(label=_("Reason in English"), max_length=300)

    def __init__(self, *args: Any, scenario: Scenario, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        meter = self.fields["meter"]
        assert isinstance(meter, forms.ChoiceField)  # noqa: S101  # tells the type checker
        meter.choices = [(each, Meter(each).label) for each in scenario.coefficients]
