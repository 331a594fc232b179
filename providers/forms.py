"""Forms of supply: facilities, offerings, prices, capacity."""

import unicodedata
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.rules import regions
from accounts.wording import language, region_name
from common.form_fields import YuanField
from providers import kinds, wording
from providers.models import Facility, FacilityKind, Layer, Meter, Offering
from providers.rules.prices import PriceTier
from providers.rules.units import sold_unit

DAY = {"type": "date"}


class ExactField(forms.DecimalField):
    """An exact decimal; full-width digits and thousands separators accepted, NaN refused."""

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]
        """Read what people type."""
        if isinstance(value, str):
            value = unicodedata.normalize("NFKC", value).strip().lstrip("¥").replace(",", "")
        return super().to_python(value)


class FacilityForm(forms.Form):
    """A facility of one kind; the kind's figures follow the common ones."""

    name = forms.CharField(label=_("Name"), max_length=100)
    region = forms.ChoiceField(label=_("Place"))
    latency_ms = ExactField(
        label=_("Latency within the city (ms)"),
        min_value=Decimal(0),
        max_value=Decimal(10_000),
        decimal_places=3,
        help_text=_("There and back from a firm in the city, in milliseconds."),
    )

    def __init__(self, kind: str, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.kind = kind
        place: Any = self.fields["region"]
        place.choices = [("", "—"), *((code, region_name(code)) for code in regions.REGIONS)]
        for name, entry in kinds.get(kind).entries().items():
            self.fields[f"spec_{name}"] = _spec_field(entry)

    def values(self) -> dict[str, Any]:
        """What the action takes."""
        data = self.cleaned_data
        return {
            "kind": self.kind,
            "name": data["name"],
            "region": data["region"],
            "latency_us": int(data["latency_ms"] * 1000),
            "spec": {name: data[f"spec_{name}"] for name in kinds.get(self.kind).entries()},
        }


class OfferingForm(forms.Form):
    """What is sold; prices and capacity come after it."""

    layer = forms.ChoiceField(label=_("Layer"), choices=Layer.choices)
    facility = forms.ModelChoiceField(
        label=_("Facility"),
        queryset=Facility.objects.none(),
        required=False,
        help_text=_("Compute, storage and network need one."),
    )
    name = forms.CharField(label=_("Name"), max_length=100)
    summary = forms.CharField(
        label=_("What it does, in one sentence"), max_length=300, required=False
    )
    model_name = forms.CharField(
        label=_("Model"),
        max_length=100,
        required=False,
        help_text=_("For token services: the model's public name."),
    )
    has_domestic_chip = forms.BooleanField(label=_("Runs on domestic chips"), required=False)

    def __init__(self, actor: Actor, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        own: Any = self.fields["facility"]
        own.queryset = Facility.objects.visible_to(actor).order_by("name", "pk")


class ListingForm(forms.Form):
    """What buyers read of an offering."""

    name = forms.CharField(label=_("Name"), max_length=100)
    summary = forms.CharField(
        label=_("What it does, in one sentence"), max_length=300, required=False
    )
    model_name = forms.CharField(label=_("Model"), max_length=100, required=False)
    has_domestic_chip = forms.BooleanField(label=_("Runs on domestic chips"), required=False)


class PriceForm(forms.Form):
    """A price from a day on, in the unit of price lists; further tiers come beside it."""

    meter = forms.ChoiceField(label=_("Charged by"))
    price_yuan = ExactField(
        label=_("Price (yuan)"),
        min_value=Decimal(0),
        max_digits=20,
        decimal_places=10,
        help_text=_("For the unit named with the meter, for example 2.00; 0 for a free quota."),
    )
    from_day = forms.DateField(
        label=_("In force from"), widget=forms.DateInput(DAY, format="%Y-%m-%d")
    )
    minimum = YuanField(
        label=_("Least charge a month (yuan)"),
        required=False,
        help_text=_("Charged at least in a month in which the meter was used at all."),
    )
    source = forms.CharField(
        label=_("Source"),
        max_length=300,
        required=False,
        help_text=_("Where the price is published, if anywhere."),
    )

    def __init__(self, offering: Offering, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        choice: Any = self.fields["meter"]
        choice.choices = meter_choices(offering)
        has_tiers = "tiers-TOTAL_FORMS" in self.data
        self.tiers = TierFormSet(self.data if has_tiers else None, prefix="tiers")

    def is_valid(self) -> bool:
        """Check the tiers too, each by itself and then against the meter's unit."""
        sound = super().is_valid()
        if self.tiers.is_bound and not self.tiers.is_valid():
            return False
        return sound and self._read_tiers()

    def _read_tiers(self) -> bool:
        unit = sold_unit(self.cleaned_data["meter"]).base_units
        found = [PriceTier(self.cleaned_data["price_yuan"])]
        for row in self.tiers if self.tiers.is_bound else ():
            data = row.cleaned_data
            if not data:
                continue
            beyond = (data["beyond"] or 0) * unit
            if beyond != int(beyond):
                row.add_error("beyond", _("Enter fewer decimals."))
                return False
            found.append(PriceTier(data["price_yuan"], data["longer_than"] or 0, int(beyond)))
        self.found = found
        return True

    def values(self) -> dict[str, Any]:
        """What the action takes; prices are for one unit of the price list."""
        data = self.cleaned_data
        return {
            "meter": data["meter"],
            "tiers": self.found,
            "per_units": sold_unit(data["meter"]).base_units,
            "minimum_fen": data["minimum"] or 0,
            "from_day": data["from_day"],
            "source": data["source"],
        }


class PriceTermsForm(forms.Form):
    """From which day on a subscription follows the price list."""

    from_day = forms.DateField(
        label=_("Follow the price list from"),
        widget=forms.DateInput(DAY, format="%Y-%m-%d"),
        help_text=_("Tomorrow or later. It cannot be taken back."),
    )


class TierForm(forms.Form):
    """A further price, for longer requests or beyond a volume; an empty row says nothing."""

    longer_than = forms.IntegerField(
        label=_("Requests longer than (tokens)"), min_value=0, required=False
    )
    beyond = ExactField(
        label=_("Beyond, in the month (units of the price)"), min_value=Decimal(0), required=False
    )
    price_yuan = ExactField(
        label=_("Price (yuan)"), min_value=Decimal(0), max_digits=20, decimal_places=10
    )


TierFormSet = forms.formset_factory(TierForm, extra=5, max_num=49, validate_max=True)


class CapacityForm(forms.Form):
    """How much can be delivered in a month, in the unit of price lists."""

    meter = forms.ChoiceField(label=_("Measured in"))
    month = forms.CharField(label=_("Month"), widget=forms.TextInput({"type": "month"}))
    amount = ExactField(
        label=_("Can be delivered"),
        min_value=Decimal(0),
        max_digits=20,
        decimal_places=6,
        help_text=_("For the whole month, in the unit named with the meter."),
    )

    def __init__(self, offering: Offering, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        choice: Any = self.fields["meter"]
        choice.choices = meter_choices(offering)

    def clean_month(self) -> date:
        """Read YYYY-MM."""
        try:
            return date.fromisoformat(f"{self.cleaned_data['month'][:7]}-01")
        except ValueError:
            raise forms.ValidationError(_("Enter a month, for example 2026-10.")) from None

    def clean(self) -> dict[str, Any]:
        """The amount has to be a whole number of base units."""
        data = dict(super().clean() or {})
        if "meter" in data and data.get("amount") is not None:
            units = data["amount"] * sold_unit(data["meter"]).base_units
            if units != int(units):
                self.add_error("amount", _("Enter fewer decimals."))
            data["total_units"] = int(units)
        return data

    def values(self) -> dict[str, Any]:
        """What the action takes."""
        data = self.cleaned_data
        return {name: data[name] for name in ("meter", "month", "total_units")}


def meter_choices(offering: Offering) -> list[tuple[str, str]]:
    """The meters that fit the offering's facility, each with the unit it is sold in."""
    fitting = kinds.get(offering.facility.kind).meters if offering.facility else set(Meter.values)
    return [
        (meter.value, _with_unit(meter.label, wording.unit_label(meter)))
        for meter in Meter
        if meter.value in fitting
    ]


def kind_choices() -> list[tuple[str, str, Any]]:
    """Kinds of facility: value, name, and what it is in one sentence."""
    return [(kind.value, str(kind.label), kinds.get(kind).summary) for kind in FacilityKind]


def _with_unit(label: object, unit: object) -> str:
    return f"{label}（{unit}）" if language().startswith("zh") else f"{label} ({unit})"


def _spec_field(entry: kinds.Entry) -> forms.Field:
    label, unit = str(entry.label), str(entry.unit)
    if unit and unit.lower() not in label.lower():  # "Accelerator cards (cards)" says it twice
        label = _with_unit(label, unit)
    common: dict[str, Any] = {
        "label": label,
        "required": entry.is_required,
        "help_text": entry.hint,
    }
    if entry.shape == "whole":
        return forms.IntegerField(min_value=entry.minimum, max_value=entry.maximum, **common)
    if entry.shape == "day":
        return forms.DateField(widget=forms.DateInput(DAY, format="%Y-%m-%d"), **common)
    return forms.CharField(max_length=entry.maximum, **common)
