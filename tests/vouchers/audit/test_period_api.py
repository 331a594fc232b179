"""API of locked periods, reconciliation and line files; what those files hold survives a spreadsheet program."""

import csv
import io
from typing import Any

import pytest
from openpyxl import load_workbook

from accounts.models import Organization
from providers.models import Offering
from tests.factories import accounts
from tests.factories.accounts import NOW
from tests.factories.audit import City
from tests.vouchers.audit.test_api import post, url
from tests.vouchers.audit.test_pages import signed_in
from vouchers.audit.actions import line_files
from vouchers.audit.models import PeriodLock
from vouchers.billing.models import ClosedPeriod

pytestmark = pytest.mark.django_db

FORMULA = '=HYPERLINK("http://x.example","付")'
LONG = "911234567890123456"  # 18 digits: more than a number in a spreadsheet keeps


@pytest.fixture
def city() -> City:
    return City()


def test_month_is_read_and_locked_at_its_totals(city: City) -> None:
    city.passed(3_000)
    ClosedPeriod.objects.create(month="2026-09-01", closed_at=NOW, closed_by=city.officer.user)
    where = (city.scheme.code, "2026-09")
    officer, auditor = signed_in(city.officer), signed_in(city.auditor)

    read = auditor.get(url("period-totals", *where)).json()
    refused = post(officer, url("period-lock", *where), {"lines": 2, "amount": read["amount"]})
    locked = post(officer, url("period-lock", *where), {"lines": 1, "amount": read["amount"]})
    strangers = [
        signed_in(City().officer).get(url("period-totals", *where)).status_code,
        post(auditor, url("period-lock", *where), {"lines": 1, "amount": "30.00"}).status_code,
        signed_in(city.finance).get(url("period-lock-list")).json()["results"],
    ]

    assert (read["lines"], read["add_up"]) == (1, True)
    assert (refused.status_code, locked.status_code) == (409, 200)
    assert strangers == [404, 403, []]
    assert PeriodLock.objects.get().amount_fen == 3_000
    [row] = officer.get(url("period-lock-list")).json()["results"]
    assert (row["month"], row["lines"]) == ("2026-09", 1)


def test_reconciliation_is_read_by_the_auditor_and_the_provider(city: City) -> None:
    claim = city.submitted(3_000)
    operator = accounts.member(city.provider.organization, "operator")

    days = signed_in(city.auditor).get(url("audit-sides", claim.code)).json()
    own = signed_in(operator).get(url("statement-sides", "2026-09")).json()

    # 100.00 yuan at 2 yuan a million: 50 million tokens on two days
    assert sum(day["metered"] for day in days) == 50_000_000
    assert own == days
    assert {day["finding"] for day in days} == {"absent_stated"}
    assert signed_in(City().auditor).get(url("audit-sides", claim.code)).status_code == 404


def cells(content: bytes) -> list[list[Any]]:
    """The rows of a workbook, an empty cell as an empty text, amounts with two decimals."""
    rows = load_workbook(io.BytesIO(content)).worksheets[0].iter_rows(values_only=True)
    return [[f"{v:.2f}" if isinstance(v, float | int) else v or "" for v in row] for row in rows]


def test_line_files_keep_long_numbers_and_no_formula(city: City) -> None:
    Organization.objects.filter(pk=city.provider.organization_id).update(name=FORMULA, uscc=LONG)
    batch = city.signed(123_456)
    officer = signed_in(city.officer)

    started = post(officer, url("line-file-list", batch.code))
    line_files.carry_out(code=started.json()["job"], at=NOW)
    listed = officer.get(url("line-file-list", batch.code)).json()
    table, sheet = (
        officer.get(url("line-file-read", batch.code, form)).content for form in ("csv", "xlsx")
    )
    abroad = signed_in(City().officer).get(url("line-file-read", batch.code, "csv"))

    plain = list(csv.reader(io.StringIO(table.decode("utf-8-sig"))))
    named = dict(zip(plain[0], plain[1], strict=True))
    book = load_workbook(io.BytesIO(sheet)).worksheets[0]
    assert (started.status_code, abroad.status_code) == (202, 404)
    assert [each["form"] for each in listed] == ["csv", "xlsx"]
    assert named["provider_name"] == f"'{FORMULA}"
    assert {cell.data_type for row in book.iter_rows() for cell in row} <= {"s", "n"}
    assert [[text.removeprefix("'") for text in row] for row in plain] == cells(sheet)
    assert LONG in cells(sheet)[1]


def test_reconciliation_file_keeps_no_formula_and_reads_back_equal(city: City) -> None:
    claim = city.submitted(3_000)
    Offering.objects.update(name=FORMULA)
    auditor = signed_in(city.auditor)

    address = f"/audits/{claim.code}/sides/?form=csv"
    content = auditor.get(address).content
    days = auditor.get(url("audit-sides", claim.code)).json()

    [header, *rows] = csv.reader(io.StringIO(content.decode("utf-8-sig")))
    found = [dict(zip(header, row, strict=True)) for row in rows]
    assert {row["offering"] for row in found} == {f"'{FORMULA}"}
    assert [(row["day"], int(row["metered"]), row["stated"]) for row in found] == [
        (day["day"], day["metered"], "") for day in days
    ]
