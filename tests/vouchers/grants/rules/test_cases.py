"""Worked cases: amounts found by hand beside schemes, shipped ones and those of the families."""

from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from vouchers.grants.rules import cases, files, quantities
from vouchers.grants.rules.answers import Assessment
from vouchers.grants.rules.assessment import assess
from vouchers.grants.rules.schemes import MODES, SchemeRules

FOLDER = Path(__file__).parents[1] / "cases"
PATHS = {**files.shipped(), **{path.stem: path for path in (FOLDER / "schemes").glob("*.yaml")}}


class _Texts(yaml.SafeLoader):
    """Days and words stay texts, as JSON would have them."""


_Texts.yaml_implicit_resolvers = {
    first: [pair for pair in pairs if not pair[0].endswith((":timestamp", ":float"))]
    for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _load() -> list[dict[str, Any]]:
    found = []
    for path in sorted(FOLDER.glob("*.yaml")):
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=_Texts)  # noqa: S506 safe subclass
        for case in data["cases"]:
            usual = data["usual"][case["scheme"]]
            found.append({**case, "facts": {**usual, **case.get("facts", {})}})
    return found


CASES = _load()


@cache
def rules_of(scheme: str) -> SchemeRules:
    rules, _file = files.read(PATHS[scheme].read_text(encoding="utf-8"))
    return rules


def answer(case: dict[str, Any]) -> Assessment:
    rules = rules_of(case["scheme"])
    asked = {name: case[name] for name in ("facts", "used", "stage", "budget_left") if name in case}
    return assess(rules, cases.read(rules, asked))


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_case_comes_out_as_worked_by_hand(case: dict[str, Any]) -> None:
    expected = case["expect"]

    found = answer(case)

    assert (found.verdict, list(found.refusals)) == (
        expected["verdict"],
        expected.get("refusals", []),
    )
    assert found.amount_fen == quantities.fen(expected.get("amount", "0"))
    if "binding" in expected:
        assert found.binding_cap == expected["binding"]
    if "mode" in expected:
        assert found.mode == expected["mode"]
    for name in ("rate", "share"):
        if name in expected:
            assert getattr(found, name) == Fraction(expected[name])
    if "funding" in expected:
        split = {line.level: line.amount_fen for line in found.funding}
        assert split == {level: quantities.fen(yuan) for level, yuan in expected["funding"].items()}
        assert sum(split.values()) == found.amount_fen


def test_every_case_says_why_and_has_its_own_name() -> None:
    assert all(case["why"] for case in CASES)
    assert len({case["id"] for case in CASES}) == len(CASES) >= 60


def test_every_scheme_and_every_mode_has_a_case() -> None:
    assert {case["scheme"] for case in CASES} == PATHS.keys()
    assert {case["expect"]["mode"] for case in CASES if "mode" in case["expect"]} == set(MODES)


def test_every_rule_answers_with_its_place() -> None:
    for case in CASES:
        for check in answer(case).checks:
            if check.rule not in {"budget", "kind"}:
                assert check.origin.document, (case["id"], check.rule)
                assert check.article, (case["id"], check.rule)
            assert check.words.zh
            assert check.words.en
            assert check.saw.zh


def test_all_programs_are_shipped_and_the_open_ones_name_what_is_missing(shared_data: Path) -> None:
    import json

    programs = json.loads((shared_data / "programmes.json").read_text(encoding="utf-8"))

    assert {each["id"] for each in programs} == files.shipped().keys()
    for each in programs:
        rules = rules_of(each["id"])
        if each["subsidy_rate"] is None and each["tiers"] is None:
            assert not rules.is_complete, each["id"]
        for missing in rules.missing:
            assert missing.words.zh
            assert missing.path
