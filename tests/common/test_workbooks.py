"""The one reader of workbooks: what was meant, or why nobody can know."""

from datetime import datetime

import pytest

from common import workbooks
from common.workbooks import BadWorkbook, Spoiled
from tests.factories.workbooks import bomb, changed, workbook

SHEET = "xl/worksheets/sheet1.xml"


def test_cells_are_what_was_meant_or_named() -> None:
    day = datetime(2026, 10, 1, 9, 30)  # noqa: DTZ001 - as workbooks keep it

    rows = list(
        workbooks.read_rows(workbook(("甲", 7, 2.5, day, day.date(), True, None), ("=1+1", 10**15)))
    )

    assert rows[0] == ["甲", 7, 2.5, day, day.date(), True]
    assert rows[1] == [Spoiled.FORMULA, Spoiled.SHORTENED]


def test_text_that_looks_like_a_number_stays_text() -> None:
    ((cell,),) = workbooks.read_rows(workbook(("0123456789012345678",)))

    assert cell == "0123456789012345678"


def test_merged_cells_of_another_sheet_do_not_matter() -> None:
    plain = workbook(("a",), ("b",), notes="A1:C3")
    merged = workbook(("a",), ("b",), merge="A1:A2")
    prefixed = changed(merged, SHEET, b"<mergeCell ", b"<x:mergeCell ")

    assert list(workbooks.read_rows(plain)) == [["a"], ["b"]]
    for content in (merged, prefixed):
        with pytest.raises(BadWorkbook) as refusal:
            list(workbooks.read_rows(content))
        assert refusal.value.fault == "merged_cells"


def test_row_with_an_impossible_number_is_no_endless_loop() -> None:
    content = changed(workbook(("a",), ("b",)), SHEET, b'<row r="2"', b'<row r="99999999999999"')

    with pytest.raises(BadWorkbook) as refusal:
        for _row in workbooks.read_rows(content):
            pass

    assert refusal.value.fault == "too_large"


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (bomb(), "too_large"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 encrypted", "locked"),
        (b"PK\x03\x04 no zip", "unreadable"),
        (changed(workbook(("a",)), "xl/workbook.xml", b"<sheets>", b"<sheats>"), "unreadable"),
        (changed(workbook(("a",)), SHEET, b"<sheetData>", b"<sheetData"), "unreadable"),
    ],
    ids=["bomb", "locked", "no zip", "broken book", "broken sheet"],
)
def test_file_that_is_no_workbook_is_refused(content: bytes, fault: str) -> None:
    with pytest.raises(BadWorkbook) as refusal:
        list(workbooks.read_rows(content))

    assert refusal.value.fault == fault
