"""Scenarios: shipped data are complete, and loading is idempotent."""

from copy import deepcopy
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import translation

from marketplace.catalog.actions import scenarios
from marketplace.catalog.models import Stage
from marketplace.catalog.rules import scenarios as rules
from marketplace.models import Scenario
from providers.models import Meter

ROW: dict[str, Any] = {
    "slug": "inspection",
    "name": ["质检", "Inspection"],
    "summary": ["看图", "Looks at pictures"],
    "stage": "production",
    "sections": "C",
    "volume_unit": ["张图片", "pictures"],
    "coefficients": {"images": {"units": 1, "why": ["每张一次", "once each"]}},
}


def test_shipped_cover_all_sections_and_stages() -> None:
    shipped = rules.shipped()

    assert len({one.slug for one in shipped}) == len(shipped)
    assert set().union(*(one.sections for one in shipped)) == rules.SECTIONS
    assert {one.stage for one in shipped} == set(Stage.values) == rules.STAGES
    named = {
        "smart-warehousing", "unmanned-delivery", "low-altitude-logistics", "cold-chain",
        "supply-chain-platform",
    }  # fmt: skip
    assert named <= {one.slug for one in shipped if set(one.sections) & {"F", "G"}}


@pytest.mark.parametrize("section", sorted(rules.SECTIONS))
def test_each_section_has_at_least_three_scenarios(section: str) -> None:
    assert sum(section in one.sections for one in rules.shipped()) >= 3


@pytest.mark.parametrize("stage", ["research", "production", "maintenance", "supply_chain"])
def test_manufacturing_has_at_least_three_scenarios_in_each_stage(stage: str) -> None:
    of_stage = [one for one in rules.shipped() if one.stage == stage and "C" in one.sections]

    assert len(of_stage) >= 3


def test_each_coefficient_is_stated_as_an_assumption_with_its_reason() -> None:
    assert "假设" in rules.SOURCE.chinese
    assert "assumption" in rules.SOURCE.english
    for one in rules.shipped():
        for coefficient in one.coefficients.values():
            assert coefficient.reasoning.chinese != coefficient.reasoning.english


def test_shipped_meters_exist() -> None:
    assert {meter for one in rules.shipped() for meter in one.coefficients} <= set(Meter.values)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("stage", "mining"),
        ("sections", ""),
        ("sections", "CJ"),
        ("name", ["只有中文"]),
        ("volume_unit", ["张图片", ""]),
        ("coefficients", {}),
        ("coefficients", {"joules": {"units": 1, "why": ["a", "b"]}}),
        ("coefficients", {"images": {"units": 0, "why": ["a", "b"]}}),
        ("coefficients", {"images": {"units": 1.5, "why": ["a", "b"]}}),
        ("coefficients", {"images": {"units": 1}}),
    ],
)
def test_incomplete_scenario_refused(field: str, value: Any) -> None:
    row = deepcopy(ROW)
    row[field] = value

    with pytest.raises(rules.BadScenario):
        rules.read(row)


@pytest.mark.django_db
def test_load_twice_changes_nothing() -> None:
    call_command("load_scenarios", verbosity=0)
    before = list(Scenario.objects.order_by("pk").values())

    scenarios.load()

    assert list(Scenario.objects.order_by("pk").values()) == before
    assert len(before) == len(rules.shipped())


@pytest.mark.django_db
def test_loaded_scenario_speaks_both_languages_and_gives_reasons() -> None:
    scenarios.load()
    scenario = Scenario.objects.get(slug="contract-review")

    with translation.override("zh-hans"):
        assert (scenario.title, scenario.unit) == ("采购与合同审阅", "份合同")
    with translation.override("en"):
        assert scenario.unit == "contracts"
    assert set(scenario.assumptions) == set(scenario.coefficients)
    assert all(words["zh"] and words["en"] for words in scenario.assumptions.values())
