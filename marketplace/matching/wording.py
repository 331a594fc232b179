"""Matches in words: what the stored reasons say, in the reader's language."""

from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.wording import language, region_name
from common.components import Fact
from common.display import grouped, quantity
from marketplace.catalog.models import Scenario
from marketplace.matching.models import Match, Need
from marketplace.matching.rules import translating
from providers.models import Meter

COMPONENTS = {
    "own_share": gettext_lazy("Your monthly share against the budget"),
    "fit": gettext_lazy("Covers what the scenario needs"),
    "start_cost": gettext_lazy("Cost to start"),
    "days_to_first_use": gettext_lazy("Days to first use"),
    "latency": gettext_lazy("Latency"),
    "quality": gettext_lazy("What firms with long use found"),
}

US_PER_MS = 1000


def lacks_of(match: Match) -> list[str]:
    """What the scenario needs and the bundle does not deliver."""
    return [meter_name(meter) for meter in match.reasons["lacks"]]


def meter_name(meter: str) -> str:
    """A meter's name."""
    return str(Meter(meter).label) if meter in Meter.values else meter


def units_text(meter: str, units: int) -> str:
    """A quantity in the field's unit."""
    amount = quantity(units, meter)
    return f"{amount.text} {amount.unit}"


def milliseconds(latency_us: int) -> str:
    """Microseconds as milliseconds."""
    text = grouped(Decimal(latency_us) / US_PER_MS, 3).rstrip("0").rstrip(".")
    return _("%(number)s ms") % {"number": text}


def place_name(code: str) -> str:
    """A place with the places above it; anywhere for none."""
    return region_name(code) if code else _("Anywhere")


def scenario_name(scenario: Scenario) -> str:
    """A scenario's name in the reader's language."""
    return scenario.name_en if _is_english() else scenario.name


def scenario_summary(scenario: Scenario) -> str:
    """What a scenario does, in the reader's language."""
    return scenario.summary_en if _is_english() else scenario.summary


def volume_unit(scenario: Scenario) -> str:
    """The unit in which a scenario's volume is stated."""
    return scenario.volume_unit_en if _is_english() else scenario.volume_unit


def volume_text(need: Need) -> str:
    """The monthly volume with its unit."""
    return f"{grouped(need.monthly_volume)} {volume_unit(need.scenario)}"


def purpose_of(need: Need) -> str:
    """What a need is for, and how much."""
    return _("%(scenario)s, %(volume)s a month") % {
        "scenario": scenario_name(need.scenario),
        "volume": volume_text(need),
    }


def latency_text(latency_us: int | None) -> str:
    """The longest latency allowed."""
    if latency_us is None:
        return _("Any")
    return _("At most %(latency)s") % {"latency": milliseconds(latency_us)}


def assumptions_of(scenario: Scenario) -> list[Fact]:
    """What the volume is taken to consume, and why."""
    return [
        Fact(
            meter_name(meter), f"{_coefficient_text(scenario, meter)}{_reasoning(scenario, meter)}"
        )
        for meter in scenario.coefficients
    ]


def _coefficient_text(scenario: Scenario, meter: str) -> str:
    """Units for 1, 1,000 or a million of the volume: the fewest that give a figure one can read."""
    for volume in (1, 1_000, 1_000_000):
        units = translating.units_of({meter: scenario.coefficients[meter]}, volume).get(meter, 0)
        if quantity(units, meter).text != "0":
            break
    return _("%(units)s for %(volume)s %(unit)s") % {
        "units": units_text(meter, units),
        "volume": grouped(volume),
        "unit": volume_unit(scenario),
    }


def _reasoning(scenario: Scenario, meter: str) -> str:
    words: dict[str, str] = scenario.assumptions.get(meter, {})
    why = words.get("en" if _is_english() else "zh", "")
    return _(" (%(why)s)") % {"why": why} if why else ""


def _is_english() -> bool:
    return language().startswith("en")
