"""The database's side of a report dies between its COPY and its commit, and the client repeats."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction
from django.test import Client

from accounts.actions import keys
from accounts.permissions import Permission
from providers.models import Subscription
from tests.factories import providers
from tests.factories import usage as metered
from tests.factories.accounts import NOW
from tests.vouchers.billing.test_races import WAITING, wait_for
from tests.vouchers.ledger import sql
from vouchers.billing.actions import invariants
from vouchers.billing.actions.metering import usage
from vouchers.billing.models import DeliveredUsage, UsageBatch, UsageEvent, UsageKey, UsageRollup
from vouchers.billing.rules.events import EVENT_TYPE

pytestmark = pytest.mark.django_db(transaction=True)

USAGE = "/api/v1/usage/"
SEVEN = {"input_tokens": 7, "output_tokens": 7}


@pytest.fixture(autouse=True)
def frozen() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def subscription() -> Subscription:
    return providers.subscription()


def meter(subscription: Subscription) -> Client:
    _key, token = keys.create(
        by=metered.operator(subscription.offering.provider),
        name="meter",
        scopes=[Permission.USAGE_REPORT],
        expires_at=NOW + timedelta(days=30),
        at=NOW,
    )
    return Client(raise_request_exception=False, headers={"Authorization": f"Bearer {token}"})


def events(subscription: Subscription) -> list[dict[str, Any]]:
    """Two reports, one of them twice, a correction, a conflict, and one of nobody's subscription."""
    common = {
        "specversion": "1.0",
        "type": EVENT_TYPE,
        "source": "/clusters/a",
        "time": "2026-10-12T09:00:00+08:00",
        "subject": subscription.code,
    }
    return [
        {**common, "id": "a", "data": {"input_tokens": 100}},
        {**common, "id": "b", "data": {"input_tokens": 30, "output_tokens": 5}},
        {**common, "id": "a", "data": {"input_tokens": 100}},
        {**common, "id": "c", "corrects": "a", "data": {"input_tokens": -40}},
        {**common, "id": "b", "data": {"input_tokens": 31}},
        {**common, "id": "d", "subject": "SB-7KQ4-M2XD", "data": {"input_tokens": 1}},
    ]


def report(client: Client, subscription: Subscription, **query: str) -> tuple[int, list[Any]]:
    try:
        answer = client.post(USAGE, events(subscription), "application/json", query_params=query)
        told = answer.json().get("events", []) if answer.status_code == 200 else []
        return answer.status_code, [(row["id"], row.get("code", row["outcome"])) for row in told]
    finally:
        connection.close()


ANSWERS = [
    ("a", "accepted"),
    ("b", "accepted"),
    ("a", "duplicate"),
    ("c", "accepted"),
    ("b", "conflict"),
    ("d", "unknown_subscription"),
]


def stored() -> dict[str, Any]:
    return {
        "events": sorted(UsageEvent.objects.values_list("event_id", flat=True)),
        "keys": UsageKey.objects.count(),
        "sums": sorted(UsageRollup.objects.values_list("meter", "quantity", "events")),
        "delivered": sorted(DeliveredUsage.objects.values_list("meter", "quantity")),
        "batches": list(
            UsageBatch.objects.order_by("pk").values_list("accepted", "duplicates", "conflicts")
        ),
    }


WHOLE: dict[str, Any] = {
    "events": ["a", "b", "before", "c"],
    "keys": 4,
    "sums": [("input_tokens", 97, 4), ("output_tokens", 12, 2)],
    "delivered": [("input_tokens", 97), ("output_tokens", 12)],
    "batches": [(1, 0, 0), (3, 1, 1)],
}
"""With an event of 7 tokens each way that was there before."""


@pytest.mark.parametrize(
    "held",
    [
        "SELECT FROM vouchers_usagerollup FOR UPDATE",
        "SELECT FROM vouchers_deliveredusage FOR UPDATE",
        "LOCK TABLE vouchers_usagebatch IN SHARE MODE",
    ],
    ids=["after COPY", "after rollups", "all but the log"],
)
def test_report_killed_before_its_commit_is_repeated_with_the_same_answers(
    subscription: Subscription, held: str
) -> None:
    client = meter(subscription)
    usage.ingest(
        by=metered.operator(subscription.offering.provider),
        events=[metered.report(subscription, quantities=SEVEN, event_id="before")],
        at=NOW,
    )
    before = stored()
    statuses: list[int] = []

    def repeat() -> list[Any]:
        while True:
            status, told = report(client, subscription)
            statuses.append(status)
            if status == 200:
                return told

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(held)
            sending = pool.submit(repeat)
            for _kill in range(2):
                pid = wait_for(WAITING)
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
                assert stored() == before
        told = sending.result(timeout=30)

    assert statuses == [500, 500, 200]
    assert told == ANSWERS
    assert stored() == WHOLE
    assert sql.rows(invariants.QUERIES["I5"]) == []
    again = report(client, subscription)[1]
    assert [outcome for _id, outcome in again] == [
        "duplicate",
        "duplicate",
        "duplicate",
        "duplicate",
        "conflict",
        "unknown_subscription",
    ]
    assert stored() == {**WHOLE, "batches": [*WHOLE["batches"], (0, 4, 1)]}


def test_trial_of_the_api_answers_the_same_and_stores_nothing(subscription: Subscription) -> None:
    client = meter(subscription)

    tried = report(client, subscription, trial="true")
    empty = stored()
    sent = report(client, subscription)

    assert tried == sent == (200, ANSWERS)
    assert empty == {"events": [], "keys": 0, "sums": [], "delivered": [], "batches": []}
