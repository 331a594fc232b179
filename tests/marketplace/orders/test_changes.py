"""Changes: another volume or bundle from the first day of next month, or the order goes on as it was."""

from datetime import timedelta

import pytest

from accounts.models import Role
from common.errors import Forbidden
from common.periods import start_of_day
from common.states import WrongState
from marketplace.matching.actions import matches
from marketplace.models import Bundle, Order, OrderChange
from marketplace.orders.actions import changes, orders, pauses
from providers.models import Capacity, Layer, Subscription
from tests.factories import accounts, marketplace
from tests.factories.accounts import NOW
from tests.marketplace.orders.test_orders import NOVEMBER
from tests.marketplace.orders.test_pauses import running
from tests.marketplace.orders.test_quotes import Shop

pytestmark = pytest.mark.django_db
MIDNIGHT = start_of_day(NOVEMBER)


def planned(shop: Shop, order: Order, volume: int, bundle: Bundle | None = None) -> OrderChange:
    return changes.plan(
        by=shop.by, order=order, monthly_volume=volume, bundle=bundle or order.bundle, at=NOW
    )


def test_a_smaller_volume_holds_from_the_first_moment_of_next_month() -> None:
    shop, order = running()

    change = planned(shop, order, 5_000)

    # half of 20 + 16 + 40 yuan, of which a voucher pays a part
    assert (change.effective_on, change.status) == (NOVEMBER, "planned")
    assert changes.apply_due(at=MIDNIGHT - timedelta(seconds=1)) == 0
    assert changes.apply_due(at=MIDNIGHT + timedelta(seconds=40)) == 1
    assert changes.apply_due(at=MIDNIGHT + timedelta(seconds=80)) == 0
    order.refresh_from_db()
    change.refresh_from_db()
    assert (change.status, order.monthly_volume, order.monthly_price_fen) == (
        "applied", 5_000, 3800,
    )  # fmt: skip
    assert order.monthly_own_fen == change.monthly_own_fen
    assert shop.taken == [10_000, 5_000]
    rows = Subscription.objects.filter(reference=order.code).order_by("pk")
    assert [(row.status, row.starts_at, row.ends_at) for row in rows] == [
        ("ended", NOW, MIDNIGHT), ("ended", NOW, MIDNIGHT),
        ("active", MIDNIGHT, None), ("active", MIDNIGHT, None),
    ]  # fmt: skip


def test_a_larger_volume_without_room_leaves_the_order_as_it_was_and_says_why() -> None:
    shop, order = running()
    change = planned(shop, order, 20_000)

    changes.apply_due(at=MIDNIGHT)

    order.refresh_from_db()
    change.refresh_from_db()
    assert (change.status, order.monthly_volume, order.status) == ("refused", 10_000, "active")
    assert "20,000" in change.reason
    assert shop.taken == [10_000, 10_000]
    assert Subscription.objects.filter(reference=order.code, status="active").count() == 2


def test_a_larger_volume_may_use_what_the_order_itself_had() -> None:
    shop, order = running()
    Capacity.objects.filter(month=NOVEMBER).update(total_units=20_000)
    planned(shop, order, 20_000)

    changes.apply_due(at=MIDNIGHT)

    assert shop.taken == [10_000, 20_000]


def test_another_bundle_that_fitted_takes_over() -> None:
    shop = Shop()
    other = marketplace.bundle(scenes=[shop.need.scenario], notice_days=0)
    matches.compute(by=accounts.preparer(shop.need.enterprise), need=shop.need, at=NOW)
    order = orders.place(by=shop.by, need=shop.need, bundle=shop.bundle, at=NOW)

    planned(shop, order, 10_000, other)
    changes.apply_due(at=MIDNIGHT)

    order.refresh_from_db()
    assert (order.bundle, order.monthly_price_fen) == (other, 3600)
    active = Subscription.objects.filter(reference=order.code, status="active")
    assert {row.offering_id for row in active} == {row.pk for row in other.offerings.all()}
    assert shop.taken == [10_000, 0]


def test_a_bundle_that_did_not_fit_is_refused() -> None:
    shop, order = running()

    with pytest.raises(changes.InvalidChange):
        planned(shop, order, 10_000, marketplace.bundle())


@pytest.mark.parametrize("volume", [0, -1, 10**10, True])
def test_a_volume_that_cannot_be_meant_is_refused(volume: int) -> None:
    shop, order = running()

    with pytest.raises(changes.InvalidChange):
        planned(shop, order, volume)

    assert not OrderChange.objects.exists()


def test_another_share_than_was_shown_is_refused() -> None:
    shop, order = running()

    with pytest.raises(pauses.ShareChanged):
        changes.plan(
            by=shop.by, order=order, monthly_volume=5_000, bundle=order.bundle, at=NOW, own_fen=1
        )


def test_a_second_plan_replaces_the_first_and_withdrawing_leaves_none() -> None:
    shop, order = running()
    first, second = planned(shop, order, 5_000), planned(shop, order, 6_000)

    changes.withdraw(by=shop.by, order=order, at=NOW)

    for each in (first, second):
        each.refresh_from_db()
        assert each.status == "withdrawn"
    assert changes.apply_due(at=MIDNIGHT) == 0


def test_a_paused_order_is_not_changed() -> None:
    shop, order = running()
    change = planned(shop, order, 5_000)
    pauses.pause(by=shop.by, order=order, at=NOW)

    with pytest.raises(WrongState):
        planned(shop, order, 6_000)
    changes.apply_due(at=MIDNIGHT)

    change.refresh_from_db()
    assert change.status == "withdrawn"


def test_a_provider_off_the_shelf_keeps_the_order_as_it_was() -> None:
    shop, order = running()
    change = planned(shop, order, 5_000)
    order.bundle.offerings.filter(layer=Layer.APPLICATION).update(status="retired")

    changes.apply_due(at=MIDNIGHT)

    change.refresh_from_db()
    assert change.status == "refused"
    assert Subscription.objects.filter(reference=order.code, status="active").count() == 2


def test_changing_needs_the_signatory_of_the_enterprise() -> None:
    _shop, order = running()
    for by in (accounts.member(order.enterprise, Role.PREPARER), accounts.signatory()):
        with pytest.raises(Forbidden):
            changes.plan(by=by, order=order, monthly_volume=1, bundle=order.bundle, at=NOW)
        with pytest.raises(Forbidden):
            changes.withdraw(by=by, order=order, at=NOW)
