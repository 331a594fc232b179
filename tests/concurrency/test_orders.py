"""Many buyers at once: capacity is sold exactly, and nobody waits in a circle."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from marketplace.models import Bundle, Need, Order
from marketplace.orders.actions import judging, orders
from providers.models import Meter, Reservation, Subscription
from tests.factories import accounts, marketplace, providers
from tests.factories.accounts import NOW

pytestmark = pytest.mark.django_db(transaction=True)
THREADS = 64


def together(calls: list[Callable[[], object]]) -> list[object]:
    """Run all calls at the same moment; a refusal is answered by its code."""
    barrier = Barrier(len(calls))

    def run(call: Callable[[], object]) -> object:
        barrier.wait(timeout=60)
        try:
            return call()
        except judging.OutsideLimits as refused:
            return refused.code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def placing(need: Need, bundle: Bundle) -> Callable[[], object]:
    by = accounts.signatory(need.enterprise)
    return lambda: orders.place(by=by, need=need, bundle=bundle, at=NOW)


def needs_for(bundle: Bundle, count: int) -> list[Need]:
    scene = bundle.scenarios.get()
    return [marketplace.need(scene=scene, monthly_volume=1) for _number in range(count)]


def bundle_of_calls() -> Bundle:
    owner = providers.provider()
    chain = [providers.offering(owner, layer="application") for _number in range(2)]
    for sold in chain:
        providers.rate(sold, Meter.CALLS, "0.01", 1)
    scene = marketplace.scenario(coefficients={"calls": 1})
    return marketplace.bundle(owner, chain, [scene])


@pytest.mark.parametrize("left", [1, 7])
def test_the_last_units_are_sold_exactly_once(left: int) -> None:
    bundle = bundle_of_calls()
    rooms = [
        providers.capacity(sold, meter=Meter.CALLS, total_units=total)
        for sold, total in zip(bundle.offerings.order_by("pk"), (1000, left), strict=True)
    ]

    found = together([placing(need, bundle) for need in needs_for(bundle, THREADS)])

    assert found.count("order_above_capacity") == THREADS - left
    assert Order.objects.count() == left
    assert Subscription.objects.count() == Reservation.objects.count() == 2 * left
    for room in rooms:
        room.refresh_from_db()
        assert room.reserved_units == left


def test_one_buyer_clicking_sixteen_times_gets_one_order() -> None:
    bundle = bundle_of_calls()
    (need,) = needs_for(bundle, 1)

    found = together([placing(need, bundle) for _click in range(16)])

    assert len(set(found)) == 1
    assert (Order.objects.count(), Subscription.objects.count()) == (1, 2)


def test_bundles_that_share_offerings_the_other_way_round_do_not_block_each_other() -> None:
    bundle = bundle_of_calls()
    turned = marketplace.bundle(
        bundle.publisher, list(bundle.offerings.order_by("-pk")), [bundle.scenarios.get()]
    )
    for sold in bundle.offerings.order_by("-pk"):
        providers.capacity(sold, meter=Meter.CALLS, total_units=1000)

    found = together(
        [
            placing(need, (bundle, turned)[number % 2])
            for number, need in enumerate(needs_for(bundle, 32))
        ]
    )

    assert all(isinstance(each, Order) for each in found)
    assert Order.objects.count() == 32
