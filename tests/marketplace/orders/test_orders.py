"""Orders: placed whole or not at all, ended with notice."""

from datetime import date, timedelta

import pytest

from accounts.access import Actor
from accounts.models import Event, Organization, Role
from common.errors import Forbidden
from marketplace.matching.actions import matches
from marketplace.models import Bundle, Need, Order
from marketplace.orders.actions import judging, orders
from providers.models import Capacity, Layer, Meter, Provider, Reservation, Subscription
from tests.factories import accounts, marketplace, providers
from tests.factories.accounts import NOW

pytestmark = pytest.mark.django_db
OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)


def offered(**values: object) -> tuple[Bundle, Need]:
    """A bundle of two providers, and a need for ten thousand pictures."""
    scene = marketplace.scenario()
    first, second = providers.provider(), providers.provider(accounts.organization("provider"))
    tokens = providers.token_offering(first)
    application = providers.offering(second, layer=Layer.APPLICATION)
    providers.rate(application, Meter.CALLS, "0.004", 1)
    made = marketplace.bundle(first, [tokens, application], [scene], **values)
    return made, marketplace.need(scene=scene)


def buyer(need: Need) -> Actor:
    return accounts.signatory(need.enterprise)


def test_place_starts_one_subscription_for_each_offering() -> None:
    bundle, need = offered()
    by = buyer(need)

    order = orders.place(by=by, need=need, bundle=bundle, at=NOW)

    started = Subscription.objects.filter(reference=order.code)
    assert {row.offering for row in started} == set(bundle.offerings.all())
    assert {row.offering.code: row.monthly_units for row in started} == order.units
    # 10 million input at 2.00, 2 million output at 8.00, 10,000 calls at 0.004: 20 + 16 + 40 yuan
    assert (order.monthly_price_fen, order.status) == (7600, "active")
    assert order.monthly_price_fen == order.monthly_voucher_fen + order.monthly_own_fen
    assert (order.placed_by, order.placed_at) == (by.user, NOW)
    assert Event.objects.filter(verb="order.placed", subject_code=order.code).count() == 1


def test_place_twice_answers_with_the_same_order() -> None:
    bundle, need = offered()

    first = orders.place(by=buyer(need), need=need, bundle=bundle, at=NOW)
    second = orders.place(by=buyer(need), need=need, bundle=bundle, at=NOW + timedelta(seconds=1))

    assert (first, Order.objects.count(), Subscription.objects.count()) == (second, 1, 2)


def test_place_another_bundle_for_the_same_need_is_refused() -> None:
    bundle, need = offered()
    other = marketplace.bundle(scenes=[need.scenario])
    orders.place(by=buyer(need), need=need, bundle=bundle, at=NOW)

    with pytest.raises(orders.NeedAlreadyOrdered):
        orders.place(by=buyer(need), need=need, bundle=other, at=NOW)


def test_place_above_capacity_names_meter_month_and_left_and_leaves_nothing() -> None:
    bundle, need = offered()
    application = bundle.offerings.get(layer=Layer.APPLICATION)
    tokens = bundle.offerings.get(layer=Layer.PLATFORM)
    plenty = providers.capacity(tokens, total_units=10**12)
    providers.capacity(application, meter=Meter.CALLS, month=NOVEMBER, total_units=9_999)

    with pytest.raises(judging.AboveCapacity) as refused:
        orders.place(by=buyer(need), need=need, bundle=bundle, at=NOW)

    assert refused.value.code == "order_above_capacity"
    for part in (application.name, "9,999", "2026-11", "10,000"):
        assert part in str(refused.value)
    plenty.refresh_from_db()
    assert plenty.reserved_units == 0
    assert not Order.objects.exists()
    assert not Subscription.objects.exists()
    assert not Reservation.objects.exists()


def test_place_reserves_this_and_every_later_declared_month() -> None:
    bundle, need = offered()
    application = bundle.offerings.get(layer=Layer.APPLICATION)
    for month in (OCTOBER, NOVEMBER):
        providers.capacity(application, meter=Meter.CALLS, month=month, total_units=10_000)

    orders.place(by=buyer(need), need=need, bundle=bundle, at=NOW)

    assert [row.reserved_units for row in Capacity.objects.order_by("month")] == [10_000, 10_000]


def test_place_judges_the_limits_again() -> None:
    bundle, need = offered()
    matches.compute(by=accounts.preparer(need.enterprise), need=need, at=NOW)
    Provider.objects.update(license_expires_on=NOW.date() - timedelta(days=2))

    with pytest.raises(judging.OutsideLimits) as refused:
        orders.place(by=buyer(need), need=need, bundle=bundle, at=NOW)

    assert refused.value.code == "outside_limits"
    assert not Order.objects.exists()


def test_place_refuses_a_bundle_of_another_scenario() -> None:
    _bundle, need = offered()

    with pytest.raises(judging.BundleNotOffered):
        orders.place(by=buyer(need), need=need, bundle=marketplace.bundle(), at=NOW)


def test_place_refuses_another_share_than_the_one_shown() -> None:
    bundle, need = offered()

    with pytest.raises(judging.PriceChanged):
        orders.place(by=buyer(need), need=need, bundle=bundle, at=NOW, own_fen=7599)

    assert orders.place(by=buyer(need), need=need, bundle=bundle, at=NOW, own_fen=7600)


@pytest.mark.parametrize("role", [Role.PREPARER, Role.VIEWER, Role.OPERATOR])
def test_place_needs_the_signatory(role: str) -> None:
    bundle, need = offered()

    with pytest.raises(Forbidden):
        orders.place(by=accounts.member(need.enterprise, role), need=need, bundle=bundle, at=NOW)


def test_place_for_another_enterprise_is_refused() -> None:
    bundle, need = offered()

    with pytest.raises(Forbidden):
        orders.place(by=accounts.signatory(), need=need, bundle=bundle, at=NOW)


def test_matches_stay_as_they_were_when_ordered() -> None:
    bundle, need = offered()
    orders.place(by=buyer(need), need=need, bundle=bundle, at=NOW)
    Bundle.objects.update(status="retired")

    (match,) = matches.compute(
        by=accounts.preparer(need.enterprise), need=need, at=NOW + timedelta(days=9)
    )

    assert (match.bundle, match.computed_at) == (bundle, NOW)


def test_end_gives_notice_and_ends_when_it_is_over() -> None:
    bundle, need = offered(notice_days=15)
    by = buyer(need)
    order = orders.place(by=by, need=need, bundle=bundle, at=NOW)
    noticed = NOW + timedelta(days=1)

    order = orders.end(by=by, order=order, at=noticed)

    assert (order.status, order.ends_at) == ("ending", NOW + timedelta(days=16))
    assert set(Subscription.objects.values_list("status", flat=True)) == {"active"}
    assert orders.finish_due(at=NOW + timedelta(days=15)) == 0
    assert orders.finish_due(at=NOW + timedelta(days=17)) == 1
    assert orders.finish_due(at=NOW + timedelta(days=17)) == 0
    order.refresh_from_db()
    ended = Subscription.objects.all()
    assert order.status == "ended"
    assert {(row.status, row.ends_at) for row in ended} == {("ended", NOW + timedelta(days=16))}


def test_end_without_notice_period_ends_at_once_and_frees_capacity() -> None:
    bundle, need = offered(notice_days=0)
    application = bundle.offerings.get(layer=Layer.APPLICATION)
    room = providers.capacity(application, meter=Meter.CALLS, total_units=10_000)
    order = orders.place(by=buyer(need), need=need, bundle=bundle, at=NOW)

    order = orders.end(by=buyer(need), order=order, at=NOW + timedelta(hours=1))

    room.refresh_from_db()
    assert (order.status, room.reserved_units) == ("ended", 0)


def test_end_twice_changes_nothing() -> None:
    bundle, need = offered(notice_days=15)
    order = orders.place(by=buyer(need), need=need, bundle=bundle, at=NOW)
    first = orders.end(by=buyer(need), order=order, at=NOW)

    second = orders.end(by=buyer(need), order=order, at=NOW + timedelta(days=5))

    assert (second.ends_at, second.noticed_at) == (first.ends_at, NOW)


@pytest.mark.parametrize("own", [True, False])
def test_end_needs_the_signatory_of_the_enterprise(own: bool) -> None:
    bundle, need = offered()
    order = orders.place(by=buyer(need), need=need, bundle=bundle, at=NOW)
    by = accounts.preparer(need.enterprise) if own else accounts.signatory()

    with pytest.raises(Forbidden):
        orders.end(by=by, order=order, at=NOW)


def test_orders_are_visible_to_buyer_and_delivering_providers_only() -> None:
    bundle, need = offered()
    order = orders.place(by=buyer(need), need=need, bundle=bundle, at=NOW)
    delivering = [row.provider.organization for row in bundle.offerings.all()]

    def sees(organization: Organization, role: str) -> bool:
        actor = accounts.member(organization, role)
        return Order.objects.visible_to(actor).filter(pk=order.pk).exists()

    assert sees(need.enterprise, Role.PREPARER)
    assert all(sees(organization, Role.OPERATOR) for organization in delivering)
    assert not sees(accounts.organization(), Role.SIGNATORY)
    assert not sees(
        providers.provider(accounts.organization("provider")).organization, Role.OPERATOR
    )
    nobody = Actor(user=accounts.user(), organization=None, permissions=frozenset())
    assert not Order.objects.visible_to(nobody).exists()
