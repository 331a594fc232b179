"""A month's usage of an offering never passes the capacity that it states, by however many events."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from functools import partial

import pytest
from django.db import connection, transaction

from accounts.access import Actor
from providers.models import Capacity, Subscription
from tests.factories import providers
from tests.factories import usage as metered
from tests.factories.accounts import NOW
from tests.threads import together
from tests.vouchers.billing.test_races import WAITING, wait_for
from tests.vouchers.ledger import sql
from vouchers.billing.actions import invariants
from vouchers.billing.actions.metering import deliveries, usage
from vouchers.billing.models import ClosedPeriod, DeliveredUsage, UsageEvent
from vouchers.billing.rules import events
from vouchers.billing.rules.events import Parsed

ABOVE, ACCEPTED = "above_capacity", "accepted"
SEPTEMBER = datetime(2026, 9, 20, 2, tzinfo=UTC)


@pytest.fixture
def contracts() -> list[Subscription]:
    """Two subscriptions of an offering that can deliver 1,000 input tokens in October."""
    offering = providers.token_offering()
    providers.capacity(offering, total_units=1_000)
    return [providers.subscription(offered=offering) for _ in range(2)]


@pytest.fixture
def by(contracts: list[Subscription]) -> Actor:
    return metered.operator(contracts[0].offering.provider)


def tokens(contract: Subscription, count: int, event_id: str = "", **more: int) -> Parsed:
    return metered.report(contract, event_id=event_id, quantities={"input_tokens": count, **more})


def changed(contract: Subscription, original: str, count: int) -> Parsed:
    return events.report(
        source="/test",
        event_id=f"{original}{count}",
        time=NOW,
        subscription=contract.code,
        quantities={"input_tokens": count},
        corrects=original,
    )


def send(by: Actor, *sent: Parsed) -> list[str]:
    answers = usage.ingest(by=by, events=sent, at=NOW)
    return [answer.code or answer.outcome for answer in answers]


def delivered() -> dict[tuple[date, str], int]:
    rows = DeliveredUsage.objects.values_list("month", "meter", "quantity")
    return {(month, meter): int(quantity) for month, meter, quantity in rows}


OCTOBER = date(2026, 10, 1), "input_tokens"


@pytest.mark.django_db
def test_sum_of_a_month_ends_exactly_at_the_capacity(
    by: Actor, contracts: list[Subscription]
) -> None:
    first, second = contracts
    full = tokens(first, 600, output_tokens=7)

    answers = send(by, full, tokens(second, 401), tokens(second, 400), tokens(first, 1))
    later = send(by, full, tokens(first, 1), tokens(second, 0))

    assert answers == [ACCEPTED, ABOVE, ACCEPTED, ABOVE]
    assert later == ["duplicate", ABOVE, ACCEPTED]
    assert delivered() == {OCTOBER: 1_000, (date(2026, 10, 1), "output_tokens"): 7}
    assert UsageEvent.objects.count() == 3
    assert sql.rows(invariants.QUERIES["I5"]) == []


@pytest.mark.django_db
def test_event_that_passes_one_meter_is_refused_whole(
    by: Actor, contracts: list[Subscription]
) -> None:
    providers.capacity(contracts[0].offering, meter="output_tokens", total_units=5)

    answers = send(
        by,
        tokens(contracts[0], 100, output_tokens=3),
        tokens(contracts[0], 100, output_tokens=3),
        tokens(contracts[1], 900, output_tokens=2),
    )

    assert answers == [ACCEPTED, ABOVE, ACCEPTED]


@pytest.mark.django_db
def test_late_usage_counts_in_the_month_it_was_used_in(
    by: Actor, contracts: list[Subscription]
) -> None:
    providers.capacity(contracts[0].offering, month=date(2026, 9, 1), total_units=10)
    september = partial(metered.report, contracts[0], SEPTEMBER)
    send(by, september(quantities={"input_tokens": 6}))
    ClosedPeriod.objects.create(month=date(2026, 9, 1), closed_at=NOW, closed_by=by.user)

    answers = send(
        by,
        september(quantities={"input_tokens": 5}),
        september(quantities={"input_tokens": 4}),
        tokens(contracts[0], 1_000),
    )

    assert answers == [ABOVE, ACCEPTED, ACCEPTED]
    assert delivered() == {OCTOBER: 1_000, (date(2026, 9, 1), "input_tokens"): 10}
    assert sql.rows(invariants.QUERIES["I5"]) == []


@pytest.mark.django_db
def test_corrections_make_room_and_take_it(by: Actor, contracts: list[Subscription]) -> None:
    send(by, tokens(contracts[0], 1_000, "a"))
    less, more = changed(contracts[0], "a", -100), changed(contracts[0], "b", 61)

    assert send(by, less, tokens(contracts[1], 101)) == [ACCEPTED, ABOVE]
    assert send(by, tokens(contracts[0], 40, "b"), more) == [ACCEPTED, ABOVE]
    assert send(by, changed(contracts[0], "b", 60)) == [ACCEPTED]
    assert send(by, tokens(contracts[1], 1)) == [ABOVE]
    assert delivered() == {OCTOBER: 1_000}
    assert sql.rows(invariants.QUERIES["I5"]) == []


@pytest.mark.django_db
def test_capacity_below_what_was_used_stops_usage_and_no_correction(
    by: Actor, contracts: list[Subscription]
) -> None:
    send(by, tokens(contracts[0], 500, "a"))
    Capacity.objects.update(total_units=300)

    answers = send(by, changed(contracts[0], "a", -100), tokens(contracts[0], 0))

    assert answers == [ACCEPTED, ACCEPTED]
    assert send(by, tokens(contracts[0], 1)) == [ABOVE]
    assert delivered() == {OCTOBER: 400}


@pytest.mark.django_db
def test_trial_takes_no_room(by: Actor, contracts: list[Subscription]) -> None:
    event = tokens(contracts[0], 1_000)

    tried = usage.ingest(by=by, events=[event], at=NOW, is_trial=True)

    assert [answer.outcome for answer in tried] == [ACCEPTED]
    assert delivered() == {}
    assert send(by, event) == [ACCEPTED]


def crossing(by: Actor, contracts: list[Subscription]) -> list[str]:
    """Answers of a call whose room was taken by another one that had not committed when it began."""
    first, second = contracts

    def late() -> list[str]:
        try:
            return send(by, tokens(second, 600), tokens(second, 300), tokens(second, 101))
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            assert send(by, tokens(first, 700)) == [ACCEPTED]
            sending = pool.submit(late)
            wait_for(WAITING)
        return sending.result(timeout=30)


@pytest.mark.django_db(transaction=True)
def test_without_the_last_look_batches_pass_the_capacity_together(
    by: Actor, contracts: list[Subscription], monkeypatch: pytest.MonkeyPatch
) -> None:
    blind = re.sub(r"WHERE added.quantity > 0", "WHERE false", deliveries.ADD)
    monkeypatch.setattr(deliveries, "ADD", blind)

    assert crossing(by, contracts) == [ACCEPTED, ACCEPTED, ABOVE]
    assert delivered() == {OCTOBER: 1_600}


@pytest.mark.django_db(transaction=True)
def test_batches_at_once_cannot_pass_the_capacity_together(
    by: Actor, contracts: list[Subscription]
) -> None:
    assert crossing(by, contracts) == [ABOVE, ACCEPTED, ABOVE]
    assert delivered() == {OCTOBER: 1_000}
    assert sql.rows(invariants.QUERIES["I5"]) == []


@pytest.mark.django_db(transaction=True)
def test_many_batches_at_once_fill_the_capacity_exactly(
    by: Actor, contracts: list[Subscription]
) -> None:
    def sender(number: int) -> list[str]:
        order = contracts if number % 2 else contracts[::-1]
        sent: list[str] = []
        for _ in range(5):
            sent += send(by, *(tokens(each, 10) for each in order))
        return sent

    answers = together([partial(sender, number) for number in range(12)])

    told = [answer for found in answers for answer in found]  # type: ignore[union-attr]
    assert (told.count(ACCEPTED), told.count(ABOVE)) == (100, 20)
    assert delivered() == {OCTOBER: 1_000}
    assert sql.rows(invariants.QUERIES["I5"]) == []
