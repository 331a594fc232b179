"""A new price is announced to those who use the offering; only they let their own prices go."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.access import Actor
from accounts.models import Notification, Role
from common import outbox
from common.errors import Forbidden
from common.periods import local_day
from providers.actions import price_terms, rates, subscriptions
from providers.models import Meter, Offering, Rate, Subscription
from tests.factories import accounts, providers
from tests.factories.accounts import NOW

pytestmark = pytest.mark.django_db
TODAY = local_day(NOW)
NOTICE_OVER = TODAY + timedelta(days=15)


@pytest.fixture
def frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


@pytest.fixture
def offering() -> Offering:
    return providers.token_offering()


@pytest.fixture
def operator(offering: Offering) -> Actor:
    return accounts.member(offering.provider.organization, Role.OPERATOR)


@pytest.fixture
def buyer() -> Actor:
    return accounts.signatory()


@pytest.fixture
def running(offering: Offering, buyer: Actor) -> Subscription:
    return subscriptions.start(
        by=buyer,
        enterprise=buyer.own(),
        offering=offering,
        reference="OD-1",
        units_per_month={},
        at=NOW,
    )


def raise_price(by: Actor, offering: Offering, from_day: date) -> Rate:
    return rates.set_price(
        by=by,
        offering=offering,
        meter=Meter.INPUT_TOKENS,
        price_yuan=Decimal(3),
        per_units=1_000_000,
        from_day=from_day,
        at=NOW,
    )


def test_new_subscription_holds_its_prices_for_good(running: Subscription) -> None:
    assert running.prices_held_until is None


def test_price_with_less_than_the_notice_refused(
    operator: Actor, offering: Offering, running: Subscription
) -> None:
    with pytest.raises(rates.NoticeTooShort) as refusal:
        raise_price(operator, offering, NOTICE_OVER - timedelta(days=1))

    assert refusal.value.code == "price_notice_too_short"
    assert set(refusal.value.errors) == {"from_day"}
    assert not Rate.objects.filter(price_yuan=3).exists()


def test_price_is_announced_once_to_each_enterprise_that_uses_it(
    operator: Actor, offering: Offering, running: Subscription, buyer: Actor
) -> None:
    providers.subscription(buyer.own(), offering)
    providers.subscription(offered=providers.token_offering())

    raise_price(operator, offering, NOTICE_OVER)
    outbox.deliver_due(at=NOW)

    told = Notification.objects.get()
    assert (told.topic, told.organization) == ("price_change", buyer.own())
    assert NOTICE_OVER.isoformat() in told.data["from_day"]
    assert [message.to for message in mail.outbox] == [[buyer.user.email]]


def test_unused_offering_is_repriced_for_tomorrow_and_tells_nobody(
    operator: Actor, offering: Offering, buyer: Actor
) -> None:
    ended = providers.subscription(
        buyer.own(), offering, status="ended", ends_at=NOW - timedelta(days=1)
    )

    raise_price(operator, offering, TODAY + timedelta(days=1))

    assert ended.status == "ended"
    assert not Notification.objects.exists()


def test_a_first_price_of_another_meter_needs_no_notice(
    operator: Actor, offering: Offering, running: Subscription
) -> None:
    made = rates.set_price(
        by=operator,
        offering=offering,
        meter=Meter.CALLS,
        price_yuan=Decimal(1),
        per_units=1,
        from_day=TODAY,
        at=NOW,
    )

    assert made.effective.lower == TODAY
    assert not Notification.objects.exists()


def test_buyer_lets_the_prices_go_from_tomorrow_on(running: Subscription, buyer: Actor) -> None:
    tomorrow = TODAY + timedelta(days=1)
    with pytest.raises(price_terms.FollowsTooEarly):
        price_terms.follow_list(by=buyer, subscription=running, from_day=TODAY, at=NOW)

    for later in (0, 5):  # what is let go is not taken back
        done = price_terms.follow_list(
            by=buyer, subscription=running, from_day=tomorrow + timedelta(days=later), at=NOW
        )
        assert done.prices_held_until == tomorrow


def test_nobody_but_the_buyer_lets_prices_go(running: Subscription, operator: Actor) -> None:
    for by in (operator, accounts.signatory()):
        with pytest.raises(Forbidden):
            price_terms.follow_list(
                by=by, subscription=running, from_day=TODAY + timedelta(days=1), at=NOW
            )


def visitor(actor: Actor) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(actor.user)
    return client


@pytest.mark.usefixtures("frozen")
def test_page_says_which_prices_hold_and_what_is_announced(
    running: Subscription, operator: Actor, offering: Offering, buyer: Actor
) -> None:
    raise_price(operator, offering, NOTICE_OVER)
    url = reverse("providers:price_terms", args=[running.code])

    page = visitor(buyer).get(url).content.decode()

    assert "2.00" in page
    assert "3.00" in page
    assert visitor(accounts.signatory()).get(url).status_code == 404
