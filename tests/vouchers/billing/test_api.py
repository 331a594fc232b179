"""API of usage, bills, funds and periods."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
import time_machine
from cloudevents.conversion import to_binary, to_structured
from cloudevents.http import CloudEvent
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.access import Actor
from accounts.actions import keys
from accounts.models import Role
from accounts.permissions import Permission
from providers.models import Subscription
from tests.factories import accounts, grants, providers
from tests.factories import usage as metered
from tests.factories.accounts import NOW
from vouchers.billing.actions import periods
from vouchers.billing.actions.charging import rating
from vouchers.billing.models import Bill, UsageEvent, UsageRollup
from vouchers.billing.rules.events import EVENT_TYPE
from vouchers.grants.models import Voucher

pytestmark = pytest.mark.django_db

MILLION = 1_000_000
USAGE = "/api/v1/usage/"


@pytest.fixture(autouse=True)
def frozen() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def subscription() -> Subscription:
    return providers.subscription()


@pytest.fixture
def key(subscription: Subscription) -> Client:
    """A machine of the provider, with a key that may report usage and nothing else."""
    _key, token = keys.create(
        by=metered.operator(subscription.offering.provider),
        name="meter",
        scopes=[Permission.USAGE_REPORT],
        expires_at=NOW + timedelta(days=30),
        at=NOW,
    )
    return Client(headers={"Authorization": f"Bearer {token}"})


def caller(actor: Actor) -> Client:
    client = Client()
    client.force_login(actor.user)
    return client


def event(subscription: Subscription, number: int = 1, **changes: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "type": EVENT_TYPE,
        "source": "/clusters/a",
        "id": f"r-{number}",
        "time": "2026-10-12T09:00:00+08:00",
        "subject": subscription.code,
        "data": {"input_tokens": MILLION},
        **changes,
    }


def test_report_a_batch_answers_each_event(key: Client, subscription: Subscription) -> None:
    foreign = providers.subscription()
    sent = [
        event(subscription),
        event(subscription),
        event(subscription, data={"input_tokens": 5}),
        event(foreign, 2),
        event(subscription, 3, data={"input_tokens": -1}),
        event(subscription, 4),
    ]

    answer = key.post(USAGE, sent, "application/cloudevents-batch+json")

    assert answer.status_code == 200, answer.content
    body = answer.json()
    counts = (body["accepted"], body["duplicates"], body["conflicts"], body["rejected"])
    assert counts == (2, 1, 1, 2)
    assert [(row["index"], row["outcome"], row.get("code")) for row in body["events"]] == [
        (0, "accepted", None),
        (1, "duplicate", None),
        (2, "conflict", None),
        (3, "rejected", "unknown_subscription"),
        (4, "rejected", "invalid_quantity"),
        (5, "accepted", None),
    ]
    assert body["events"][4]["detail"]
    assert UsageEvent.objects.count() == 2


@pytest.mark.parametrize("kind", ["application/cloudevents+json", "application/json"])
def test_report_a_single_event(key: Client, subscription: Subscription, kind: str) -> None:
    answer = key.post(USAGE, json.dumps(event(subscription)), kind)

    assert answer.json()["events"] == [{"index": 0, "id": "r-1", "outcome": "accepted"}]


def test_report_from_the_official_sdk_is_taken_unchanged(
    key: Client, subscription: Subscription
) -> None:
    wanted = event(subscription)
    data = wanted.pop("data")
    structured_headers, structured = to_structured(CloudEvent(wanted, data))
    binary_headers, binary = to_binary(CloudEvent({**wanted, "id": "请求 2"}, data))
    change = {**wanted, "id": "c-1", "corrects": "请求 2"}
    change_headers, change_body = to_binary(CloudEvent(change, {"input_tokens": -MILLION}))

    found = [
        key.post(USAGE, structured, structured_headers["content-type"]),
        key.generic(
            "POST",
            USAGE,
            binary,
            binary_headers.get("content-type", ""),
            headers=spelled(binary_headers),
        ),
        key.generic(
            "POST", USAGE, change_body, "application/json", headers=spelled(change_headers)
        ),
        key.generic("POST", USAGE, b"[]", "", headers=spelled(binary_headers)),
    ]

    rows = [answer.json()["events"][0] for answer in found]
    assert [(row["id"], row.get("code") or row["outcome"]) for row in rows] == [
        ("r-1", "accepted"),
        ("请求 2", "accepted"),
        ("c-1", "accepted"),
        ("请求 2", "invalid_quantity"),
    ]
    assert UsageRollup.objects.get().quantity == MILLION


def spelled(headers: dict[str, str]) -> dict[str, str]:
    """As an HTTP client writes them: percent-encoded."""
    return {
        name: quote(value, safe=" /:+-.")
        for name, value in headers.items()
        if name != "content-type"
    }


def test_report_lines_one_bad_line_is_only_that_line(
    key: Client, subscription: Subscription
) -> None:
    lines = [json.dumps(event(subscription)), "{oops", json.dumps(event(subscription, 2))]

    body = key.post(USAGE, "\n".join(lines), "application/x-ndjson").json()

    assert [row["outcome"] for row in body["events"]] == ["accepted", "rejected", "accepted"]
    assert body["events"][1]["code"] == "malformed"


def test_report_csv(key: Client, subscription: Subscription) -> None:
    head = "event_id,time,subscription,meter,quantity\n"
    row = f"a,2026-10-12 09:00:00,{subscription.code},input_tokens,7\n"

    body = key.post(USAGE, head + row, "text/csv").json()

    assert (body["accepted"], body["events"][0]["id"]) == (1, "a/input_tokens")


@pytest.mark.parametrize(
    ("body", "kind", "status", "code"),
    [
        (b"[{", "application/json", 400, "malformed_batch"),
        (b"", "application/json", 400, "malformed_batch"),
        (b"{}", "application/cloudevents-batch+json", 400, "malformed_batch"),
        (b"7", "application/cloudevents+json", 400, "malformed_batch"),
        (b"a,b", "text/csv", 400, "malformed_batch"),
        (b"[" + b"1," * 5_000 + b"1]", "application/json", 413, "too_many_events"),
        (b" " * 8_000_001, "application/json", 413, "body_too_large"),
        (b"<x/>", "application/xml", 415, "unsupported_media_type"),
    ],
)
def test_report_body_that_cannot_be_read_is_a_problem(
    key: Client, body: bytes, kind: str, status: int, code: str
) -> None:
    answer = key.post(USAGE, body, kind)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer["Content-Type"] == "application/problem+json"


def test_report_nan_in_a_batch_is_only_that_event(key: Client, subscription: Subscription) -> None:
    sent = [event(subscription), event(subscription, 2, data={"input_tokens": float("nan")})]

    body = key.post(USAGE, json.dumps(sent), "application/json").json()

    assert [row.get("code", row["outcome"]) for row in body["events"]] == [
        "accepted",
        "invalid_quantity",
    ]


def test_usage_is_reported_by_keys_with_the_scope_alone(subscription: Subscription) -> None:
    body = [event(subscription)]

    owner = subscription.offering.provider.organization
    for actor in (
        accounts.member(owner, Role.PROVIDER_FINANCE),
        accounts.signatory(subscription.enterprise),
        metered.settlement_officer(),
    ):
        assert caller(actor).post(USAGE, body, "application/json").status_code == 403
    assert Client().post(USAGE, body, "application/json").status_code == 401


def test_usage_is_read_by_both_sides_alone(key: Client, subscription: Subscription) -> None:
    key.post(USAGE, [event(subscription)], "application/json")

    for actor in (
        accounts.preparer(subscription.enterprise),
        metered.operator(subscription.offering.provider),
    ):
        (row,) = caller(actor).get(USAGE, {"subscription": subscription.code}).json()["results"]
        assert row["quantity"] == {"value": MILLION, "unit": "input_tokens"}
        assert (row["day"], row["subscription"]) == ("2026-10-12", subscription.code)
    for stranger in (accounts.preparer(), metered.operator(providers.provider())):
        assert caller(stranger).get(USAGE).json()["results"] == []
    assert key.get(USAGE).status_code == 403


@pytest.fixture
def voucher(subscription: Subscription) -> Voucher:
    return grants.voucher(subscription.enterprise, grants.scheme(rules=metered.RULES))


@pytest.fixture
def bill(subscription: Subscription, voucher: Voucher) -> Bill:
    """A closed bill of 2.00 yuan, 0.60 of it paid by a voucher, 1.00 by own money."""
    grants.funds(subscription.enterprise, 100)
    metered.use(subscription, datetime(2026, 9, 15, tzinfo=UTC), input_tokens=MILLION)
    periods.close(by=metered.settlement_officer(), month=date(2026, 9, 1), at=NOW)
    return Bill.objects.get()


def test_bill_shows_lines_and_payers(bill: Bill, voucher: Voucher) -> None:
    url = reverse("api-bill-read", args=[bill.code])

    own = caller(accounts.preparer(bill.enterprise)).get(url).json()
    theirs = caller(metered.operator(bill.provider)).get(url).json()

    assert (own["status"], own["total"]) == ("closed", {"amount": "2.00", "currency": "CNY"})
    assert [own[name]["amount"] for name in ("voucher", "own", "outstanding")] == [
        "0.60",
        "1.00",
        "0.40",
    ]
    (line,) = own["lines"]
    assert line["quantity"] == {"value": MILLION, "unit": "input_tokens"}
    assert (line["amount"]["amount"], line["per_units"]) == ("2.00", MILLION)
    paid = {row["payer"]: row["voucher"] for row in own["charges"]}
    assert paid == {"voucher": voucher.code, "own": None, "receivable": None}
    assert {row["voucher"] for row in theirs["charges"]} == {None}


def test_bill_of_others_is_not_found(bill: Bill) -> None:
    for stranger in (accounts.signatory(), metered.operator(providers.provider())):
        answer = caller(stranger).get(reverse("api-bill-read", args=[bill.code]))
        assert answer.status_code == 404
    strange = caller(accounts.signatory())
    assert strange.post(reverse("api-bill-confirm", args=[bill.code])).status_code == 404
    assert strange.get(reverse("api-bill-list")).json()["results"] == []


def test_bill_list_takes_the_same_queries_for_any_number(bill: Bill) -> None:
    client = caller(accounts.preparer(bill.enterprise))
    client.get(reverse("api-bill-list"))
    counts = []
    for expected in (1, 3):
        with CaptureQueriesContext(connection) as captured:
            rows = client.get(reverse("api-bill-list")).json()["results"]
        assert len(rows) == expected
        counts.append(len(captured))
        for _ in range(2):
            metered.use(providers.subscription(bill.enterprise), input_tokens=MILLION)
        rating.tick(at=NOW)

    assert counts[0] == counts[1]
    closed = client.get(reverse("api-bill-list"), {"status": "closed"}).json()["results"]
    assert [row["code"] for row in closed] == [bill.code]


def test_bill_confirm_and_dispute(bill: Bill) -> None:
    client = caller(accounts.signatory(bill.enterprise))
    dispute = reverse("api-bill-dispute", args=[bill.code])
    confirm = reverse("api-bill-confirm", args=[bill.code])

    missing = client.post(dispute, {}, "application/json")
    disputed = client.post(dispute, {"reason": "9月15日未使用"}, "application/json")
    known = client.get(reverse("api-dispute-list")).json()["results"][0]["code"]
    early = client.post(confirm)
    withdrawn = client.post(reverse("api-dispute-withdraw", args=[known]))
    again = client.post(confirm)
    late = client.post(dispute, {"reason": "x"}, "application/json")

    assert (missing.status_code, list(missing.json()["errors"])) == (400, ["/reason"])
    assert (disputed.status_code, disputed.json()["status"]) == (200, "disputed")
    assert (early.status_code, early.json()["code"]) == (409, "wrong_state")
    assert withdrawn.json()["status"] == "withdrawn"
    assert again.json()["status"] == "confirmed"
    assert (late.status_code, late.json()["code"]) == (409, "wrong_state")
    preparer = caller(accounts.preparer(bill.enterprise))
    assert preparer.post(confirm).status_code == 403


def test_funds_are_the_own(bill: Bill) -> None:
    own = caller(accounts.preparer(bill.enterprise)).get(reverse("api-funds-read")).json()
    other = caller(accounts.preparer()).get(reverse("api-funds-read")).json()

    assert (own["available"]["amount"], own["outstanding"]["amount"]) == ("0.00", "0.40")
    assert (other["available"]["amount"], other["outstanding"]["amount"]) == ("0.00", "0.00")


def deposit(client: Client, enterprise: str, key: str = "k1", amount: str = "12.34") -> Any:
    body = {
        "enterprise": enterprise,
        "amount": {"amount": amount, "currency": "CNY"},
        "reference": "20261012-1",
    }
    headers = {"Idempotency-Key": key} if key else {}
    url = reverse("api-deposit-record")
    return client.post(url, body, "application/json", headers=headers)


def test_deposit_once_for_one_key_and_one_receipt() -> None:
    client = caller(metered.settlement_officer())
    firm = accounts.organization()

    first, replay, other_key = (deposit(client, firm.code, name) for name in ("k1", "k1", "k2"))
    reused = deposit(client, firm.code, "k1", "99.00")
    conflict = deposit(client, firm.code, "k3", "99.00")

    assert [each.status_code for each in (first, replay, other_key)] == [201] * 3
    assert first.json() == replay.json() == other_key.json()
    assert (reused.status_code, reused.json()["code"]) == (422, "idempotency_key_reused")
    assert (conflict.status_code, conflict.json()["code"]) == (409, "transfer_conflict")
    balance = caller(accounts.preparer(firm)).get(reverse("api-funds-read")).json()
    assert balance["available"]["amount"] == "12.34"


@pytest.mark.parametrize("amount", ["-1.00", "0.00", "NaN", "1e5", "1.234", "１e400", "", "inf"])
def test_deposit_amount_that_is_none_is_refused(amount: str) -> None:
    client = caller(metered.settlement_officer())

    answer = deposit(client, accounts.organization().code, "k1", amount)

    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["/amount"])


def test_deposit_needs_key_permission_and_an_enterprise() -> None:
    firm = accounts.organization()
    officer = caller(metered.settlement_officer())

    assert deposit(officer, firm.code, "").json()["code"] == "idempotency_key_missing"
    assert deposit(caller(accounts.signatory(firm)), firm.code).status_code == 403
    assert deposit(officer, accounts.bureau().code).status_code == 404


def test_period_preview_and_close(subscription: Subscription) -> None:
    metered.use(subscription, datetime(2026, 9, 15, tzinfo=UTC), input_tokens=MILLION)
    client = caller(metered.settlement_officer())
    close = reverse("api-period-close", args=[date(2026, 9, 1)])

    before = client.get(reverse("api-period-preview", args=[date(2026, 9, 1)])).json()
    closed, again = client.post(close), client.post(close)
    running = client.post(reverse("api-period-close", args=[date(2026, 10, 1)]))

    assert (before["waiting"], before["is_over"], before["closed_at"]) == (1, True, None)
    assert (closed.status_code, closed.json()) == (200, again.json())
    assert Bill.objects.get().status == "closed"
    assert (running.status_code, running.json()["code"]) == (422, "period_not_over")
    assert client.get("/api/v1/periods/2026-13/").status_code == 404
    assert caller(accounts.officer()).post(close).status_code == 403
