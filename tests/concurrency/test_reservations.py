"""Sixty-four firms reserve the last unit; the clock against the signatory: one of them wins."""

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial

import pytest
from django.db import connection, transaction
from django.db.models import F, Sum

from accounts.access import Actor
from marketplace.models import Order, Quote
from marketplace.orders.actions import judging, orders, quotes
from providers.actions import capacity_holds
from providers.actions.subscriptions import AboveCapacity
from providers.models import Capacity, CapacityHold, Meter
from tests.concurrency.test_orders import bundle_of_calls, needs_for
from tests.factories import accounts, grants, providers
from tests.factories.accounts import NOW
from tests.threads import in_rounds, together
from vouchers.grants.actions import wallets

pytestmark = pytest.mark.django_db(transaction=True)
THREADS = 64
ROUNDS = int(os.environ.get("RESERVATION_ROUNDS", "3"))
"""Rounds of 64 threads on a last unit each; `make chaos` plays 1,000."""
ENDS = int(os.environ.get("RESERVATION_ENDS", "6"))
"""Rounds of accepting against lapsing; `make chaos` plays 200."""


def last_unit(number: int = 0) -> Capacity:
    return providers.capacity(
        providers.offering(), meter=Meter.CALLS, total_units=1000, reserved_units=999
    )


def held() -> int:
    return CapacityHold.objects.aggregate(total=Sum("units"))["total"] or 0


def test_holding_without_lock_promises_the_last_unit_to_everybody() -> None:
    """What would happen: all read one unit left before any writes the figure it computed."""
    room = last_unit()
    gate = threading.Barrier(THREADS, timeout=60)

    def naive(number: int) -> bool:
        try:
            with transaction.atomic():
                row = Capacity.objects.get(pk=room.pk)
                gate.wait()
                if row.left_units < 1:
                    return False
                Capacity.objects.filter(pk=row.pk).update(reserved_units=row.reserved_units + 1)
                CapacityHold.objects.create(
                    reference=f"QT-{number}", capacity=row, units=1, held_at=NOW
                )
                return True
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        winners = sum(pool.map(naive, range(THREADS)))

    assert winners == held() == THREADS, "64 promises of a single unit"


def test_many_rounds_hold_the_last_unit_once() -> None:
    rooms = [last_unit() for _number in range(ROUNDS)]

    def hold(room: Capacity) -> bool:
        capacity_holds.hold(
            reference=f"QT-{threading.get_ident()}-{room.pk}"[:40],
            units={room.offering.code: {Meter.CALLS: 1}},
            at=NOW,
        )
        return True

    rounds = in_rounds([partial(hold, room) for room in rooms], threads=THREADS)

    assert [answers.count(True) for answers in rounds] == [1] * ROUNDS
    assert all(
        sum(isinstance(answer, AboveCapacity) for answer in answers) == THREADS - 1
        for answers in rounds
    )
    assert held() == ROUNDS
    assert not Capacity.objects.exclude(reserved_units=F("total_units")).exists()


def test_the_last_need_is_reserved_by_one_of_many_firms() -> None:
    bundle = bundle_of_calls()
    needs = needs_for(bundle, 16)
    asked = [
        (by, quotes.ask(by=by, need=need, bundle=bundle, at=NOW))
        for need in needs
        for by in [accounts.signatory(need.enterprise)]
    ]
    for sold in bundle.offerings.all():
        providers.capacity(sold, meter=Meter.CALLS, total_units=1)

    def reserving(by: Actor, quote: Quote) -> Callable[[], Quote]:
        return lambda: quotes.reserve(by=by, quote=quote, at=NOW)

    found = together([reserving(by, quote) for by, quote in asked])

    assert sum(isinstance(each, Quote) for each in found) == 1
    assert sum(isinstance(each, judging.AboveCapacity) for each in found) == 15
    assert Quote.objects.filter(status="reserved").count() == 1
    assert held() == 2


def test_accepting_and_lapsing_at_once_have_one_winner_and_leave_no_hold() -> None:
    bundle = bundle_of_calls()
    rooms = [
        providers.capacity(sold, meter=Meter.CALLS, total_units=ENDS)
        for sold in bundle.offerings.all()
    ]
    ordered = 0
    for need in needs_for(bundle, ENDS):
        voucher = grants.voucher(need.enterprise)
        by = accounts.signatory(need.enterprise)
        asked = quotes.ask(by=by, need=need, bundle=bundle, at=NOW)
        quote = quotes.reserve(by=by, quote=asked, at=NOW)
        end = NOW + quotes.RESERVED_FOR

        def accept(by: Actor = by, quote: Quote = quote) -> object:
            at = NOW + quotes.RESERVED_FOR - timedelta(microseconds=1)
            return quotes.accept(
                by=by, quote=quote, contract_version=orders.CONTRACT_VERSION,
                own_fen=quote.monthly_own_fen, at=at,
            )  # fmt: skip

        def lapse(end: datetime = end) -> object:
            return quotes.lapse_due(at=end)

        ends: list[Callable[[], object]] = [accept, lapse]
        first, second = together(ends)

        quote.refresh_from_db()
        is_ordered = isinstance(first, Order)
        ordered += is_ordered
        assert (second == 0, quote.status == "ordered") == (is_ordered, is_ordered), (first, second)
        assert wallets.entry(voucher=voucher).held_fen == 0
    assert held() == 0
    for room in rooms:
        room.refresh_from_db()
        assert room.reserved_units == ordered
