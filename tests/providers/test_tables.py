"""Uploaded tables: read exactly, and refused in words where a spreadsheet program spoiled them."""

import pytest

from providers.rules import tables
from tests.factories.workbooks import bomb, workbook

COLUMNS = ("name", "amount", "day")


def read(content: bytes) -> list[tables.Row]:
    return tables.read(content, COLUMNS, ["name"])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_in_every_encoding_reads_the_same(encoding: str) -> None:
    content = "name,amount\r\n庆阳云算,2.50\r\n\r\n镇原,3\r\n".encode(encoding)

    assert [(row.number, row.cells) for row in read(content)] == [
        (2, {"name": "庆阳云算", "amount": "2.50"}),
        (4, {"name": "镇原", "amount": "3"}),
    ]


def test_workbook_reads_numbers_days_and_texts() -> None:
    from datetime import datetime

    day = datetime(2026, 10, 1)  # noqa: DTZ001 - as workbooks keep it

    (row,) = read(workbook(("name", "amount", "day"), ("甲", 2.5, day), (None, None, None)))

    assert row.cells == {"name": "甲", "amount": "2.5", "day": "2026-10-01"}


@pytest.mark.parametrize("text", ["9.1E+17", "9.1e+17", "9.16210200000000E+17"])
def test_number_that_a_spreadsheet_shortened_is_named(text: str) -> None:
    (row,) = read(f"name,amount\n甲,{text}\n".encode())

    assert row.faults == {"amount": "cell_shortened"}


def test_long_number_in_a_workbook_is_named() -> None:
    (row,) = read(workbook(("name", "amount"), ("甲", 916210200000000000)))

    assert row.faults == {"amount": "cell_shortened"}


@pytest.mark.parametrize("text", ["=1+1", "@SUM(A1)", "+cmd|x"])
def test_formula_is_named(text: str) -> None:
    (row,) = read(f"name,amount\n甲,{text}\n".encode())
    (cell,) = read(workbook(("name", "amount"), ("甲", "=1+1")))

    assert row.faults == {"amount": "cell_formula"}
    assert cell.faults == {"amount": "cell_formula"}


def test_negative_number_is_no_formula_and_our_own_escape_is_undone() -> None:
    (row,) = read(b"name,amount\n'=A1,-2.5\n")

    assert (row.cells, row.faults) == ({"name": "=A1", "amount": "-2.5"}, {})


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", "table_empty"),
        (b"  \n", "table_empty"),
        (b"PK\x03\x04 no zip", "table_unreadable"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "table_locked"),
        (b"\xff\xff\xff", "table_unreadable"),
        (b"name,name\nx,y\n", "table_columns"),
        (b"name,colour\nx,y\n", "table_columns"),
        (b"amount\n3\n", "table_columns"),
        (b'name\n"open', "table_unreadable"),
        (b"name\n" + b"x\n" * 5_001, "table_too_long"),
        (b"x" * 10_000_001, "table_too_large"),
        (workbook(("name", "amount"), ("a", 1), ("b", 2), merge="A2:A3"), "table_merged_cells"),
    ],
)
def test_file_that_is_no_such_table_refused(content: bytes, fault: str) -> None:
    with pytest.raises(tables.BadTable) as refusal:
        read(content)

    assert refusal.value.fault == fault


def test_bomb_refused_before_it_is_unpacked() -> None:
    content = bomb()

    with pytest.raises(tables.BadTable) as refusal:
        read(content)

    assert len(content) < 100_000
    assert refusal.value.fault == "table_too_large"
