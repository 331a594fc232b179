"""The table of docs/schemes.md against the scheme files: which family each of them uses."""

import json
import re
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from config import env
from vouchers.grants.rules import files
from vouchers.grants.rules.schemes import SchemeRules, from_json

PAGE = env.ROOT / "docs" / "schemes.md"
DATA = {
    name: files.parse(path.read_text(encoding="utf-8")).data
    for name, path in files.shipped().items()
}
NOT_SEEN = "原文未见"
"""How an article begins when the source does not state the value."""

WHO, PROVIDER, TIME, ONCE = "7", "8", "9", "10"
ASKED_FOR = {
    WHO: """
        awards clean_years field has_bad_record has_sound_books is_in_incubator is_in_key_industry legal_form
        main_business_is_advanced park passed_credit_check pays_local_insurance rank rd_spend region section size
        passed_review years_without_accident leads_project
    """,
    PROVIDER: """
        chip_origin daily_tokens enterprise_customers is_on_compliant_exchange is_on_platform is_selected
        local_customers model_is_domestic model_is_filed passed_audit passed_verification pflops product_is_listed
        provider provider_is_listed provider_is_related provider_keeps_logs provider_licences provider_pflops
        provider_region provider_sells_compute_mainly allotment
    """,
    TIME: """
        contract_ends_on contract_signed_on contract_starts_on day funded_years_in_a_row service_months
    """,
    ONCE: """
        content_was_subsidized contract_was_subsidized has_other_city_support is_split national_share supplier_applies
    """,
}
"""Which family a rule belongs to by what it asks. A fact that no line names fails the test."""

FAMILY_OF = {name: family for family, names in ASKED_FOR.items() for name in names.split()}
NEUTRAL = {"kind", "base", "role", "annual_spend"}
"""Facts that only say to whom or from which amount on a rule applies."""

CAPACITY = {"pflops", "provider_pflops"}
POOLED = {"year", "half_year", "quarter", "month", "scheme", "kind", "provider"}
FULL, EMPTY = "●", "○"


def walk(value: Any) -> Iterator[dict[str, Any]]:
    """Every mapping inside a value."""
    if isinstance(value, dict):
        yield value
        for each in value.values():
            yield from walk(each)
    elif isinstance(value, list):
        for each in value:
            yield from walk(each)


def facts_in(value: Any) -> set[str]:
    found = {each["fact"] for each in walk(value) if "fact" in each}
    return found | {each["by"] for each in walk(value) if "by" in each}


def stated(entry: Any) -> str:
    """● for a value that the source gives, at least in part; ○ for one that it does not give."""
    if entry is None:
        return ""
    value = entry.get("value", entry) if isinstance(entry, dict) else entry
    unknown = isinstance(value, dict) and (
        set(value) == {"unknown"}
        or ("of" in value and all("unknown" in str(each) for each in value["of"].values()))
    )
    not_seen = isinstance(entry, dict) and str(entry.get("article", "")).startswith(NOT_SEEN)
    return EMPTY if unknown or not_seen else FULL


def best(*marks: str) -> str:
    return FULL if FULL in marks else EMPTY if EMPTY in marks else ""


def has_floor(data: dict[str, Any]) -> bool:
    """A rule that asks a least amount or a least capacity, or `minimum`."""
    amounts = facts_in([data.get("base"), data.get("amount")]) | {"base", "annual_spend"}
    asked = [each for rule in data.get("rules", []) for each in walk(rule["must"])]
    return "minimum" in data or any(
        each.get("fact") in amounts | CAPACITY and "at_least" in each for each in asked
    )


def kinds_of_caps(data: dict[str, Any]) -> set[str]:
    found = {"5" for part in data.get("parts", []) if "limit" in part}
    for cap in data.get("caps", []):
        if isinstance(cap["limit"], dict) and "count" in cap["limit"]:
            found.add("10")
        else:
            found.add("6" if cap.get("per") and set(cap["per"]) <= POOLED else "5")
    return found


def families(data: dict[str, Any]) -> dict[str, str]:
    """The marks of a scheme by family."""
    asked = facts_in([data.get(name) for name in ("rules", "parts", "ceiling")])
    asked -= NEUTRAL | {"district_share"} | facts_in(data.get("base")) - FAMILY_OF.keys()
    assert asked <= FAMILY_OF.keys(), asked - FAMILY_OF.keys()
    of_facts = {FAMILY_OF[name] for name in asked}
    of_caps = kinds_of_caps(data)
    pools = [data.get(name) for name in ("budget", "share_out", "funding")]
    return {
        "1": FULL,
        "2": stated(data.get("base")),
        "3": best(*(stated(data.get(name)) for name in ("rate", "parts"))),
        "4": FULL if has_floor(data) else "",
        "5": FULL if "5" in of_caps else "",
        "6": FULL if "6" in of_caps or any(pools) else "",
        "7": FULL if WHO in of_facts else "",
        "8": FULL if PROVIDER in of_facts or "covers" in data else "",
        "9": best(
            FULL if TIME in of_facts or "windows" in data else "",
            stated(data.get("validity_months")),
        ),
        "10": FULL if ONCE in of_facts or "10" in of_caps else "",
        "11": stated(data["mode"]),
        "12": FULL,
    }


def modes(data: dict[str, Any]) -> str:
    value = data["mode"]["value"]
    if isinstance(value, str):
        return value
    found = [each.get("then", each.get("otherwise")) for each in value.get("cases", [])]
    return "; ".join(found) or "–"


def missing(rules: SchemeRules) -> list[str]:
    return list(dict.fromkeys(each.words.zh for each in rules.missing))


def table() -> dict[str, list[str]]:
    lines = PAGE.read_text(encoding="utf-8").partition("## Which family")[2].splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {row[0].strip("`"): row[1:] for row in rows if re.fullmatch(r"`[\w-]+`", row[0])}


def row_of(name: str) -> list[str]:
    """The row as the file says it."""
    data = DATA[name]
    return [modes(data), *families(data).values(), "、".join(missing(from_json(data)))]


def test_table_names_every_shipped_scheme_once() -> None:
    assert list(table()) == sorted(DATA)


@pytest.mark.parametrize("name", sorted(DATA))
def test_row_of_the_table_says_what_the_file_says(name: str) -> None:
    assert table()[name] == row_of(name)


def test_every_family_is_used_by_some_scheme() -> None:
    for family in range(1, 13):
        assert any(families(data)[str(family)] == FULL for data in DATA.values()), family


def unlike(each: dict[str, Any]) -> Iterator[str]:
    """Single figures of a program that its file does not hold."""
    text = files.shipped()[each["id"]].read_text(encoding="utf-8")
    for name in ("annual_budget_yuan", "cap_per_applicant_per_year_yuan", "min_amount_yuan"):
        if isinstance(each[name], int) and f'"{each[name]}"' not in text:
            yield name
    rate, months = each["subsidy_rate"], each["validity_months"]
    if isinstance(rate, float) and f'"{Fraction(str(rate)) * 100}%"' not in text:
        yield "subsidy_rate"
    if months is not None and DATA[each["id"]]["validity_months"]["value"] != months:
        yield "validity_months"


def test_single_figures_of_the_programs_stand_in_their_files(shared_data: Path) -> None:
    programs = json.loads((shared_data / "programmes.json").read_text(encoding="utf-8"))

    assert {each["id"]: found for each in programs if (found := list(unlike(each)))} == {}
