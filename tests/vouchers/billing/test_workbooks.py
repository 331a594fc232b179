"""Usage from workbooks: what a spreadsheet spoiled is refused by name, its neighbors are stored."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.utils import translation

from providers.models import Subscription
from tests.factories import providers
from tests.factories import usage as metered
from tests.factories.accounts import NOW
from tests.factories.workbooks import bomb, workbook
from vouchers.billing.actions.metering import usage
from vouchers.billing.models import UsageBatch, UsageEvent, UsageRollup

pytestmark = pytest.mark.django_db

HEAD = ("event_id", "time", "subscription", "input_tokens", "output_tokens")
TIME = "2026-10-12 09:00:00"


@pytest.fixture
def subscription() -> Subscription:
    return providers.subscription()


def upload(subscription: Subscription, *rows: tuple[Any, ...], **extras: Any) -> UsageBatch:
    return send(subscription, workbook(HEAD, *rows, **extras))


def send(subscription: Subscription, content: bytes) -> UsageBatch:
    by = metered.operator(subscription.offering.provider)
    return usage.upload(by=by, content=content, at=NOW)


def refusals(batch: UsageBatch) -> dict[str, str]:
    return {row["id"]: row["code"] for row in batch.refusals}


def test_wide_rows_are_events_and_the_same_file_again_changes_nothing(
    subscription: Subscription,
) -> None:
    day = datetime(2026, 10, 12, 9)  # noqa: DTZ001 - as workbooks keep it
    rows = (
        ("a", TIME, subscription.code, 374, 44),
        ("b", day, subscription.code.lower(), "１２", None),
        (None, None, None, None, None),
        ("c", "2026-10-12T01:00:00Z", subscription.code, None, 5.0),
    )
    sums = {"input_tokens": 386, "output_tokens": 49}

    first = upload(subscription, *rows)
    kept = dict(UsageRollup.objects.values_list("meter", "quantity"))
    again = upload(subscription, *rows)

    assert (first.accepted, first.refusals) == (3, [])
    assert kept == dict(UsageRollup.objects.values_list("meter", "quantity")) == sums
    assert (again.accepted, again.duplicates) == (0, 3)
    moments = set(UsageEvent.objects.values_list("occurred_at", flat=True))
    assert moments == {datetime(2026, 10, 12, 1, tzinfo=UTC)}


def test_cells_that_a_spreadsheet_spoiled_refuse_their_row_alone(
    subscription: Subscription,
) -> None:
    day = date(2026, 10, 12)

    batch = upload(
        subscription,
        ("formula", TIME, subscription.code, "=1+1", None),
        ("cut", TIME, subscription.code, 9_131_000_000_000_001, None),
        ("shown", TIME, subscription.code, "9.1E+17", None),
        ("part", TIME, subscription.code, 2.5, None),
        ("day", day, subscription.code, 3, None),
        ("long", TIME, subscription.code, 1, 2, 3),
        ("good", TIME, subscription.code, 7, None),
    )

    assert (batch.accepted, batch.rejected) == (1, 6)
    assert refusals(batch) == {
        "formula": "formula",
        "cut": "rounded_number",
        "shown": "rounded_number",
        "part": "invalid_quantity",
        "day": "invalid_time",
        "long": "malformed",
    }
    assert UsageRollup.objects.get().quantity == 7


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (workbook(HEAD, ("a", TIME, "SB", 1), merge="A2:A3"), "merged"),
        (bomb(), "too large"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 encrypted", "password"),
        (b"PK\x03\x04 no zip", "neither CSV nor"),
        (workbook(("a", "b")), "columns event_id, time"),
        (workbook(), "columns event_id, time"),
    ],
    ids=["merged", "bomb", "locked", "no zip", "other columns", "empty"],
)
def test_workbook_that_is_no_such_table_is_refused_whole_and_says_why(
    subscription: Subscription, content: bytes, words: str
) -> None:
    with translation.override("en"):
        with pytest.raises(usage.UnreadableBatch) as refusal:
            send(subscription, content)
        assert words in str(refusal.value.message)

    assert not UsageBatch.objects.exists()


def test_workbook_of_more_than_5000_rows_is_refused_whole(subscription: Subscription) -> None:
    rows = [(f"e{number}", TIME, "SB-2345-678K", 1, None) for number in range(5_001)]

    with pytest.raises(usage.TooManyEvents):
        upload(subscription, *rows)
    least = upload(subscription, *rows[:5_000])

    assert (least.total, least.rejected) == (5_000, 5_000)
