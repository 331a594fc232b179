"""Meters, prices and quantities as people read them: in the field's units, prices exact."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common import display
from providers.models import Rate
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
    return _finite(Fraction(price_yuan) * units.sold_unit(meter).base_units / per_units)


def volume_text(base_units: int, meter: str) -> str:
    """Where a volume tier begins, exact: in units of the price list, else in base units."""
    sold = _finite(Fraction(base_units, units.sold_unit(meter).base_units))
    if sold is None:
        return display.quantity(base_units, meter).exact
    return f"{sold:,f} {unit_label(meter)}"


def tier_text(rate: Rate) -> str:
    """Which tier of the price list a rate is: "requests over 256,000 tokens"; "" for the first."""
    found = []
    if rate.context_from:
        count = display.grouped(rate.context_from)
        found.append(_("requests over %(count)s tokens") % {"count": count})
    if rate.volume_from:
        volume = volume_text(rate.volume_from, rate.meter)
        found.append(_("beyond %(volume)s in the month") % {"volume": volume})
    return " · ".join(found)


def _finite(exact: Fraction) -> Decimal | None:
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


def price_range_text(prices: Sequence[tuple[Decimal, int]], meter: str) -> str:
    """Prices (yuan, per units) of all tiers of a meter in one line: "¥0.36 – ¥1.80 / …"."""
    lowest, highest = (
        pick(prices, key=lambda price: Fraction(price[0]) / price[1]) for pick in (min, max)
    )
    if lowest == highest:
        return price_text(*highest, meter)
    least = price_per_sold_unit(*lowest, meter)
    if least is None:
        return f"{price_text(*lowest, meter)} – {price_text(*highest, meter)}"
    return f"¥{_yuan(least)} – {price_text(*highest, meter)}"


def _yuan(value: Decimal) -> str:
    """At least two decimals, more where the price has them, thousands separated."""
    digits = value.normalize().as_tuple().exponent
    places = max(2, -digits if isinstance(digits, int) else 2)
    return f"{value:,.{places}f}"
