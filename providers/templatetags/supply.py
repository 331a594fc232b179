"""Prices, meters, places and figures of facilities as pages show them: `{% load supply %}`."""

from collections.abc import Iterable
from decimal import Decimal

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.wording import region_name
from common.components import Fact
from common.display import grouped
from providers import kinds, marks, price_lists, wording
from providers.models import WHOLE_PARTS, Capacity, Facility, Figure, Meter, Rate
from providers.price_lists import PriceTable

register = template.Library()


@register.simple_tag
def price(rate: Rate) -> SafeString:
    """`{% price rate %}`: ¥2.00 / million tokens, exact."""
    text = wording.price_text(rate.price_yuan, rate.per_units, rate.meter)
    return format_html('<span class="number nowrap">{}</span>', text)


@register.simple_tag
def price_table(rates: Iterable[Rate]) -> PriceTable:
    """`{% price_table rates as table %}`: the tiers of a price list with their bounds in words."""
    return price_lists.table_of(list(rates))


@register.inclusion_tag("providers/price_summary.html")
def price_summary(rates: Iterable[Rate]) -> dict[str, object]:
    """`{% price_summary offering.prices %}`: each meter's prices in one line."""
    return {"prices": price_lists.summaries_of(list(rates))}


@register.filter
def meter_name(meter: str) -> str:
    """`{{ rate.meter|meter_name }}`: the meter in words."""
    return str(Meter(meter).label)


@register.filter
def place_name(code: str) -> str:
    """`{{ facility.region|place_name }}`: the place with those above it."""
    return region_name(code)


@register.filter
def milliseconds(microseconds: int) -> str:
    """`{{ facility.latency_us|milliseconds }}`: 3 ms, 0.9 ms."""
    return f"{microseconds / 1000:.3f}".rstrip("0").rstrip(".") + " ms"


@register.filter
def percent(parts: int) -> str:
    """`{{ share.parts|percent }}`: millionths as 12.5%, exact."""
    return f"{Decimal(parts) / (WHOLE_PARTS // 100):f}%"


@register.simple_tag
def left_text(capacity: Capacity) -> str:
    """`{% left_text capacity %}`: what can still be reserved, in the field's unit."""
    return wording.quantity_text(capacity.left_units, capacity.meter)


@register.inclusion_tag("providers/figure_facts.html")
def figure_facts(figures: Iterable[Figure]) -> dict[str, object]:
    """`{% figure_facts figures %}`: figures of a listing with their marks, inside a list of facts."""
    return {"shown": marks.shown_of(figures)}


@register.simple_tag
def spec_facts(facility: Facility) -> list[Fact]:
    """`{% spec_facts facility as rows %}`: the stated figures of a facility."""
    rows = []
    for name, entry in kinds.get(facility.kind).entries().items():
        value = facility.spec.get(name)
        if value:
            shown = grouped(value) if isinstance(value, int) else value
            rows.append(Fact(entry.label, f"{shown} {entry.unit}".strip()))
    return rows
