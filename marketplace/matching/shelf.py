"""Scenarios grouped for people who look for what they do."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from marketplace.catalog.models import Scenario, Stage

TRADE, LAND, ENERGY, SERVICES = "trade", "land", "energy", "services"

TITLES: dict[str, Promise | str] = {
    Stage.RESEARCH: _("Manufacturing: research and design"),
    Stage.PRODUCTION: _("Manufacturing: production"),
    Stage.MAINTENANCE: _("Manufacturing: equipment operation and maintenance"),
    Stage.SUPPLY_CHAIN: _("Manufacturing: supply chain"),
    TRADE: _("Trade and logistics"),
    ENERGY: _("Energy, mining and construction"),
    LAND: _("Agriculture and environment"),
    SERVICES: _("Services and every office"),
}
"""Groups in the order in which they are shown."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A scenario and whether it is made for the firm's industry."""

    scenario: Scenario
    is_meant: bool


@dataclass(frozen=True, slots=True)
class Group:
    """A heading with its scenarios."""

    title: Promise | str
    choices: list[Choice]


def groups_of(scenarios: Iterable[Scenario], section: str) -> list[Group]:
    """Scenarios by group, those made for the firm's section first; empty groups are left out."""
    by_group: dict[str, list[Choice]] = {key: [] for key in TITLES}
    for scenario in scenarios:
        is_meant = not scenario.sections or section in scenario.sections
        by_group[_group_of(scenario)].append(Choice(scenario, is_meant))
    return [
        Group(TITLES[key], sorted(choices, key=lambda choice: not choice.is_meant))
        for key, choices in by_group.items()
        if choices
    ]


def _group_of(scenario: Scenario) -> str:
    """Stages of manufacturing by themselves; the rest by the sections they serve (GB/T 4754)."""
    sections = set(scenario.sections)
    if scenario.stage != Stage.GENERAL:
        return scenario.stage
    if "G" in sections:
        return TRADE
    if sections & set("BDE"):
        return ENERGY
    return LAND if sections & set("AN") else SERVICES
