"""What everybody may read: payments that stand, no person's name, no number; open data; sealed heads and verifier."""

import csv
import io
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import OrganizationKind
from tests.factories import accounts, audit, providers
from tests.factories.accounts import NOW
from tests.factories.audit import City
from vouchers.audit.actions import payment_results
from vouchers.audit.rules.publishing import payee_name

pytestmark = pytest.mark.django_db

LIST, FILE = "/payments/", "/payments.csv"


def visitor() -> Client:
    return Client(headers={"accept-language": "en"})


def table(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


@pytest.mark.parametrize(
    ("name", "code", "person", "shown"),
    [
        ("庆阳智算科技有限公司", "91621000MA7XXXXX1A", "王小明", "庆阳智算科技有限公司"),
        ("庆阳王小明智算有限公司", "91621000MA7XXXXX1A", "王小明", "庆阳王＊＊智算有限公司"),
        ("西峰区王小明餐饮店", "92621002MA7XXXXX1A", "王小明", "西峰区王＊＊餐饮店"),
        ("西峰区小明算力店", "92621002MA7XXXXX1A", "王小明", "西峰区小＊＊力店"),
        ("小明店", "92621002MA7XXXXX1A", "王小明", "小＊店"),
        ("庆阳王智算有限公司", "91621000MA7XXXXX1A", "王", "庆阳王智算有限公司"),
    ],
)
def test_name_is_published_without_a_person(name: str, code: str, person: str, shown: str) -> None:
    assert payee_name(name=name, credit_code=code, legal_person=person) == shown


def test_list_and_file_tell_payments_that_stand_and_no_number() -> None:
    city = City()
    batch = city.paid(3_000)
    waiting = audit.other_provider(city)
    waiting.passed(2_000)

    page = visitor().get(LIST)
    file = visitor().get(FILE)

    text = page.content.decode()
    payment = batch.payments.get()
    assert "¥30.00" in text
    assert city.provider.organization.name in text
    assert waiting.provider.organization.name not in text
    told = text + file.content.decode()
    for hidden in (
        batch.code,
        city.voucher.code,
        city.provider.code,
        payment.account.account_number,
    ):
        assert hidden not in told
    assert city.provider.organization.uscc not in told
    head, *rows = table(file.content)
    assert head == ["paid_on", "scheme", "bureau", "payee", "amount_yuan"]
    assert rows == [
        [
            "2026-10-12",
            city.scheme.name,
            city.scheme.bureau.name,
            city.provider.organization.name,
            "30.00",
        ]
    ]
    assert file["Link"] == '<https://creativecommons.org/licenses/by/4.0/>; rel="license"'


def test_returned_payment_is_not_published() -> None:
    city = City()
    batch = city.paid(3_000)
    payment = batch.payments.get()
    answer = "position,amount,result,bank_serial,reason\r\n1,30.00,returned,S1,account closed\r\n"
    assert payment.status == "paid"

    payment_results.record(
        by=city.officer, settlement=batch, content=answer.encode(), at=NOW + timedelta(days=1)
    )

    assert table(visitor().get(FILE).content)[1:] == []


def test_filter_keeps_scheme_and_days_of_shanghai() -> None:
    with time_machine.travel(NOW, tick=False):
        city, other = City(), City()
        city.paid(3_000)
        other.paid(2_000)

        def amounts(**query: str) -> list[str]:
            return sorted(row[4] for row in table(visitor().get(FILE, query).content)[1:])

        assert amounts() == ["20.00", "30.00"]
        assert amounts(scheme=city.scheme.code) == ["30.00"]
        assert amounts(since="2026-10-12", until="2026-10-12") == ["20.00", "30.00"]
        assert amounts(since="2026-10-13") == []
        assert amounts(until="2026-10-11") == []


def test_formula_in_a_name_is_escaped() -> None:
    company = accounts.organization(OrganizationKind.PROVIDER, name="=cmd|'/c calc'!A1 公司")
    City(provider=providers.provider(company)).paid(3_000)

    [row] = table(visitor().get(FILE).content)[1:]

    assert row[3] == "'=cmd|'/c calc'!A1 公司"


def test_list_asks_as_often_for_three_payments_as_for_one() -> None:
    city = City()
    city.paid(3_000)
    visitor().get(LIST)
    counts = []
    for more in (0, 2):
        for _number in range(more):
            audit.other_provider(city).paid(1_000)
        with CaptureQueriesContext(connection) as seen:
            visitor().get(LIST)
        counts.append(len(seen))

    assert counts[0] == counts[1] <= 5


def test_one_place_is_held_to_its_rate() -> None:
    with time_machine.travel(NOW, tick=False):
        answers = [visitor().get(FILE).status_code for _ in range(11)]

    assert answers == [200] * 10 + [429]


def test_heads_are_listed_and_the_verifier_is_the_products_own() -> None:
    with time_machine.travel(NOW, tick=False):
        first = audit.sealed(NOW - timedelta(days=1))
        last = audit.sealed(NOW - timedelta(minutes=1))

        page = visitor().get("/seal/").content.decode()
        rows = table(visitor().get("/seal/heads.csv").content)

    assert last.hash in page
    assert [row[:4] for row in rows[1:]] == [
        ["2026-10-12", "2", "sha256", last.hash],
        ["2026-10-11", "1", "sha256", first.hash],
    ]
    here = Path("vouchers/ledger")
    for name in ("verify.py", "verify_package.py"):
        assert visitor().get(f"/seal/{name}").content == (here / name).read_bytes()
