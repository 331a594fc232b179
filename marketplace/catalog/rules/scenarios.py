"""The scenarios that ship with the product, read from data and checked.

Coefficients turn a volume in plain words into base units. Each is an assumption with its reasoning
in both languages, not a measurement; a firm sees and may change them.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from providers.rules.units import SOLD_UNITS

FILE = Path(__file__).resolve().parent.parent / "data" / "scenarios.json"
SECTIONS = frozenset("ABCDEFGHIKLMNOR")
"""The 15 sections of GB/T 4754-2017 that the program serves."""

STAGES = frozenset({"research", "production", "maintenance", "supply_chain", "general"})


class BadScenario(ValueError):
    """A scenario's data are incomplete or impossible."""


@dataclass(frozen=True, slots=True)
class Words:
    """The same text in both languages."""

    chinese: str
    english: str


SOURCE = Words(
    "平台估算（假设），逐项说明依据",
    "estimate of the platform (assumption), reasons stated for each",
)


@dataclass(frozen=True, slots=True)
class Coefficient:
    """Base units of a meter for one unit of volume, and why."""

    units: int
    reasoning: Words


@dataclass(frozen=True, slots=True)
class ScenarioData:
    """One scenario as shipped."""

    slug: str
    name: Words
    summary: Words
    stage: str
    sections: str
    volume_unit: Words
    coefficients: Mapping[str, Coefficient]


def shipped() -> list[ScenarioData]:
    """All scenarios of the data file, in its order. Raises BadScenario."""
    return [read(row) for row in json.loads(FILE.read_text(encoding="utf-8"))]


def read(row: Mapping[str, Any]) -> ScenarioData:
    """Check one scenario: known stage, sections, meters; whole coefficients with reasons."""
    slug = str(row.get("slug", ""))
    sections = str(row.get("sections", ""))
    if row.get("stage") not in STAGES or not sections or not set(sections) <= SECTIONS:
        raise BadScenario(f"{slug}: unknown stage or section")
    coefficients = {
        meter: _coefficient(slug, meter, value) for meter, value in row["coefficients"].items()
    }
    if not coefficients:
        raise BadScenario(f"{slug}: no coefficient")
    return ScenarioData(
        slug=slug,
        name=_words(slug, row["name"]),
        summary=_words(slug, row["summary"]),
        stage=row["stage"],
        sections=sections,
        volume_unit=_words(slug, row["volume_unit"]),
        coefficients=coefficients,
    )


def _coefficient(slug: str, meter: str, value: Mapping[str, Any]) -> Coefficient:
    units = value.get("units")
    if meter not in SOLD_UNITS:
        raise BadScenario(f"{slug}: unknown meter {meter}")
    if isinstance(units, bool) or not isinstance(units, int) or units < 1:
        raise BadScenario(f"{slug}: {meter} is not a whole number above zero")
    return Coefficient(units, _words(slug, value.get("why", [])))


def _words(slug: str, pair: Any) -> Words:
    if not isinstance(pair, list) or len(pair) != 2 or not all(pair):
        raise BadScenario(f"{slug}: a text lacks one of its two languages")
    return Words(str(pair[0]), str(pair[1]))
