"""Many at once on the same events, bills and months; and the power going out in between."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from functools import partial

import pytest
from django.db import connection, transaction
from django.db.models import Sum

from accounts.access import Actor
from providers.models import Subscription
from tests.factories import grants, providers
from tests.factories import usage as metered
from tests.factories.accounts import NOW
from tests.threads import together
from vouchers.billing.actions import funds, invariants, periods
from vouchers.billing.actions.charging import rating
from vouchers.billing.actions.metering import usage
from vouchers.billing.actions.metering.usage import Outcome
from vouchers.billing.models import Bill, BillStatus, Charge, UnbilledUsage, UsageEvent, UsageRollup
from vouchers.billing.rules.events import Report

pytestmark = pytest.mark.django_db(transaction=True)

MILLION = 1_000_000


def reporter(subscription: Subscription) -> Actor:
    return metered.operator(subscription.offering.provider)


def send(by: Actor, events: list[Report]) -> list[Outcome]:
    return [answer.outcome for answer in usage.ingest(by=by, events=events, at=NOW)]


def clean() -> None:
    for query in invariants.QUERIES.values():
        with connection.cursor() as cursor:
            cursor.execute(query.sql)
            assert cursor.fetchall() == [], query.title


def wait_for(sql: str) -> int:
    """Poll until the query answers a row; its first column."""
    for _ in range(200):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(sql)
            row = cursor.fetchone()
        if row:
            return int(row[0])
        time.sleep(0.05)
    raise AssertionError(f"never came true: {sql}")


WAITING = """
SELECT pid FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock' AND pid <> pg_backend_pid()
"""


def test_same_batch_from_16_threads_has_one_effect() -> None:
    subscription = providers.subscription()
    by = reporter(subscription)
    events = [metered.report(subscription, quantities={"input_tokens": 10}) for _ in range(200)]

    def sender(number: int) -> list[Outcome]:
        order = events[number * 12 :] + events[: number * 12]
        return send(by, order)

    answers = together([partial(sender, number) for number in range(16)])

    outcomes = [outcome for answer in answers for outcome in answer]  # type: ignore[union-attr]
    assert outcomes.count(Outcome.ACCEPTED) == 200
    assert outcomes.count(Outcome.DUPLICATE) == 15 * 200
    rollup = UsageRollup.objects.get()
    assert (rollup.quantity, rollup.events, UsageEvent.objects.count()) == (2_000, 200, 200)


def test_crossing_batches_of_several_subscriptions_do_not_deadlock() -> None:
    offering = providers.token_offering()
    contracts = [providers.subscription(offered=offering) for _ in range(6)]
    by = reporter(contracts[0])

    def sender(number: int) -> list[Outcome]:
        order = contracts if number % 2 else contracts[::-1]
        sent: list[Outcome] = []
        for _ in range(5):
            sent += send(by, [metered.report(each) for each in order])
        return sent

    answers = together([partial(sender, number) for number in range(8)])

    assert [answer for answer in answers if isinstance(answer, Exception)] == []
    assert UsageRollup.objects.aggregate(total=Sum("events"))["total"] == 8 * 5 * 6 * 2


def test_ticks_at_once_book_each_fen_once_while_usage_comes_in() -> None:
    offering = providers.token_offering()
    contracts = [providers.subscription(offered=offering) for _ in range(5)]
    plan = grants.scheme(rules=metered.RULES)
    for contract in contracts:
        grants.voucher(contract.enterprise, plan)
        grants.funds(contract.enterprise, 1_000_000)
    by = reporter(contracts[0])

    def sender() -> int:
        for _ in range(10):
            send(
                by,
                [metered.report(each, quantities={"input_tokens": 333_333}) for each in contracts],
            )
        return 0

    def ticker() -> int:
        return sum(rating.tick(at=NOW).failed for _ in range(10))

    answers = together([sender, sender, ticker, ticker, ticker, ticker])
    rating.tick(at=NOW)

    assert answers == [0] * 6
    assert list(Bill.objects.values_list("total_fen", "voucher_fen", "own_fen")) == [
        (1_333, 400, 933)
    ] * len(contracts)
    assert Charge.objects.aggregate(total=Sum("amount_fen"))["total"] == 5 * 1_333
    clean()


def test_same_receipt_from_16_threads_is_one_movement() -> None:
    firm = providers.subscription().enterprise
    officer = metered.settlement_officer()

    def record() -> bool:
        return funds.deposit(
            by=officer, enterprise=firm, amount_fen=500, reference="B-1", at=NOW
        ).is_new

    answers = together([record] * 16)

    assert sorted(map(str, answers)) == ["False"] * 15 + ["True"]
    assert funds.balance(enterprise=firm).available_fen == 500


def test_deposits_and_ticks_at_once_settle_what_is_outstanding_once() -> None:
    contract = providers.subscription()
    metered.use(contract, input_tokens=10 * MILLION)
    rating.tick(at=NOW)
    officer = metered.settlement_officer()

    def deposit(number: int) -> int:
        funds.deposit(
            by=officer,
            enterprise=contract.enterprise,
            amount_fen=400,
            reference=f"B-{number}",
            at=NOW,
        )
        return rating.tick(at=NOW).failed

    answers = together([partial(deposit, number) for number in range(8)])
    rating.tick(at=NOW)

    assert answers == [0] * 8
    bill = Bill.objects.get()
    assert (bill.own_fen, bill.receivable_fen) == (2_000, 0)
    assert funds.balance(enterprise=contract.enterprise).available_fen == 8 * 400 - 2_000
    clean()


def test_close_waits_for_running_reports_and_bills_them() -> None:
    contract = providers.subscription()
    september = datetime(2026, 9, 20, tzinfo=UTC)
    by, officer = reporter(contract), metered.settlement_officer()
    grants.funds(contract.enterprise, 1_000)
    event = metered.report(contract, september, quantities={"input_tokens": MILLION})

    def close() -> None:
        try:
            periods.close(by=officer, month=date(2026, 9, 1), at=NOW)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            assert send(by, [event]) == [Outcome.ACCEPTED]
            closing = pool.submit(close)
            wait_for(WAITING)
        closing.result(timeout=30)

    bill = Bill.objects.get()
    assert (bill.status, bill.total_fen) == (BillStatus.CLOSED, 200)
    late = metered.report(contract, september)
    assert send(by, [late]) == [Outcome.ACCEPTED]
    [month] = UnbilledUsage.objects.values_list("month", flat=True)
    assert month == date(2026, 10, 1)
    days = UsageRollup.objects.filter(month=month).values_list("day", flat=True)
    assert set(days) == {date(2026, 9, 20)}


def test_backend_killed_in_the_middle_of_a_bill_leaves_nothing_half_done() -> None:
    contract = providers.subscription()
    grants.voucher(contract.enterprise, grants.scheme(rules=metered.RULES))
    metered.use(contract, input_tokens=MILLION)

    def tick() -> rating.Tally:
        try:
            return rating.tick(at=NOW)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            # The tick gets as far as the stop signal: bill, transfers and charges are written.
            Subscription.objects.select_for_update().get(pk=contract.pk)
            ticking = pool.submit(tick)
            pid = wait_for(WAITING)
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
        answer = ticking.result(timeout=30)

    assert answer == rating.Tally(failed=1)
    assert not Bill.objects.exists()
    assert not Charge.objects.exists()
    assert UnbilledUsage.objects.exists()
    clean()
    assert rating.tick(at=NOW) == rating.Tally(rated=1)
    bill = Bill.objects.get()
    assert (bill.total_fen, bill.voucher_fen, bill.receivable_fen) == (200, 60, 140)
    clean()
