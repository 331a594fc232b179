"""Matches in words: what the stored reasons say, in the reader's language."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext

from accounts.rules import industries
from accounts.wording import language, region_name
from common.components import Fact
from common.display import grouped, money_text, quantity
from marketplace.catalog.models import Scenario
from marketplace.matching.models import Match, Need
from marketplace.matching.rules import relaxing, translating
from marketplace.matching.rules.limits import Exclusion, Limit
from marketplace.matching.rules.relaxing import Relaxation
from providers.models import Meter

LIMITS = {
    Limit.SECTION: lazy("Industry"),
    Limit.LISTING: lazy("For sale"),
    Limit.PROVIDER: lazy("Verified provider"),
    Limit.LICENSE: lazy("Valid license"),
    Limit.PRICE: lazy("Price in force"),
    Limit.REGION: lazy("Where data may live"),
    Limit.LATENCY: lazy("Latency"),
    Limit.DOMESTIC_CHIP: lazy("Domestic chip"),
    Limit.CAPACITY: lazy("Capacity left"),
    Limit.BUDGET: lazy("Budget"),
}

COMPONENTS = {
    "own_share": lazy("Your monthly share against the budget"),
    "fit": lazy("Covers what the scenario needs"),
    "start_cost": lazy("Cost to start"),
    "days_to_first_use": lazy("Days to first use"),
    "latency": lazy("Latency"),
}

US_PER_MS = 1000


@dataclass(frozen=True, slots=True)
class Told:
    """A broken limit in words."""

    limit: Limit
    title: str
    detail: str


@dataclass(frozen=True, slots=True)
class Advice:
    """A limit that excludes bundles, in words; `change` holds form values that would admit one more."""

    limit: Limit
    title: str
    excluded: str
    advice: str
    change: dict[str, str]


def exclusions_of(match: Match) -> list[Told]:
    """Which limits a match breaks and by how much."""
    names = {part["offering"]: part["name"] for part in match.reasons["parts"]}
    return [_told(_read(row), names) for row in match.reasons["exclusions"]]


def lacks_of(match: Match) -> list[str]:
    """What the scenario needs and the bundle does not deliver."""
    return [meter_name(meter) for meter in match.reasons["lacks"]]


def advice_for(matches: Sequence[Match], volume: int) -> list[Advice]:
    """What excludes how many, and what to relax, the most helpful first."""
    excluded = {
        match.bundle.code: [_read(row) for row in match.reasons["exclusions"]]
        for match in matches
        if match.rank is None
    }
    return [_advice(row) for row in relaxing.summarize(excluded, volume)]


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


def _read(row: dict[str, Any]) -> Exclusion:
    return Exclusion(**{**row, "limit": Limit(row["limit"])})


def _told(row: Exclusion, names: dict[str, str]) -> Told:
    offering = names.get(row.offering, row.offering)
    return Told(row.limit, str(LIMITS[row.limit]), _detail(row, offering))


def _detail(row: Exclusion, offering: str) -> str:
    teller = {
        Limit.SECTION: _section,
        Limit.LISTING: lambda row, name: _("%(offering)s is not for sale at present.") % name,
        Limit.PROVIDER: lambda row, name: _("The provider of %(offering)s is not verified.") % name,
        Limit.LICENSE: _license,
        Limit.PRICE: _price,
        Limit.REGION: _region,
        Limit.LATENCY: _latency,
        Limit.DOMESTIC_CHIP: lambda row, name: (
            _("%(offering)s does not run on domestic chips.") % name
        ),
        Limit.CAPACITY: _capacity,
        Limit.BUDGET: _budget,
    }[row.limit]
    return teller(row, {"offering": offering})


def _section(row: Exclusion, name: dict[str, str]) -> str:
    return _("This scenario is made for %(wanted)s; your industry is %(found)s.") % {
        "wanted": _("or").join(_section_name(letter) for letter in str(row.wanted)),
        "found": _section_name(str(row.found)),
    }


def _section_name(letter: str) -> str:
    section = industries.SECTIONS.get(letter)
    if section is None:
        return letter
    return section.name_en if _is_english() else section.name


def _license(row: Exclusion, name: dict[str, str]) -> str:
    return ngettext(
        "The license behind %(offering)s ended on %(found)s, %(days)d day ago.",
        "The license behind %(offering)s ended on %(found)s, %(days)d days ago.",
        row.short,
    ) % {**name, "found": row.found, "days": row.short}


def _price(row: Exclusion, name: dict[str, str]) -> str:
    if not row.offering:
        return _("Nothing in this bundle is sold in the units that your scenario needs.")
    return _("%(offering)s has no price for %(meter)s today.") % {
        **name,
        "meter": meter_name(row.meter),
    }


def _region(row: Exclusion, name: dict[str, str]) -> str:
    wanted = place_name(str(row.wanted))
    if not row.found:
        return _("No location is stated; you asked for %(wanted)s.") % {"wanted": wanted}
    return _("%(offering)s runs in %(found)s; you asked for %(wanted)s.") % {
        **name,
        "found": place_name(str(row.found)),
        "wanted": wanted,
    }


def _latency(row: Exclusion, name: dict[str, str]) -> str:
    wanted = milliseconds(int(row.wanted))
    if not isinstance(row.found, int):
        return _("No latency is stated; you asked for at most %(wanted)s.") % {"wanted": wanted}
    return _("The slowest part takes %(found)s, %(short)s more than the %(wanted)s you allow.") % {
        "found": milliseconds(row.found),
        "short": milliseconds(row.short),
        "wanted": wanted,
    }


def _capacity(row: Exclusion, name: dict[str, str]) -> str:
    return _(
        "%(offering)s has %(found)s (%(meter)s) left in %(month)s; you need %(wanted)s,"
        " %(short)s more."
    ) % {
        **name,
        "meter": meter_name(row.meter),
        "month": row.month[:7],
        "found": units_text(row.meter, int(row.found)),
        "wanted": units_text(row.meter, int(row.wanted)),
        "short": units_text(row.meter, row.short),
    }


def _budget(row: Exclusion, name: dict[str, str]) -> str:
    return _("Your share would be %(found)s a month, %(short)s above the budget of %(wanted)s.") % {
        "found": money_text(int(row.found)),
        "short": money_text(row.short),
        "wanted": money_text(int(row.wanted)),
    }


def _advice(row: Relaxation) -> Advice:
    excluded = ngettext("excludes %(count)d bundle", "excludes %(count)d bundles", row.excluded) % {
        "count": row.excluded
    }
    text, change = _step(row)
    return Advice(row.limit, str(LIMITS[row.limit]), excluded, text, change)


def _step(row: Relaxation) -> tuple[str, dict[str, str]]:
    """What to do about a limit, and the form values that do it; none where the limit alone excludes nobody."""
    if not row.is_relaxable:
        return _("This is up to the provider or the scenario."), {}
    if not row.alone:
        return _("Relaxing this alone admits none; other limits exclude these bundles too."), {}
    if row.limit == Limit.REGION:
        return _("Let data live anywhere."), {"region": ""}
    if row.limit == Limit.DOMESTIC_CHIP:
        return _("Do without domestic chips."), {"needs_domestic_chip": ""}
    if not row.to:
        return _("Ask the providers; no smaller step helps."), {}
    if row.limit == Limit.LATENCY:
        return _("Allow %(latency)s.") % {"latency": milliseconds(row.to)}, {"latency": str(row.to)}
    if row.limit == Limit.CAPACITY:
        return _("Lower the monthly volume to %(volume)s.") % {"volume": grouped(row.to)}, {
            "monthly_volume": str(row.to)
        }
    return _("Raise the monthly budget to %(budget)s.") % {"budget": money_text(row.to)}, {
        "monthly_budget": money_text(row.to).lstrip("¥").replace(",", "")
    }
