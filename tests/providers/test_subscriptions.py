"""Subscriptions reserve capacity of this and later months, all or nothing."""

from datetime import date, timedelta

import pytest

from accounts.access import Actor
from accounts.models import Role
from common.errors import Forbidden
from common.states import WrongState
from providers.actions import subscriptions
from providers.models import Capacity, Meter, Offering, Reservation, Subscription
from tests.factories import accounts, providers
from tests.factories.accounts import NOW

pytestmark = pytest.mark.django_db
INPUT, OUTPUT = Meter.INPUT_TOKENS, Meter.OUTPUT_TOKENS


@pytest.fixture
def tokens() -> Offering:
    return providers.token_offering()


@pytest.fixture
def signatory() -> Actor:
    return accounts.signatory()


def start(by: Actor, offering: Offering, units: dict[str, int], **values: object) -> Subscription:
    fields = {"enterprise": by.own(), "reference": "OD-2345-6789", "at": NOW, **values}
    return subscriptions.start(
        by=by,
        offering=offering,
        units_per_month=units,
        **fields,  # type: ignore[arg-type]
    )


def month(offering: Offering, number: int, total: int, meter: str = INPUT) -> Capacity:
    return providers.capacity(offering, month=date(2026, number, 1), total_units=total, meter=meter)


def left(offering: Offering) -> dict[tuple[str, int], int]:
    return {(row.meter, row.month.month): row.left_units for row in offering.capacities.all()}


def test_start_reserves_this_and_later_months(signatory: Actor, tokens: Offering) -> None:
    for number in (9, 10, 11, 12):
        month(tokens, number, 1000)

    subscription = start(signatory, tokens, {INPUT: 400, OUTPUT: 100})

    assert subscription.status == "active"
    assert subscription.monthly_units == {INPUT: 400, OUTPUT: 100}
    assert left(tokens) == {(INPUT, 9): 1000, (INPUT, 10): 600, (INPUT, 11): 600, (INPUT, 12): 600}


def test_start_without_declared_capacity_is_unlimited(signatory: Actor, tokens: Offering) -> None:
    start(signatory, tokens, {INPUT: 10**12})

    assert not Reservation.objects.exists()


def test_start_above_capacity_names_meter_month_left_and_writes_nothing(
    signatory: Actor, tokens: Offering
) -> None:
    month(tokens, 10, 1000)
    month(tokens, 11, 399)

    with pytest.raises(subscriptions.AboveCapacity) as refusal:
        start(signatory, tokens, {INPUT: 400})

    error = refusal.value
    assert (error.meter, error.month, error.left_units) == (INPUT, date(2026, 11, 1), 399)
    assert "2026-11" in str(error)
    assert left(tokens) == {(INPUT, 10): 1000, (INPUT, 11): 399}
    assert not Subscription.objects.exists()


def test_start_same_reference_again_is_the_same_subscription(
    signatory: Actor, tokens: Offering
) -> None:
    month(tokens, 10, 1000)

    first = start(signatory, tokens, {INPUT: 400})
    again = start(signatory, tokens, {INPUT: 400})

    assert again == first
    assert left(tokens) == {(INPUT, 10): 600}


def test_start_same_reference_other_content_refused(signatory: Actor, tokens: Offering) -> None:
    start(signatory, tokens, {INPUT: 400})

    with pytest.raises(subscriptions.SubscriptionDiffers):
        start(signatory, tokens, {INPUT: 401})


@pytest.mark.parametrize("units", [{INPUT: -1}, {INPUT: 1.5}, {INPUT: True}, {"joules": 1}])
def test_start_impossible_units_refused(
    signatory: Actor, tokens: Offering, units: dict[str, int]
) -> None:
    with pytest.raises(subscriptions.InvalidUnits):
        start(signatory, tokens, units)


def test_start_on_draft_or_retired_refused(signatory: Actor) -> None:
    draft = providers.offering(status="draft", listed_at=None, listed_by=None)

    with pytest.raises(subscriptions.NotListed):
        start(signatory, draft, {})


def test_start_three_people(signatory: Actor, tokens: Offering) -> None:
    colleague = accounts.preparer(signatory.own())
    stranger = accounts.signatory()

    with pytest.raises(Forbidden):
        start(colleague, tokens, {})
    with pytest.raises(Forbidden):
        start(stranger, tokens, {}, enterprise=signatory.own())


def test_end_gives_capacity_back(signatory: Actor, tokens: Offering) -> None:
    month(tokens, 10, 1000)
    month(tokens, 11, 1000)
    subscription = start(signatory, tokens, {INPUT: 400})

    ended = subscriptions.end(by=signatory, subscription=subscription, at=NOW + timedelta(days=30))

    assert ended.status == "ended"
    assert left(tokens) == {(INPUT, 10): 600, (INPUT, 11): 1000}, "October was used"
    with pytest.raises(WrongState):
        subscriptions.end(by=signatory, subscription=subscription, at=NOW + timedelta(days=31))


def test_end_by_stranger_or_provider_forbidden(signatory: Actor, tokens: Offering) -> None:
    subscription = start(signatory, tokens, {})
    operator = accounts.member(tokens.provider.organization, Role.OPERATOR)

    for by in (operator, accounts.signatory(), accounts.preparer(signatory.own())):
        with pytest.raises(Forbidden):
            subscriptions.end(by=by, subscription=subscription, at=NOW)


def test_stop_and_resume_are_idempotent(signatory: Actor, tokens: Offering) -> None:
    subscription = start(signatory, tokens, {})

    for changed in (1, 0):
        stopped = subscriptions.stop_each(subscription_ids=[subscription.pk], at=NOW)
        assert [each.status for each in stopped] == ["stopped"] * changed
    for changed in (1, 0):
        resumed = subscriptions.resume_each(subscription_ids=[subscription.pk], at=NOW)
        assert [each.status for each in resumed] == ["active"] * changed
    subscriptions.end(by=signatory, subscription=subscription, at=NOW)
    assert subscriptions.stop_each(subscription_ids=[subscription.pk], at=NOW) == []


def test_subscription_visible_to_both_sides_only(signatory: Actor, tokens: Offering) -> None:
    subscription = start(signatory, tokens, {})
    operator = accounts.member(tokens.provider.organization, Role.OPERATOR)

    assert list(Subscription.objects.visible_to(signatory)) == [subscription]
    assert list(Subscription.objects.visible_to(operator)) == [subscription]
    assert list(Subscription.objects.visible_to(accounts.signatory())) == []
    assert list(Subscription.objects.visible_to(accounts.officer())) == []
