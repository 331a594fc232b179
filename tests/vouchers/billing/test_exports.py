"""Statements of bills as files: who gets which, what stands in them, to the fen."""

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import override
from pypdf import PdfReader

from accounts.access import Actor
from accounts.models import OrganizationKind, Role
from providers.models import Subscription
from tests.architecture.examples import everything
from tests.factories import accounts, grants, providers
from tests.factories import usage as metered
from tests.factories.accounts import NOW
from vouchers.billing.actions import periods
from vouchers.billing.actions.charging import rating
from vouchers.billing.exports import files
from vouchers.billing.models import Bill
from vouchers.grants.models import Voucher

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

OCTOBER = date(2026, 10, 1)
MILLION = 1_000_000


@pytest.fixture
def english() -> Iterator[None]:
    with override("en"):
        yield


@pytest.fixture
def subscription() -> Subscription:
    """A free million input tokens, then 2.00, in requests over eight million 6.00; output 8.00."""
    offering = providers.offering(name="=危险的名字")
    providers.rate(offering, price_yuan="0")
    providers.rate(offering, price_yuan="2", volume_from=MILLION)
    providers.rate(offering, price_yuan="6", context_from=8 * MILLION)
    providers.rate(offering, "output_tokens", "8")
    firm = accounts.organization(uscc="123456789012345678")
    return providers.subscription(firm, offering)


@pytest.fixture
def voucher(subscription: Subscription) -> Voucher:
    return grants.voucher(subscription.enterprise, grants.scheme(rules=metered.RULES))


@pytest.fixture
def bill(subscription: Subscription, voucher: Voucher) -> Bill:
    """Of 26.00 yuan the voucher pays 7.80, the firm 10.00; 8.20 are outstanding."""
    grants.funds(subscription.enterprise, 1_000)
    metered.use(subscription, input_tokens=6 * MILLION, output_tokens=2 * MILLION)
    assert rating.tick(at=NOW).rated == 1
    return Bill.objects.get()


def firm(bill: Bill) -> Actor:
    return accounts.signatory(bill.enterprise)


def seller(bill: Bill) -> Actor:
    return accounts.member(bill.provider.organization, Role.PROVIDER_FINANCE)


def office(voucher: Voucher) -> Actor:
    return accounts.member(voucher.scheme.bureau, Role.SETTLEMENT_OFFICER)


def rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def client(actor: Actor, language: str = "en") -> Client:
    made = Client(headers={"accept-language": language})
    made.force_login(actor.user)
    return made


def test_csv_lists_charges_and_payments_to_the_fen(bill: Bill, voucher: Voucher) -> None:
    found = files.of_bill(by=firm(bill), code=bill.code, form="csv")

    entries = [
        (row["Entry"], row["Quantity in base units"], row["Amount in yuan"])
        for row in rows(found.content)
    ]
    assert entries == [
        ("Usage", "1000000", "0.00"),
        ("Usage", "5000000", "10.00"),
        ("Usage", "2000000", "16.00"),
        ("Voucher", "", "7.80"),
        ("Own funds", "", "10.00"),
        ("Outstanding", "", "8.20"),
    ]
    first = rows(found.content)[0]
    assert first["Offering"] == "'=危险的名字"
    assert first["Unified social credit code"] == "'123456789012345678"
    assert voucher.code in found.content.decode()
    assert (found.name, found.content_type) == (f"{bill.code}.csv", "text/csv; charset=utf-8")


def test_xlsx_keeps_text_as_text_and_has_no_formula(bill: Bill) -> None:
    found = files.of_bill(by=firm(bill), code=bill.code, form="xlsx").content

    book = zipfile.ZipFile(io.BytesIO(found))
    sheets = [book.read(f"xl/worksheets/sheet{number}.xml").decode() for number in (1, 2)]
    texts = book.read("xl/sharedStrings.xml").decode()
    assert "<f>" not in "".join(sheets)
    assert "<t>=危险的名字</t>" in texts
    assert "<t>123456789012345678</t>" in texts
    assert [16 in _amounts(sheet) for sheet in sheets] == [True, False]
    assert [8.2 in _amounts(sheet) for sheet in sheets] == [False, True]
    assert found == files.of_bill(by=firm(bill), code=bill.code, form="xlsx").content


def test_pdf_shows_lines_payers_and_total(bill: Bill) -> None:
    found = files.of_bill(by=firm(bill), code=bill.code, form="pdf").content

    text = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(found)).pages)
    for words in (bill.code, "¥26.00", "¥7.80", "¥10.00", "¥8.20", "¥8.00 / million tokens"):
        assert words in text
    assert "2026-10" in text
    assert found == files.of_bill(by=firm(bill), code=bill.code, form="pdf").content


def test_focus_adds_up_to_the_bill(bill: Bill, voucher: Voucher) -> None:
    found = rows(files.of_bill(by=firm(bill), code=bill.code, form="focus").content)

    billed = [(row["ChargeCategory"], Decimal(row["BilledCost"])) for row in found]
    assert [row["BilledCost"] for row in found] == ["0.00", "10.00", "16.00", "-7.80"]
    assert sum(fen for kind, fen in billed if kind != "Credit") == Decimal("26.00")
    assert sum(fen for _, fen in billed) == Decimal("18.20")
    assert found[1]["SkuPriceId"].endswith("/input_tokens/0/1000000")
    assert {row["InvoiceId"] for row in found} == {bill.code}
    assert found[-1]["x_VoucherId"] == voucher.code


def test_focus_price_change_splits_the_charge_period(subscription: Subscription) -> None:
    middle = date(2026, 10, 6)
    subscription.offering.rates.filter(meter="output_tokens").update(
        effective=(date(2023, 1, 1), middle)
    )
    providers.rate(subscription.offering, "output_tokens", "9", effective=(middle, None))
    for at in (NOW, NOW - timedelta(days=9)):
        metered.use(subscription, at - timedelta(hours=1), at, output_tokens=MILLION)
    rating.tick(at=NOW)
    paid = Bill.objects.get()

    found = rows(files.of_bill(by=firm(paid), code=paid.code, form="focus").content)

    periods = [
        (row["ChargePeriodStart"], row["ChargePeriodEnd"], row["BilledCost"]) for row in found
    ]
    assert periods == [
        ("2026-09-30T16:00:00Z", "2026-10-05T16:00:00Z", "8.00"),
        ("2026-10-05T16:00:00Z", "2026-10-31T16:00:00Z", "9.00"),
    ]


def test_usage_of_a_closed_month_is_a_correction_in_the_next(subscription: Subscription) -> None:
    """A million output tokens of September come late: 8.00 yuan in October's bill."""
    september = date(2026, 9, 1)
    early = NOW - timedelta(days=20)
    metered.use(subscription, early, output_tokens=MILLION)
    rating.tick(at=NOW)
    periods.close(by=metered.settlement_officer(), month=september, at=NOW)
    metered.use(subscription, early, output_tokens=MILLION)
    metered.use(subscription, output_tokens=2 * MILLION)
    rating.tick(at=NOW)
    late = Bill.objects.get(month=OCTOBER)

    found = rows(files.of_bill(by=firm(late), code=late.code, form="focus").content)

    stated = [(row["ChargeClass"], row["ChargePeriodStart"], row["BilledCost"]) for row in found]
    assert sorted(stated) == [
        ("", "2026-09-30T16:00:00Z", "16.00"),
        ("Correction", "2026-08-31T16:00:00Z", "8.00"),
    ]
    assert {row["BillingPeriodStart"] for row in found} == {"2026-09-30T16:00:00Z"}
    assert late.total_fen == 2_400
    listed = rows(files.of_bill(by=firm(late), code=late.code, form="csv").content)
    assert [row["Description"] for row in listed if row["Entry"] == "Correction"] == [
        "Output tokens · usage of 2026-09"
    ]


def test_month_has_all_bills_of_each_side_and_only_those(bill: Bill, voucher: Voucher) -> None:
    stranger = providers.subscription()
    metered.use(stranger, input_tokens=MILLION)
    rating.tick(at=NOW)

    for reader in (firm(bill), seller(bill), office(voucher)):
        found = rows(files.of_month(by=reader, month=OCTOBER, form="csv").content)
        assert {row["Bill"] for row in found} == {bill.code}
        assert not rows(files.of_month(by=reader, month=date(2026, 9, 1), form="focus").content)


@pytest.mark.parametrize(("who", "shown"), [(firm, True), (seller, False), (office, True)])
def test_code_of_a_voucher_is_for_its_holder_and_its_issuer(
    bill: Bill, voucher: Voucher, who: Any, shown: bool
) -> None:
    reader = who(voucher if who is office else bill)

    for form in ("csv", "focus"):
        content = files.of_month(by=reader, month=OCTOBER, form=form).content.decode()
        assert (voucher.code in content) == shown
        assert voucher.scheme.code in content or voucher.scheme.title in content


@pytest.mark.parametrize("form", files.FORMS)
def test_download_three_people(bill: Bill, form: str) -> None:
    page = reverse("vouchers:bill_file", args=[bill.code, form])
    stranger = accounts.signatory()
    viewer = accounts.member(bill.enterprise, Role.VIEWER)

    answer = client(firm(bill)).get(page)

    assert answer.status_code == 200
    assert bill.code in answer["content-disposition"]
    assert answer["cache-control"] == "private, no-store"
    assert client(seller(bill)).get(page).status_code == 200
    assert client(stranger).get(page).status_code == 404
    assert client(viewer).get(page).status_code == 403
    assert client(firm(bill)).get(page.replace(form, "docx")).status_code == 404


def test_bureau_sees_only_bills_its_own_schemes_paid(bill: Bill, voucher: Voucher) -> None:
    address = reverse("vouchers:bureau_month_file", args=[OCTOBER, "csv"])
    other = everything(accounts.bureau(), OrganizationKind.BUREAU)

    own = client(office(voucher)).get(address)
    foreign = client(other).get(address)

    assert {row["Bill"] for row in rows(own.content)} == {bill.code}
    assert rows(foreign.content) == []
    assert client(firm(bill)).get(address).status_code == 403


def test_pages_link_the_files(bill: Bill) -> None:
    signed_in = client(firm(bill))

    detail = signed_in.get(reverse("vouchers:bill_detail", args=[bill.code])).content.decode()
    listed = signed_in.get(reverse("vouchers:bill_list")).content.decode()

    for form in files.FORMS:
        assert reverse("vouchers:bill_file", args=[bill.code, form]) in detail
        assert reverse("vouchers:month_file", args=[OCTOBER, form]) in listed


def test_api_gives_the_same_file(bill: Bill) -> None:
    address = reverse("api-month-file", args=[OCTOBER, "focus"])

    answer = client(firm(bill)).get(address)

    assert answer.content == files.of_month(by=firm(bill), month=OCTOBER, form="focus").content


@pytest.mark.parametrize("form", ["csv", "focus"])
def test_month_takes_no_more_queries_for_more_bills(
    bill: Bill, subscription: Subscription, form: str
) -> None:
    reader = firm(bill)

    def count() -> int:
        with CaptureQueriesContext(connection) as found:
            files.of_month(by=reader, month=OCTOBER, form=form)
        return len(found)

    before = count()
    for _ in range(2):
        more = providers.subscription(subscription.enterprise, subscription.offering)
        metered.use(more, input_tokens=MILLION)
    rating.tick(at=NOW)

    assert Bill.objects.count() == 3
    assert count() == before


def _amounts(sheet: str) -> list[float]:
    """Numbers in the last column of a worksheet."""
    found = re.findall(r'<c r="N[0-9]+" s="[0-9]+"><v>([^<]+)</v>', sheet)
    return [float(number) for number in found]
