"""Sizes by the national SME standard."""

import json
import re
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from accounts.rules import industries, sizes

WAN = sizes.FEN_PER_WAN_YUAN
ROWS = sizes.standard().rows
ORDER = (*sizes.LEVELS, sizes.MICRO)
NEXT_BELOW = dict(pairwise(ORDER))

EDGES = [
    pytest.param(row, level, position, id=f"{row.id}-{level}-{bound.indicator}")
    for row in ROWS
    for level in sizes.LEVELS
    for position, bound in enumerate(row.bounds[level])
]


def code_of(row: sizes.Row) -> str:
    """An industry code that falls into the row."""
    first = row.industries[0]
    if first.isdigit():
        return first
    found: str = next(code for code, each in industries.CLASSES.items() if each.section == first)
    return found


def classify(row: sizes.Row, figures: dict[str, int]) -> sizes.Sizing:
    return sizes.classify(
        industry=code_of(row),
        employees=figures.get("employees"),
        revenue_fen=figures.get("revenue"),
        assets_fen=figures.get("assets"),
    )


def floors(row: sizes.Row, level: str) -> dict[str, int]:
    return {bound.indicator: bound.minimum for bound in row.bounds[level]}


def test_standard_has_sixteen_rows_with_sources() -> None:
    standard = sizes.standard()

    assert len(standard.rows) == 16
    assert standard.id == "cn-2011-300"
    assert any("300号" in document for document in standard.documents)


@pytest.mark.parametrize(("row", "level", "position"), EDGES)
def test_exactly_the_bound_is_reached_and_one_below_falls_a_level(
    row: sizes.Row, level: str, position: int
) -> None:
    exact = floors(row, level)
    bound = row.bounds[level][position]
    short = exact | {bound.indicator: bound.minimum - 1}

    assert classify(row, exact).level == level
    below = classify(row, short)
    assert below.level == NEXT_BELOW[level]
    assert (bound.indicator, bound.minimum) in {
        (each.indicator, each.minimum) for each in below.decided_by
    }


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_one_huge_figure_never_makes_up_for_a_small_one(row: sizes.Row) -> None:
    if len(row.indicators) == 1:
        assert row.id in {"agri", "other"}
        return
    smallest = floors(row, sizes.SMALL)

    for indicator in row.indicators:
        figures = smallest | {indicator: 10**15}
        assert classify(row, figures).level == sizes.SMALL


def test_level_is_never_read_from_printed_ranges() -> None:
    sizing = sizes.classify(
        industry="C34", employees=1200, revenue_fen=30_000 * WAN, assets_fen=None
    )

    assert sizing.level == sizes.MEDIUM
    assert [(each.level, each.indicator) for each in sizing.decided_by] == [("large", "revenue")]


def test_one_fen_decides() -> None:
    def level(revenue_fen: int) -> str:
        figures = {"employees": 10, "revenue": revenue_fen}
        return classify(next(row for row in ROWS if row.id == "software"), figures).level

    assert level(50 * WAN) == sizes.SMALL
    assert level(50 * WAN - 1) == sizes.MICRO


@pytest.mark.parametrize("code", ["66", "83", "84", "91", "97", "53", "531", "704", "7040"])
def test_industry_outside_the_table_is_not_covered(code: str) -> None:
    sizing = sizes.classify(industry=code, employees=50, revenue_fen=1, assets_fen=1)

    assert sizing.level == sizes.NOT_COVERED
    assert sizing.row is None
    assert sizing.decided_by == ()


@pytest.mark.parametrize("code", [code for code in industries.CLASSES if code not in {"59", "70"}])
def test_every_class_of_a_covered_section_has_a_row(code: str) -> None:
    row = sizes.row_of(code)

    outside = {"53", "83", "84", *(str(number) for number in range(66, 70))}
    if code in outside or code >= "91":
        assert row is None
    else:
        assert row is not None


@pytest.mark.parametrize("code", ["59", "70"])
def test_split_class_needs_three_digits(code: str) -> None:
    with pytest.raises(sizes.TooCoarse):
        sizes.classify(industry=code, employees=50, revenue_fen=1, assets_fen=1)


def test_loading_is_transport_and_not_storage() -> None:
    loading, storage = sizes.row_of("591"), sizes.row_of("592")

    assert loading is not None
    assert storage is not None
    assert (loading.id, storage.id) == ("transport", "warehousing")


@pytest.mark.parametrize(
    ("code", "missing"),
    [("34", "employees"), ("01", "revenue"), ("47", "revenue"), ("71", "assets")],
)
def test_missing_figure_is_named(code: str, missing: str) -> None:
    given: dict[str, Any] = {"employees": 10, "revenue_fen": 10, "assets_fen": 10}
    given["employees" if missing == "employees" else f"{missing}_fen"] = None

    with pytest.raises(sizes.MissingIndicator) as caught:
        sizes.classify(industry=code, **given)

    assert caught.value.indicator == missing


def test_figure_that_the_row_ignores_may_be_missing() -> None:
    sizing = sizes.classify(industry="01", employees=None, revenue_fen=500 * WAN, assets_fen=None)

    assert sizing.level == sizes.MEDIUM


def test_all_forty_worked_cases(shared_data: Path) -> None:
    cases = json.loads((shared_data / "sme_cases.json").read_text(encoding="utf-8"))

    answers = {case["id"]: _answer(case) for case in cases}

    expected = {
        case["id"]: case["expected"].replace("not_applicable", sizes.NOT_COVERED) for case in cases
    }
    assert len(cases) == 40
    assert answers == expected


def _answer(case: dict[str, Any]) -> str:
    named = re.search(r"\((\d+)\)", case["industry"])
    by_row = {row.id: row for row in ROWS}
    if named:
        code = named[1]
    else:
        code = next(
            each
            for each, row in industries.CLASSES.items()
            if row.section == case["section"] and each in _codes_of(by_row[case["rule_row"]])
        )

    def fen(wan: float | None) -> int | None:
        return None if wan is None else int(Decimal(str(wan)) * WAN)

    return sizes.classify(
        industry=code,
        employees=case["employees"],
        revenue_fen=fen(case["revenue_wan"]),
        assets_fen=fen(case["assets_wan"]),
    ).level


def _codes_of(row: sizes.Row) -> set[str]:
    return {
        code
        for code, each in industries.CLASSES.items()
        if each.section in row.industries or code in row.industries
    }
