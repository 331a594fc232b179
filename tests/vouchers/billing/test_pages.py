"""Pages of usage, bills, funds and periods."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.access import Actor
from accounts.models import Role
from providers.models import Meter, Subscription
from tests.factories import accounts, grants, providers
from tests.factories import usage as metered
from tests.factories.accounts import NOW
from vouchers.billing.actions import funds, periods
from vouchers.billing.actions.charging import rating
from vouchers.billing.models import Bill, BillStatus, ClosedPeriod, UsageBatch, UsageRollup
from vouchers.grants.models import Voucher

pytestmark = pytest.mark.django_db

MILLION = 1_000_000
SEPTEMBER = date(2026, 9, 1)
HEAD = "event_id,time,subscription,meter,quantity\n"


@pytest.fixture(autouse=True)
def frozen() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def subscription() -> Subscription:
    return providers.subscription()


@pytest.fixture
def bill(subscription: Subscription) -> Bill:
    """A closed bill of 2.00 yuan: voucher 0.60, own 1.00, outstanding 0.40."""
    grants.voucher(subscription.enterprise, grants.scheme(rules=metered.RULES))
    grants.funds(subscription.enterprise, 100)
    metered.use(subscription, datetime(2026, 9, 15, tzinfo=UTC), input_tokens=MILLION)
    periods.close(by=metered.settlement_officer(), month=SEPTEMBER, at=NOW)
    return Bill.objects.get()


def browser(actor: Actor, language: str = "zh-hans") -> Client:
    client = Client(headers={"Accept-Language": language})
    client.force_login(actor.user)
    return client


def page(client: Client, name: str, *args: object, expects: int = 200, **query: str) -> str:
    answer = client.get(reverse(f"vouchers:{name}", args=args), query)
    assert answer.status_code == expects
    return answer.content.decode()


def send(client: Client, name: str, *args: object, **data: Any) -> Any:
    return client.post(reverse(f"vouchers:{name}", args=args), data)


def test_usage_page_charts_days_from_rollups(subscription: Subscription) -> None:
    metered.use(subscription, input_tokens=374_000, output_tokens=44_000)
    metered.use(subscription, datetime(2026, 8, 1, tzinfo=UTC), input_tokens=999)
    client = browser(accounts.preparer(subscription.enterprise), "en")

    shown = page(client, "usage_list")
    older = page(client, "usage_list", since="2026-07-30", until="2026-08-02")

    assert 'data-chart="bar"' in shown
    assert 'data-value="0.374000"' in shown
    assert "2026-10-12" in shown
    assert "999" not in shown
    assert subscription.code in shown
    assert "999" in older
    assert 'data-value="0.374000"' not in older


def test_usage_page_is_for_both_sides(subscription: Subscription) -> None:
    metered.use(subscription, input_tokens=1)
    provider = browser(metered.operator(subscription.offering.provider))

    assert subscription.code in page(provider, "usage_list")
    assert subscription.code not in page(browser(accounts.preparer()), "usage_list")
    page(browser(accounts.officer()), "usage_list", expects=403)


def test_usage_page_takes_the_same_queries_for_any_number(subscription: Subscription) -> None:
    client = browser(accounts.preparer(subscription.enterprise))
    page(client, "usage_list")
    counts = []
    for more in (1, 2):
        for _ in range(more):
            metered.use(providers.subscription(subscription.enterprise), input_tokens=5)
        with CaptureQueriesContext(connection) as captured:
            page(client, "usage_list")
        counts.append(len(captured))

    assert counts[0] == counts[1]


def test_upload_answers_each_row(subscription: Subscription) -> None:
    client = browser(metered.operator(subscription.offering.provider), "en")
    good = f"a,2026-10-12 09:00:00,{subscription.code},{Meter.INPUT_TOKENS},7\n"
    bad = f"<b>,2026-10-12 09:00:00,{subscription.code},{Meter.INPUT_TOKENS},9.1E+17\n"
    content = (HEAD + good + bad).encode()

    answer = send(client, "usage_upload", file=SimpleUploadedFile("usage.csv", content))

    batch = UsageBatch.objects.get()
    assert (batch.channel, batch.accepted, batch.rejected) == ("file", 1, 1)
    assert answer["Location"] == reverse("vouchers:usagebatch_detail", args=[batch.code])
    shown = page(client, "usagebatch_detail", batch.code)
    assert "rounded_number" in shown
    assert "&lt;b&gt;" in shown
    assert batch.code in page(client, "usagebatch_list")
    stranger = browser(metered.operator(providers.provider()))
    page(stranger, "usagebatch_detail", batch.code, expects=404)
    assert batch.code not in page(stranger, "usagebatch_list")


def test_upload_checked_only_stores_nothing(subscription: Subscription) -> None:
    client = browser(metered.operator(subscription.offering.provider), "en")
    good = f"a,2026-10-12 09:00:00,{subscription.code},{Meter.INPUT_TOKENS},7\n"
    content = (HEAD + good + "=1+1,x,SB,calls,1\n").encode()

    answer = send(client, "usage_upload", file=SimpleUploadedFile("u.csv", content), trial="1")

    shown = answer.content.decode()
    assert (answer.status_code, "invalid_time" in shown, "nothing has been stored" in shown) == (
        200,
        True,
        True,
    )
    assert not UsageBatch.objects.exists()
    assert not UsageRollup.objects.exists()
    send(client, "usage_upload", file=SimpleUploadedFile("u.csv", content))
    code = UsageBatch.objects.get().code
    result = client.get(reverse("vouchers:usagebatch_result", args=[code])).content.decode()
    assert "2,'=1+1,rejected,invalid_time," in result


def test_pages_never_read_single_events(bill: Bill) -> None:
    metered.use(bill.subscription, input_tokens=5)
    batch = UsageBatch.objects.first()
    client = browser(metered.operator(bill.provider), "en")
    officer = browser(metered.settlement_officer(), "en")
    addresses: list[tuple[Client, str, list[str]]] = [
        (client, "usage_list", []),
        (client, "usagebatch_list", []),
        (client, "usagebatch_detail", [batch.code if batch else ""]),
        (client, "bill_list", []),
        (client, "bill_detail", [bill.code]),
        (officer, "period_list", []),
    ]

    with CaptureQueriesContext(connection) as captured:
        for caller, name, args in addresses:
            page(caller, name, *args)

    assert len(captured) > 10
    assert [each["sql"] for each in captured if "vouchers_usageevent" in each["sql"]] == []


@pytest.mark.parametrize(
    "content", [b"a,b\n1,2\n", b"\xff\xff\x80", (HEAD + "x\n" * 5_001).encode()]
)
def test_upload_of_another_file_is_an_error_of_the_form(
    subscription: Subscription, content: bytes
) -> None:
    client = browser(metered.operator(subscription.offering.provider))

    answer = send(client, "usage_upload", file=SimpleUploadedFile("usage.csv", content))

    assert answer.status_code == 422
    assert not UsageBatch.objects.exists()


def test_bill_page_shows_what_was_used_and_who_pays(bill: Bill) -> None:
    voucher = Voucher.objects.get()

    own = page(browser(accounts.preparer(bill.enterprise), "en"), "bill_detail", bill.code)
    theirs = page(browser(metered.operator(bill.provider), "en"), "bill_detail", bill.code)

    for part in ("¥2.00", "¥0.60", "¥1.00", "¥0.40"):
        assert part in own
    assert "million tokens" in own
    assert voucher.code in own
    assert voucher.code not in theirs
    assert voucher.scheme.name_en in theirs
    page(browser(accounts.preparer()), "bill_detail", bill.code, expects=404)


def test_bill_list_filters_by_state_and_month(bill: Bill) -> None:
    client = browser(accounts.preparer(bill.enterprise))

    assert bill.code in page(client, "bill_list")
    assert bill.code in page(client, "bill_list", status="closed", since="2026-09")
    assert bill.code not in page(client, "bill_list", status="open")
    assert bill.code not in page(client, "bill_list", until="2026-08")
    assert bill.code in page(browser(metered.operator(bill.provider)), "bill_list")


def test_bill_is_confirmed_by_the_signatory_and_a_double_click_is_harmless(bill: Bill) -> None:
    signatory = browser(accounts.signatory(bill.enterprise))
    preparer = browser(accounts.preparer(bill.enterprise))

    assert reverse("vouchers:bill_confirm", args=[bill.code]) in page(
        signatory, "bill_detail", bill.code
    )
    assert "/confirm/" not in page(preparer, "bill_detail", bill.code)
    assert send(preparer, "bill_confirm", bill.code).status_code == 403
    page(signatory, "bill_confirm", bill.code)
    for _ in range(2):
        assert send(signatory, "bill_confirm", bill.code).status_code == 302
    bill.refresh_from_db()
    assert bill.status == BillStatus.CONFIRMED


def test_bill_is_disputed_with_a_reason(bill: Bill) -> None:
    signatory = browser(accounts.signatory(bill.enterprise))

    empty = send(signatory, "bill_dispute", bill.code, reason=" ")
    answer = send(signatory, "bill_dispute", bill.code, reason="<script>9月15日")
    again = send(signatory, "bill_dispute", bill.code, reason="other")

    assert (empty.status_code, answer.status_code, again.status_code) == (422, 302, 302)
    assert again["Location"] == answer["Location"]
    shown = page(browser(metered.operator(bill.provider)), "bill_detail", bill.code)
    assert "&lt;script&gt;9月15日" in shown


def test_funds_page_shows_balance_and_movements(bill: Bill) -> None:
    client = browser(accounts.preparer(bill.enterprise), "en")

    shown = page(client, "funds_detail")

    assert "¥0.40" in shown
    assert "−¥1.00" in shown
    assert bill.code in shown
    assert bill.enterprise.code in shown
    assert bill.code not in page(browser(accounts.preparer(), "en"), "funds_detail")


def test_receipt_is_recorded_once(bill: Bill) -> None:
    client = browser(metered.settlement_officer(), "en")
    data = {"enterprise": bill.enterprise.uscc, "amount": "１,234.56", "reference": "B-1"}

    for _ in range(2):
        assert send(client, "deposit_create", **data).status_code == 302
    conflict = send(client, "deposit_create", **data | {"amount": "1"})
    unknown = send(client, "deposit_create", **data | {"enterprise": "91"})

    assert funds.balance(enterprise=bill.enterprise).available_fen == 123_456
    assert (conflict.status_code, unknown.status_code) == (422, 422)
    assert 'value="B-1"' in conflict.content.decode()
    shown = page(client, "deposit_create")
    assert "¥1,234.56" in shown
    assert bill.enterprise.code in shown
    page(browser(accounts.signatory(bill.enterprise)), "deposit_create", expects=403)


def test_period_is_closed_after_a_preview(subscription: Subscription) -> None:
    metered.use(subscription, datetime(2026, 9, 15, tzinfo=UTC), input_tokens=MILLION)
    rating.tick(at=NOW)
    metered.use(subscription, input_tokens=MILLION)
    client = browser(metered.settlement_officer(), "en")

    listed = page(client, "period_list")
    preview = page(client, "period_close", SEPTEMBER)
    early = send(client, "period_close", date(2026, 10, 1))
    closed = send(client, "period_close", SEPTEMBER)

    assert reverse("vouchers:period_close", args=[SEPTEMBER]) in listed
    assert reverse("vouchers:period_close", args=[date(2026, 10, 1)]) not in listed
    assert "¥2.00" in preview
    assert early.status_code == 422
    assert closed.status_code == 302
    assert ClosedPeriod.objects.get().month == SEPTEMBER
    assert "2026-09" in page(client, "period_list")
    page(browser(accounts.officer(None, Role.AUDITOR)), "period_list", expects=403)


def test_home_tells_what_waits(bill: Bill, subscription: Subscription) -> None:
    metered.use(subscription, datetime(2026, 8, 15, tzinfo=UTC), input_tokens=1)
    rating.tick(at=NOW)

    signatory = browser(accounts.signatory(bill.enterprise), "en").get("/").content.decode()
    officer = browser(metered.settlement_officer(), "en").get("/").content.decode()

    assert "Bills to confirm" in signatory
    assert "Subscriptions stopped for lack of funds" in signatory
    assert "Months to close" in officer
