"""What a provider lets firms try."""

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from marketplace.matching import wording
from marketplace.trials.actions.terms import LONGEST_DAYS
from marketplace.trials.models import TrialTerms
from providers.forms import ExactField
from providers.models import Offering
from providers.rules.units import sold_unit
from providers.wording import unit_label


class TermsForm(forms.Form):
    """Days, and one cap for each meter that has a price today, in the unit of price lists."""

    days = forms.IntegerField(label=_("Days"), min_value=1, max_value=LONGEST_DAYS, initial=14)

    def __init__(self, offering: Offering, today: date, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        rates = offering.rates.in_force_on(today)
        self.meters = sorted(set(rates.values_list("meter", flat=True)))
        known = TrialTerms.objects.filter(offering=offering).first()
        if known:
            self.fields["days"].initial = known.days
        for meter in self.meters:
            units = known.units.get(meter) if known else None
            self.fields[meter] = ExactField(
                label=wording.meter_name(meter),
                help_text=_("In units of the price list: %(unit)s") % {"unit": unit_label(meter)},
                min_value=Decimal(0),
                max_digits=20,
                decimal_places=6,
                initial=Decimal(units) / sold_unit(meter).base_units if units else None,
            )

    def clean(self) -> dict[str, Any]:
        """Caps have to be whole numbers of base units."""
        data = dict(super().clean() or {})
        for meter in self.meters:
            amount = data.get(meter)
            if amount is not None and amount * sold_unit(meter).base_units % 1:
                self.add_error(meter, _("Enter fewer decimals."))
        return data

    def values(self) -> dict[str, Any]:
        """What the action takes."""
        data = self.cleaned_data
        units = {meter: int(data[meter] * sold_unit(meter).base_units) for meter in self.meters}
        return {"days": data["days"], "units": units}
