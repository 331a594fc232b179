"""Every table the wing gives away, found by asking each address: no formula, long numbers text, read back equal."""

import csv
import io
import re
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
import time_machine
from django.urls import reverse

from accounts.models import OrganizationKind
from tests.architecture.examples import everything
from tests.architecture.routes import Route, of_the_product
from tests.factories import accounts, audit, providers
from tests.factories.accounts import NOW
from tests.factories.audit import City
from tests.vouchers.audit.test_pages import signed_in

pytestmark = pytest.mark.django_db

HOSTILE = '=HYPERLINK("http://x","看")'
ACCOUNT = "622202090300148307"
"""18 digits: a spreadsheet that takes them for a number shows 6.22202E+17 and loses the last ones."""
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
TABLES = {
    "api-settlement-file",
    "vouchers:burndown_csv",
    "vouchers:disclosure_csv",
    "vouchers:seal_heads_csv",
    "vouchers:settlement_file",
    "vouchers:settlement_splits",
}
"""Addresses of the wing that answer with a table; a new one is found below and must be named here."""


@pytest.fixture
def city(monkeypatch: pytest.MonkeyPatch) -> City:
    """A city whose provider bears a formula for a name and has an account number of 18 digits."""
    company = accounts.organization(OrganizationKind.PROVIDER, name=HOSTILE)
    city = City(provider=providers.provider(company))
    city.account(ACCOUNT)
    audit.sealed(NOW - timedelta(days=1))
    return city


def rows_of(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def answers(city: City, code: str) -> dict[str, bytes]:
    """What each address of the wing answers as CSV to an officer with every role."""
    officer = signed_in(everything(city.scheme.bureau, OrganizationKind.BUREAU))
    found = {}
    for route in of_the_product():
        if not route.module.startswith("vouchers.audit") or "get" not in route.methods:
            continue
        answer: Any = officer.get(_address(route, city, code))
        if str(answer.get("Content-Type", "")).startswith("text/csv"):
            found[route.name] = answer.content
    return found


def _address(route: Route, city: City, code: str) -> str:
    given = {"scheme_code": city.scheme.code, "position": 1, "month": "2026-09", "form": "csv"}
    of_scheme = route.path.startswith("schemes/")
    values = {
        name: given.get(name, city.scheme.code if of_scheme else code) for name in route.parameters
    }
    return reverse(route.name, kwargs=values)


def test_no_cell_of_any_table_is_taken_for_a_formula(city: City) -> None:
    with time_machine.travel(NOW, tick=False):
        batch = city.paid(3_000)
        found = answers(city, batch.code)

    assert set(found) == TABLES
    for name, content in found.items():
        assert content.startswith(b"\xef\xbb\xbf"), name
        for row in rows_of(content):
            for cell in row:
                assert not cell.startswith(("=", "+", "-", "@", "\t", "\r")) or NUMBER.fullmatch(
                    cell
                ), f"{name}: {cell}"
    payments = rows_of(found["vouchers:settlement_file"])
    assert f"'{HOSTILE}" in payments[1]
    assert ACCOUNT in payments[1]


def test_workbook_reads_back_equal_and_long_numbers_are_text(city: City) -> None:
    with time_machine.travel(NOW, tick=False):
        batch = city.paid(3_000)
        address = reverse("vouchers:settlement_file", args=[batch.code])
        officer = signed_in(city.officer)
        content = officer.get(address, {"form": "xlsx"}).content
        table = rows_of(officer.get(address).content)

    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    cells = list(sheet.iter_rows())

    assert not [cell for row in cells for cell in row if cell.data_type == "f"]
    head = [str(cell.value) for cell in cells[0]]
    account = cells[1][head.index("payee_account")]
    assert (account.value, account.data_type) == (ACCOUNT, "s")
    assert cells[1][head.index("payee_name")].value == HOSTILE
    read = [[_text(cell.value) for cell in row] for row in cells]
    assert read == [[cell.removeprefix("'") for cell in row] for row in table]


def _text(value: object) -> str:
    if value is None:
        return ""
    return f"{value:.2f}" if isinstance(value, int | float) else str(value)
