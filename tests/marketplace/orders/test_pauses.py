"""Pauses: nothing is billed and nothing is reserved while an order is paused."""

from datetime import datetime, timedelta

import pytest

from accounts.models import Role
from common.errors import Forbidden
from common.states import WrongState
from marketplace.models import Order
from marketplace.orders.actions import orders, pauses
from providers.actions.subscriptions import AboveCapacity
from providers.models import Meter, Rate, Subscription
from tests.factories import accounts, marketplace, usage
from tests.factories.accounts import NOW
from tests.marketplace.orders.test_orders import buyer
from tests.marketplace.orders.test_quotes import Shop
from vouchers.billing.actions.metering import usage as metered
from vouchers.billing.models import Bill

pytestmark = pytest.mark.django_db
PAUSE, RESUME = NOW + timedelta(days=1), NOW + timedelta(days=3)


def running() -> tuple[Shop, Order]:
    shop = Shop()
    return shop, orders.place(by=shop.by, need=shop.need, bundle=shop.bundle, at=NOW)


def statuses(order: Order) -> list[str]:
    rows = Subscription.objects.filter(reference=order.code).order_by("pk")
    return list(rows.values_list("status", flat=True))


def report(subscription: Subscription, moment: datetime) -> str:
    """What reporting ten calls at that moment is answered with."""
    by = usage.operator(subscription.offering.provider)
    event = usage.report(subscription, moment, quantities={"calls": 10})
    (answer,) = metered.ingest(by=by, events=[event], at=RESUME + timedelta(days=1))
    return str(answer.code or answer.outcome)


def test_pausing_ends_the_subscriptions_and_frees_capacity() -> None:
    shop, order = running()

    paused = pauses.pause(by=shop.by, order=order, at=PAUSE)

    assert (paused.status, paused.paused_at, paused.paused_by) == ("paused", PAUSE, shop.by.user)
    assert statuses(order) == ["ended", "ended"]
    assert shop.taken == [0, 0]
    assert pauses.pause(by=shop.by, order=order, at=RESUME).paused_at == PAUSE


def test_resuming_reserves_again_and_starts_new_subscriptions() -> None:
    shop, order = running()
    pauses.pause(by=shop.by, order=order, at=PAUSE)

    resumed = pauses.resume(by=shop.by, order=order, at=RESUME)

    assert (resumed.status, resumed.paused_at) == ("active", None)
    assert statuses(order) == ["ended", "ended", "active", "active"]
    assert shop.taken == [10_000, 10_000]
    started = Subscription.objects.filter(reference=order.code, status="active")
    assert {row.starts_at for row in started} == {RESUME}
    assert pauses.resume(by=shop.by, order=order, at=RESUME).status == "active"
    assert Subscription.objects.count() == 4


def test_resuming_without_room_is_refused_and_leaves_the_order_paused() -> None:
    shop, order = running()
    pauses.pause(by=shop.by, order=order, at=PAUSE)
    other = marketplace.need(scene=shop.need.scenario)
    orders.place(by=buyer(other), need=other, bundle=shop.bundle, at=PAUSE)

    with pytest.raises(AboveCapacity):
        pauses.resume(by=shop.by, order=order, at=RESUME)

    order.refresh_from_db()
    assert (order.status, statuses(order)) == ("paused", ["ended", "ended"])


def test_resuming_states_the_price_of_today() -> None:
    shop, order = running()
    pauses.pause(by=shop.by, order=order, at=PAUSE)
    Rate.objects.filter(meter=Meter.CALLS).update(price_yuan="0.005")

    with pytest.raises(pauses.ShareChanged):
        pauses.resume(by=shop.by, order=order, at=RESUME, own_fen=order.monthly_own_fen)

    shown = pauses.price(order=order, at=RESUME)
    resumed = pauses.resume(by=shop.by, order=order, at=RESUME, own_fen=shown.own_fen)
    assert (shown.price_fen, resumed.monthly_price_fen) == (8600, 8600)


def test_usage_of_a_paused_time_is_refused_and_no_bill_is_made() -> None:
    shop, order = running()
    sold = Subscription.objects.get(reference=order.code, offering__layer="application")
    pauses.pause(by=shop.by, order=order, at=PAUSE)
    pauses.resume(by=shop.by, order=order, at=RESUME)
    fresh = Subscription.objects.get(
        reference=order.code, offering__layer="application", status="active"
    )

    moment = PAUSE + timedelta(days=1)
    answers = [report(each, moment) for each in (sold, fresh)]

    assert answers == ["subscription_ended", "before_start"]
    assert report(fresh, RESUME + timedelta(hours=1)) == "accepted"
    assert not Bill.objects.filter(subscription=sold).exists()


def test_a_paused_order_ends_at_once() -> None:
    shop, order = running()
    pauses.pause(by=shop.by, order=order, at=PAUSE)

    ended = orders.end(by=shop.by, order=order, at=RESUME)

    assert (ended.status, ended.ends_at, ended.paused_at) == ("ended", RESUME, None)


def test_an_order_under_notice_is_not_paused() -> None:
    shop, order = running()
    orders.end(by=shop.by, order=order, at=NOW)

    with pytest.raises(WrongState):
        pauses.pause(by=shop.by, order=order, at=PAUSE)


@pytest.mark.parametrize("is_own", [True, False])
def test_pausing_and_resuming_need_the_signatory_of_the_enterprise(*, is_own: bool) -> None:
    shop, order = running()
    firm = order.enterprise if is_own else accounts.organization()
    by = accounts.member(firm, Role.PREPARER) if is_own else accounts.signatory(firm)

    with pytest.raises(Forbidden):
        pauses.pause(by=by, order=order, at=PAUSE)
    pauses.pause(by=shop.by, order=order, at=PAUSE)
    with pytest.raises(Forbidden):
        pauses.resume(by=by, order=order, at=RESUME)
