"""Meters, prices and quantities as people read them: in the field's units, prices exact."""

from decimal import Decimal
from fractions import Fraction

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common import display
from providers.rules import units

Text = str | Promise

UNIT_LABELS: dict[str, Text] = {
    "million_tokens": gettext_lazy("million tokens"),
    "card_hour": gettext_lazy("card-hour"),
    "core_hour": gettext_lazy("core-hour"),
    "gb_month": gettext_lazy("GB-month"),
    "gb": gettext_lazy("GB"),
    "mbps_month": gettext_lazy("Mbps-month"),
    "call": gettext_lazy("call"),
    "image": gettext_lazy("image"),
}
"""The units of price lists by their API names."""


def unit_label(meter: str) -> Text:
    """The unit a meter is sold in: "million tokens", "card-hour"."""
    return UNIT_LABELS[units.sold_unit(meter).name]


def quantity_text(base_units: int, meter: str) -> str:
    """A quantity in the field's unit: "1,510.5 card-hours"."""
    amount = display.quantity(base_units, meter)
    return f"{amount.text} {amount.unit}"


def price_per_sold_unit(price_yuan: Decimal, per_units: int, meter: str) -> Decimal | None:
    """Yuan for one unit of the price list, exact; None when that has no finite decimal form."""
    exact = Fraction(price_yuan) * units.sold_unit(meter).base_units / per_units
    rest = exact.denominator
    places = 0
    for prime in (2, 5):
        count = 0
        while rest % prime == 0:
            rest //= prime
            count += 1
        places = max(places, count)
    if rest != 1:
        return None
    whole = exact.numerator * 10**places // exact.denominator
    return Decimal(whole).scaleb(-places)


def price_text(price_yuan: Decimal, per_units: int, meter: str) -> str:
    """A price as the list shows it: "¥2.00 / million tokens"; never rounded."""
    sold = price_per_sold_unit(price_yuan, per_units, meter)
    if sold is None:
        stated = quantity_text(per_units, meter)
        return _("¥%(price)s for %(units)s") % {"price": _yuan(price_yuan), "units": stated}
    return _("¥%(price)s / %(unit)s") % {"price": _yuan(sold), "unit": unit_label(meter)}


def _yuan(value: Decimal) -> str:
    """At least two decimals, more where the price has them, thousands separated."""
    digits = value.normalize().as_tuple().exponent
    places = max(2, -digits if isinstance(digits, int) else 2)
    return f"{value:,.{places}f}"
