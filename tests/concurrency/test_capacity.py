"""Sixty-four firms want the last unit of a month."""

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import partial
from itertools import count

import pytest
from django.db import connection, transaction
from django.db.models import F, Sum

from accounts.access import Actor
from providers.actions import subscriptions
from providers.models import Capacity, Meter, Offering, Reservation, Subscription
from tests.factories import accounts, providers
from tests.factories.accounts import NOW
from tests.threads import in_rounds

pytestmark = pytest.mark.django_db(transaction=True)
THREADS = 64
ROUNDS = int(os.environ.get("CAPACITY_ROUNDS", "3"))
"""Rounds of 64 threads on a last unit each; `make chaos` plays 1,000."""
LAST_UNIT: dict[str, int] = {Meter.CARD_SECONDS: 1}


@pytest.fixture
def offering() -> Offering:
    made = providers.offering()
    providers.capacity(
        made,
        meter=Meter.CARD_SECONDS,
        month=date(2026, 10, 1),
        total_units=1000,
        reserved_units=999,
    )
    return made


@pytest.fixture
def firms() -> list[Actor]:
    return [accounts.signatory() for _number in range(THREADS)]


def race(firms: list[Actor], work: Callable[[Actor, threading.Barrier], bool]) -> int:
    """Run one thread per firm; how many said they got the unit."""
    gate = threading.Barrier(THREADS, timeout=60)

    def one(firm: Actor) -> bool:
        try:
            return work(firm, gate)
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        return sum(pool.map(one, firms))


def reserved() -> int:
    return Reservation.objects.aggregate(total=Sum("units"))["total"] or 0


def test_read_then_write_without_lock_oversells(offering: Offering, firms: list[Actor]) -> None:
    """What would happen: everybody reads one unit left before anybody writes.

    Writing the figure that was computed keeps even the database's CHECK silent.
    """

    def naive(firm: Actor, gate: threading.Barrier) -> bool:
        with transaction.atomic():
            row = Capacity.objects.get(offering=offering)
            gate.wait()
            if row.left_units < 1:
                return False
            Capacity.objects.filter(pk=row.pk).update(reserved_units=row.reserved_units + 1)
            subscription = providers.subscription(firm.own(), offering)
            Reservation.objects.create(subscription=subscription, capacity=row, units=1)
            return True

    winners = race(firms, naive)

    assert winners == THREADS
    assert reserved() == THREADS, "64 promises of a single unit"
    assert Capacity.objects.get(offering=offering).left_units == 0, "and the row looks fine"


def test_start_sells_the_last_unit_once(offering: Offering, firms: list[Actor]) -> None:
    def start(firm: Actor, gate: threading.Barrier) -> bool:
        gate.wait()
        try:
            subscriptions.start(
                by=firm,
                enterprise=firm.own(),
                offering=offering,
                reference=firm.own().code,
                units_per_month=LAST_UNIT,
                at=NOW,
            )
        except subscriptions.AboveCapacity as refusal:
            return refusal.left_units != 0
        return True

    winners = race(firms, start)

    assert winners == 1
    assert reserved() == 1
    assert Subscription.objects.count() == 1
    assert Capacity.objects.get(offering=offering).left_units == 0


def test_many_rounds_never_oversell(firms: list[Actor]) -> None:
    """CAPACITY_ROUNDS offerings, each with one unit left; the threads and connections stay."""
    months = [last_unit() for _number in range(ROUNDS)]
    turn = count()  # its next number is one step of the interpreter: no two threads share it

    def start(month: Capacity) -> bool:
        firm = firms[next(turn) % THREADS]
        subscriptions.start(
            by=firm,
            enterprise=firm.own(),
            offering=month.offering,
            reference=f"{firm.own().code}-{month.pk}",
            units_per_month=LAST_UNIT,
            at=NOW,
        )
        return True

    rounds = in_rounds([partial(start, month) for month in months], threads=THREADS)

    assert [sum(answer is True for answer in answers) for answers in rounds] == [1] * ROUNDS
    assert [
        sum(isinstance(answer, subscriptions.AboveCapacity) for answer in answers)
        for answers in rounds
    ] == [THREADS - 1] * ROUNDS
    assert reserved() == ROUNDS
    assert not Capacity.objects.exclude(reserved_units=F("total_units")).exists()


def last_unit() -> Capacity:
    return providers.capacity(
        providers.offering(),
        meter=Meter.CARD_SECONDS,
        month=date(2026, 10, 1),
        total_units=1000,
        reserved_units=999,
    )
