"""Corrections of reported usage, and the tiers by a request's length."""

from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from accounts.access import Actor
from providers.models import Meter, Subscription
from tests.factories import providers
from tests.factories import usage as metered
from tests.factories.accounts import NOW
from tests.threads import together
from tests.vouchers.ledger import sql
from vouchers.billing.actions import invariants
from vouchers.billing.actions.metering import usage
from vouchers.billing.actions.metering.usage import Outcome
from vouchers.billing.models import ClosedPeriod, UsageEvent, UsageRollup
from vouchers.billing.rules import events
from vouchers.billing.rules.events import Parsed, Refusal

pytestmark = pytest.mark.django_db

SEPTEMBER = datetime(2026, 9, 20, 2, tzinfo=UTC)


@pytest.fixture
def subscription() -> Subscription:
    return providers.subscription()


@pytest.fixture
def by(subscription: Subscription) -> Actor:
    return metered.operator(subscription.offering.provider)


def send(by: Actor, *sent: Parsed) -> list[str]:
    answers = usage.ingest(by=by, events=sent, at=NOW)
    return [answer.code or answer.outcome for answer in answers]


def correct(
    subscription: Subscription, corrects: str, tokens: int, event_id: str = "c-1", **values: Any
) -> Parsed:
    return events.report(
        source=values.get("source", "/test"),
        event_id=event_id,
        time=values.get("time", NOW),
        subscription=values.get("code", subscription.code),
        quantities=values.get("quantities", {"input_tokens": tokens}),
        corrects=corrects,
    )


def test_correction_lands_on_the_day_of_its_original(by: Actor, subscription: Subscription) -> None:
    original = metered.report(subscription, SEPTEMBER)
    send(by, original)
    change = correct(subscription, original.id, -74)

    assert send(by, change) == [Outcome.ACCEPTED]
    assert send(by, change) == [Outcome.DUPLICATE]
    assert send(by, correct(subscription, original.id, -75)) == [Outcome.CONFLICT]
    assert list(
        UsageRollup.objects.order_by("meter").values_list("month", "day", "quantity", "events")
    ) == [
        (date(2026, 9, 1), date(2026, 9, 20), 300, 2),
        (date(2026, 9, 1), date(2026, 9, 20), 44, 1),
    ]
    assert sql.rows(invariants.QUERIES["I5"]) == []


def test_correction_of_a_closed_month_is_an_adjustment(
    by: Actor, subscription: Subscription
) -> None:
    original = metered.report(subscription, SEPTEMBER, quantities={"input_tokens": 100})
    send(by, original)
    ClosedPeriod.objects.create(month=date(2026, 9, 1), closed_at=NOW, closed_by=by.user)

    assert send(by, correct(subscription, original.id, -100)) == [Outcome.ACCEPTED]
    assert list(UsageRollup.objects.order_by("month").values_list("month", "day", "quantity")) == [
        (date(2026, 9, 1), date(2026, 9, 20), 100),
        (date(2026, 10, 1), date(2026, 9, 20), -100),
    ]
    assert sql.rows(invariants.QUERIES["I5"]) == []


def test_correction_in_the_call_of_its_original_is_taken(
    by: Actor, subscription: Subscription
) -> None:
    original = metered.report(subscription, quantities={"input_tokens": 10})

    found = send(
        by,
        correct(subscription, original.id, -4),
        original,
        correct(subscription, original.id, -7, "c-2"),
        correct(subscription, original.id, -6, "c-3"),
    )

    assert found == [
        Outcome.ACCEPTED,
        Outcome.ACCEPTED,
        Refusal.CORRECTION_TOO_LARGE,
        Outcome.ACCEPTED,
    ]
    assert UsageRollup.objects.get().quantity == 0


def test_correction_that_fits_nothing_is_rejected(by: Actor, subscription: Subscription) -> None:
    other = providers.subscription(offered=subscription.offering)
    original = metered.report(subscription, quantities={"input_tokens": 10})
    send(by, original, correct(subscription, original.id, -1))

    found = send(
        by,
        correct(subscription, "nothing", -1, "a"),
        correct(subscription, original.id, -1, "b", source="/else"),
        correct(other, original.id, -1, "c"),
        correct(subscription, original.id, -1, "d", code="SB-0000-0000"),
        correct(subscription, "c-1", -1, "e"),
        correct(subscription, original.id, -10, "f"),
        correct(subscription, original.id, 0, "g", quantities={"output_tokens": 1}),
        correct(subscription, original.id, -1, "h", time=NOW + timedelta(minutes=6)),
        correct(subscription, original.id, 10**15, "i"),
    )

    assert found == [
        Refusal.UNKNOWN_ORIGINAL,
        Refusal.UNKNOWN_ORIGINAL,
        Refusal.UNKNOWN_ORIGINAL,
        Refusal.UNKNOWN_SUBSCRIPTION,
        Refusal.CORRECTION_OF_CORRECTION,
        Refusal.CORRECTION_TOO_LARGE,
        Refusal.CORRECTION_TOO_LARGE,
        Refusal.TIME_IN_FUTURE,
        Refusal.ABOVE_CAPACITY,
    ]
    assert UsageRollup.objects.get().quantity == 9


def test_repeat_of_a_rejected_correction_is_rejected_for_the_same_reason(
    by: Actor, subscription: Subscription
) -> None:
    early = correct(subscription, "not-yet", -1, "a")

    assert send(by, early, early) == [Refusal.UNKNOWN_ORIGINAL] * 2


@pytest.mark.django_db(transaction=True)
def test_corrections_at_once_never_take_more_than_was_reported() -> None:
    contract = providers.subscription()
    sender = metered.operator(contract.offering.provider)
    original = metered.report(contract, quantities={"input_tokens": 5})
    send(sender, original)

    def correcting(number: int) -> list[str]:
        extra = metered.report(contract, quantities={"input_tokens": 1})
        return send(sender, extra, correct(contract, original.id, -1, f"c-{number}"))

    answers = together([partial(correcting, number) for number in range(8)])

    codes = [answer[1] for answer in answers]  # type: ignore[index]
    assert codes.count(Outcome.ACCEPTED) == 5
    assert codes.count(Refusal.CORRECTION_TOO_LARGE) == 3
    assert UsageRollup.objects.get().quantity == 8


def test_events_are_rolled_up_by_the_length_of_the_request(by: Actor) -> None:
    offering = providers.offering(by.own().provider)
    for meter, tiers in (
        (Meter.INPUT_TOKENS, (0, 32_000)),
        (Meter.OUTPUT_TOKENS, (0, 32_000, 64_000)),
    ):
        for tier in tiers:
            providers.rate(offering, meter, context_from=tier)
    providers.rate(offering, Meter.CACHED_TOKENS)
    contract = providers.subscription(offered=offering)

    def used(input_tokens: int, cached_tokens: int) -> Parsed:
        quantities = {
            "input_tokens": input_tokens,
            "cached_tokens": cached_tokens,
            "output_tokens": 1,
        }
        return metered.report(contract, quantities=quantities)

    long = used(64_000, 1)

    assert send(by, used(32_000, 0), used(31_999, 2), long) == [Outcome.ACCEPTED] * 3
    assert send(by, correct(contract, long.id, -1)) == [Outcome.ACCEPTED]
    rows = UsageRollup.objects.order_by("meter", "context_from")
    assert list(rows.values_list("meter", "context_from", "quantity", "events")) == [
        ("cached_tokens", 0, 3, 3),
        ("input_tokens", 0, 32_000, 1),
        ("input_tokens", 32_000, 31_999 + 64_000 - 1, 3),
        ("output_tokens", 0, 1, 1),
        ("output_tokens", 32_000, 1, 1),
        ("output_tokens", 64_000, 1, 1),
    ]
    assert UsageEvent.objects.filter(contexts__isnull=True).count() == 1
    assert sql.rows(invariants.QUERIES["I5"]) == []
