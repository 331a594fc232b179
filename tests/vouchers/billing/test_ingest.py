"""Taking usage events."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.access import Actor
from accounts.models import Role
from common.errors import Forbidden
from common.periods import start_of_day
from providers.models import Meter, ProviderStatus, Subscription
from tests.factories import accounts, providers
from tests.factories import usage as metered
from tests.factories.accounts import NOW
from tests.vouchers.ledger import sql
from vouchers.billing.actions import invariants
from vouchers.billing.actions.metering import usage
from vouchers.billing.actions.metering.usage import Outcome
from vouchers.billing.models import ClosedPeriod, UsageBatch, UsageEvent, UsageKey, UsageRollup
from vouchers.billing.rules.events import Parsed, Refusal, Unreadable

pytestmark = pytest.mark.django_db


@pytest.fixture
def subscription() -> Subscription:
    return providers.subscription()


@pytest.fixture
def by(subscription: Subscription) -> Actor:
    return metered.operator(subscription.offering.provider)


def ingest(by: Actor, *events: Parsed) -> list[tuple[Outcome, Refusal | None]]:
    answers = usage.ingest(by=by, events=events, at=NOW)

    assert [answer.index for answer in answers] == list(range(len(events)))
    assert [answer.id for answer in answers] == [event.id for event in events]
    return [(answer.outcome, answer.code) for answer in answers]


def test_ingest_stores_the_event_and_adds_to_the_day(by: Actor, subscription: Subscription) -> None:
    late_evening = datetime(2026, 10, 9, 16, 30, tzinfo=UTC)  # the 10th in Asia/Shanghai
    events = [
        metered.report(subscription, late_evening),
        metered.report(subscription, late_evening, quantities={"input_tokens": 6}),
    ]

    found = ingest(by, *events)

    assert found == [(Outcome.ACCEPTED, None)] * 2
    rows = UsageRollup.objects.order_by("meter").values_list("meter", "day", "quantity", "events")
    day = date(2026, 10, 10)
    assert list(rows) == [("input_tokens", day, 380, 2), ("output_tokens", day, 44, 1)]
    stored = UsageEvent.objects.get(event_id=events[0].id)
    assert UsageKey.objects.filter(pk=stored.key, received_at=NOW).exists()
    assert (stored.quantities, stored.occurred_at) == (events[0].quantities, late_evening)


def test_ingest_same_content_again_is_a_duplicate(by: Actor, subscription: Subscription) -> None:
    event = metered.report(subscription)
    ingest(by, event)

    assert ingest(by, event) == [(Outcome.DUPLICATE, None)]
    assert UsageRollup.objects.get(meter="input_tokens").quantity == 374


@pytest.mark.parametrize(
    "change", [{"time": NOW - timedelta(hours=2)}, {"quantities": {"input_tokens": 1}}]
)
def test_ingest_same_id_with_other_content_is_a_conflict(
    by: Actor, subscription: Subscription, change: dict[str, Any]
) -> None:
    first = metered.report(subscription)
    ingest(by, first)

    found = ingest(by, metered.report(subscription, event_id=first.id, **change))

    assert found == [(Outcome.CONFLICT, None)]
    assert UsageRollup.objects.get(meter="input_tokens").quantity == 374


def test_ingest_same_id_from_another_source_or_provider_is_another_event(
    by: Actor, subscription: Subscription
) -> None:
    other = providers.subscription()
    first = metered.report(subscription)
    ingest(by, first)

    again = ingest(by, metered.report(subscription, event_id=first.id, source="/else"))
    foreign = ingest(
        metered.operator(other.offering.provider), metered.report(other, event_id=first.id)
    )

    assert again == foreign == [(Outcome.ACCEPTED, None)]


def test_ingest_repeats_within_one_batch(by: Actor, subscription: Subscription) -> None:
    first = metered.report(subscription)
    other = metered.report(subscription, event_id=first.id, quantities={"input_tokens": 1})

    found = ingest(by, first, other, first)

    assert [outcome for outcome, _ in found] == [
        Outcome.ACCEPTED,
        Outcome.CONFLICT,
        Outcome.DUPLICATE,
    ]
    assert UsageRollup.objects.get(meter="input_tokens").quantity == 374


def test_ingest_bad_events_leave_their_neighbors_alone(
    by: Actor, subscription: Subscription
) -> None:
    foreign = providers.subscription()

    found = ingest(
        by,
        Unreadable("x", Refusal.INVALID_QUANTITY),
        metered.report(subscription, code="SB-0000-0000"),
        metered.report(foreign),
        metered.report(subscription),
        metered.report(subscription, quantities={"card_seconds": 1}),
        metered.report(subscription, NOW + timedelta(minutes=6)),
        metered.report(subscription, NOW + timedelta(minutes=4)),
        metered.report(subscription, subscription.starts_at - timedelta(microseconds=1)),
    )

    assert [code or outcome for outcome, code in found] == [
        Refusal.INVALID_QUANTITY,
        Refusal.UNKNOWN_SUBSCRIPTION,
        Refusal.UNKNOWN_SUBSCRIPTION,
        Outcome.ACCEPTED,
        Refusal.METER_NOT_PRICED,
        Refusal.TIME_IN_FUTURE,
        Outcome.ACCEPTED,
        Refusal.BEFORE_START,
    ]
    assert UsageEvent.objects.count() == 2
    assert UsageRollup.objects.get(meter="input_tokens").quantity == 748


def test_ingest_logs_the_batch(by: Actor, subscription: Subscription) -> None:
    event = metered.report(subscription)

    ingest(by, event, event, Unreadable("bad", Refusal.INVALID_TIME))

    batch = UsageBatch.objects.get()
    counts = (batch.accepted, batch.duplicates, batch.conflicts, batch.rejected)
    assert (*counts, batch.total) == (1, 1, 0, 1, 3)
    assert batch.refusals == [
        {"index": 1, "id": event.id, "outcome": "duplicate", "code": None},
        {"index": 2, "id": "bad", "outcome": "rejected", "code": "invalid_time"},
    ]


def test_ingest_meter_without_a_price_on_that_day_is_rejected(by: Actor) -> None:
    offering = providers.offering(by.own().provider)
    providers.rate(offering, effective=(date(2026, 10, 1), date(2026, 10, 11)))
    subscription = providers.subscription(offered=offering)
    last = start_of_day(date(2026, 10, 11)) - timedelta(seconds=1)

    def at(time: datetime) -> Parsed:
        return metered.report(subscription, time, quantities={"input_tokens": 1})

    found = ingest(by, at(last), at(last + timedelta(seconds=1)))

    assert found == [(Outcome.ACCEPTED, None), (Outcome.REJECTED, Refusal.METER_NOT_PRICED)]


def test_ingest_usage_after_the_end_is_rejected(by: Actor) -> None:
    ended = NOW - timedelta(days=1)
    subscription = providers.subscription(
        offered=providers.token_offering(by.own().provider), status="ended", ends_at=ended
    )

    before = metered.report(subscription, ended - timedelta(seconds=1))
    found = ingest(by, before, metered.report(subscription, ended))

    assert found == [(Outcome.ACCEPTED, None), (Outcome.REJECTED, Refusal.SUBSCRIPTION_ENDED)]


def test_ingest_more_than_a_month_can_deliver_is_rejected(
    by: Actor, subscription: Subscription
) -> None:
    providers.capacity(subscription.offering, meter=Meter.INPUT_TOKENS, total_units=1_000)

    found = ingest(
        by,
        metered.report(subscription, quantities={"input_tokens": 1_000}),
        metered.report(subscription, quantities={"input_tokens": 1_001}),
    )

    assert found == [(Outcome.ACCEPTED, None), (Outcome.REJECTED, Refusal.ABOVE_CAPACITY)]


def close(by: Actor, *months: int) -> None:
    for month in months:
        ClosedPeriod.objects.create(month=date(2026, month, 1), closed_at=NOW, closed_by=by.user)


def test_ingest_into_a_closed_month_lands_in_the_first_open_one(
    by: Actor, subscription: Subscription
) -> None:
    august = datetime(2026, 8, 31, 2, tzinfo=UTC)
    known = metered.report(subscription, august, quantities={"input_tokens": 1})
    ingest(by, known)
    close(by, 8, 9)
    late = metered.report(subscription, august, quantities={"input_tokens": 2})
    now = metered.report(subscription, quantities={"input_tokens": 4})

    found = ingest(by, known, late, now)

    assert [outcome for outcome, _ in found] == [
        Outcome.DUPLICATE,
        Outcome.ACCEPTED,
        Outcome.ACCEPTED,
    ]
    rows = UsageRollup.objects.order_by("month", "day").values_list("month", "day", "quantity")
    assert list(rows) == [
        (date(2026, 8, 1), date(2026, 8, 31), 1),
        (date(2026, 10, 1), date(2026, 8, 31), 2),
        (date(2026, 10, 1), date(2026, 10, 12), 4),
    ]
    assert UsageEvent.objects.get(event_id=late.id).month == date(2026, 10, 1)
    assert sql.rows(invariants.QUERIES["I5"]) == []


def test_ingest_into_a_month_closed_long_ago_is_rejected(
    by: Actor, subscription: Subscription
) -> None:
    close(by, 7)
    oldest = metered.report(subscription, NOW - timedelta(days=92))
    older = metered.report(subscription, NOW - timedelta(days=92, microseconds=1))

    found = ingest(by, older, oldest)

    assert found == [(Outcome.REJECTED, Refusal.TOO_LATE), (Outcome.ACCEPTED, None)]


def test_ingest_stores_each_month_in_its_own_partition_and_loses_none(
    by: Actor, subscription: Subscription
) -> None:
    midnight = start_of_day(date(2026, 10, 1))
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE vouchers_usageevent_202609")
        cursor.execute("DROP TABLE vouchers_usageevent_202610")
        cursor.execute("SELECT vouchers_usage_partition('2026-10-01')")
    october = metered.report(subscription, midnight)
    september = metered.report(subscription, midnight - timedelta(microseconds=1))

    ingest(by, october, september)

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT event_id, tableoid::regclass::text FROM vouchers_usageevent ORDER BY 2"
        )
        assert cursor.fetchall() == [
            (september.id, "vouchers_usageevent_202609"),
            (october.id, "vouchers_usageevent_202610"),
        ]


def test_usage_events_and_keys_are_append_only(by: Actor, subscription: Subscription) -> None:
    ingest(by, metered.report(subscription))

    for change in (
        "UPDATE vouchers_usageevent SET received_at = now()",
        "DELETE FROM vouchers_usageevent",
        "DELETE FROM vouchers_usageevent_202610",
        "UPDATE vouchers_usagekey SET received_at = now()",
        "DELETE FROM vouchers_usagekey",
    ):
        with (
            pytest.raises(DatabaseError, match="Cannot"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(change)


def test_ingest_event_beyond_a_day_of_64_bits_is_left_out(
    by: Actor, subscription: Subscription
) -> None:
    ingest(by, metered.report(subscription, quantities={"input_tokens": 10**15}))
    # Nine thousand such events take long to send; the rollup is brought there by hand.
    UsageRollup.objects.update(quantity=2**63 - 10)

    found = ingest(
        by,
        metered.report(subscription, quantities={"input_tokens": 4}),
        metered.report(subscription, quantities={"input_tokens": 11}),
        metered.report(subscription, quantities={"input_tokens": 5}),
        metered.report(subscription, quantities={"output_tokens": 7}),
    )

    assert [outcome for outcome, _ in found] == [
        Outcome.ACCEPTED,
        Outcome.REJECTED,
        Outcome.ACCEPTED,
        Outcome.ACCEPTED,
    ]
    assert UsageRollup.objects.get(meter="input_tokens").quantity == 2**63 - 1


def test_ingest_nothing_is_answered_with_nothing(by: Actor) -> None:
    assert ingest(by) == []


def test_ingest_too_many_events_are_refused(by: Actor) -> None:
    bad: Parsed = Unreadable("", Refusal.MALFORMED)

    with pytest.raises(usage.TooManyEvents):
        usage.ingest(by=by, events=[bad] * 5_001, at=NOW)


def test_ingest_needs_the_permission(subscription: Subscription) -> None:
    owner = subscription.offering.provider.organization
    event = metered.report(subscription)

    for stranger in (
        accounts.member(owner, Role.PROVIDER_FINANCE),
        accounts.signatory(subscription.enterprise),
        accounts.officer(),
    ):
        with pytest.raises(Forbidden):
            usage.ingest(by=stranger, events=[event], at=NOW)
    assert usage.ingest(by=metered.operator(subscription.offering.provider), events=[event], at=NOW)


def test_ingest_unverified_provider_is_refused() -> None:
    provider = providers.provider(status=ProviderStatus.SUBMITTED)

    with pytest.raises(Forbidden):
        usage.ingest(by=metered.operator(provider), events=[], at=NOW)


def test_ingest_takes_the_same_queries_for_one_and_many(
    by: Actor, subscription: Subscription
) -> None:
    counts = []
    for size in (1, 300):
        events = [metered.report(subscription) for _ in range(size)]
        with CaptureQueriesContext(connection) as captured:
            ingest(by, *events)
        counts.append(len(captured))

    assert counts[0] == counts[1]
