"""Pages of orders, without a browser."""

from collections.abc import Iterator

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.access import Actor
from accounts.models import Role
from common import home
from marketplace.models import Bundle, Need, Order, OrderChange, Quote
from marketplace.orders.actions import orders
from marketplace.orders.actions.orders import CONTRACT_VERSION
from providers.models import Meter, Rate, Subscription
from tests.factories import accounts, marketplace, providers
from tests.factories.accounts import NOW
from tests.marketplace.orders.test_orders import offered

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=True):
        yield


def signed_in(actor: Actor) -> Client:
    client = Client()
    client.force_login(actor.user)
    return client


def placed() -> tuple[Order, Need, Bundle]:
    bundle, need = offered()
    order = orders.place(by=accounts.signatory(need.enterprise), need=need, bundle=bundle, at=NOW)
    return order, need, bundle


def matched() -> tuple[Actor, Need, Bundle, str]:
    """A signatory, the need with its match, and the page that confirms the order."""
    bundle, need = offered()
    by = accounts.signatory(need.enterprise)
    signed_in(by).post(reverse("marketplace:need_match", args=[need.code]))
    return by, need, bundle, reverse("marketplace:order_place", args=[need.code, bundle.code])


def test_order_page_of_a_match_says_what_is_committed_to() -> None:
    by, _need, _bundle, address = matched()

    page = signed_in(by).get(address).content.decode()

    for words in ("¥76.00", "30 天", "没有最短期限"):
        assert words in page


def quoted() -> tuple[Actor, Client, Quote]:
    """A signatory who asked for a quote on the page."""
    by, _need, _bundle, address = matched()
    client = signed_in(by)
    client.post(address, {"own_fen": "7600"})
    return by, client, Quote.objects.get()


def accepting(quote: Quote, **values: str) -> dict[str, str]:
    shown = {"own_fen": str(quote.monthly_own_fen), "contract_version": str(CONTRACT_VERSION)}
    return {**shown, "agreed": "on", **values}


def test_from_quote_to_reservation_to_order_however_often_it_is_clicked() -> None:
    _by, client, quote = quoted()
    page = quote.get_absolute_url()

    for _click in range(2):
        client.post(page + "reserve/")
    shown = client.get(page).content.decode()
    first, second = (client.post(page, accepting(quote, own_number="A-7")) for _ in range(2))

    order = Order.objects.get()
    assert 'name="contract_version"' in shown
    assert order.own_number == "A-7"
    assert first.url == second.url == order.get_absolute_url()  # type: ignore[attr-defined]


def test_asking_at_another_price_shows_the_new_one_first() -> None:
    by, _need, _bundle, address = matched()
    Rate.objects.filter(meter=Meter.CALLS).update(price_yuan="0.005")

    answer = signed_in(by).post(address, {"own_fen": "7600"})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "¥86.00" in page
    assert 'name="own_fen" value="8600"' in page
    assert not Quote.objects.exists()
    assert signed_in(by).post(address, {"own_fen": "8600"}).status_code == 302


def test_accepting_without_the_tick_orders_nothing_and_keeps_what_was_typed() -> None:
    _by, client, quote = quoted()
    client.post(quote.get_absolute_url() + "reserve/")

    answer = client.post(quote.get_absolute_url(), accepting(quote, agreed="", own_number="A-7"))

    assert answer.status_code == 422
    assert "请勾选" in answer.content.decode()
    assert 'value="A-7"' in answer.content.decode()
    assert not Order.objects.exists()


def test_accepting_at_another_price_asks_again_and_keeps_what_was_typed() -> None:
    _by, client, quote = quoted()
    client.post(quote.get_absolute_url() + "reserve/")
    Rate.objects.filter(meter=Meter.CALLS).update(price_yuan="0.005")

    answer = client.post(quote.get_absolute_url(), accepting(quote, own_number="A-7"))

    page = answer.content.decode()
    assert answer.status_code == 422
    for words in ("¥86.00", 'name="own_fen" value="8600"', 'value="A-7"'):
        assert words in page
    assert not Order.objects.exists()
    quote.refresh_from_db()
    assert client.post(quote.get_absolute_url(), accepting(quote)).status_code == 302


def test_asking_above_capacity_names_what_is_left() -> None:
    by, _need, bundle, address = matched()
    sold = bundle.offerings.get(layer="application")
    providers.capacity(sold, meter=Meter.CALLS, total_units=9_999)

    answer = signed_in(by).post(address, {"own_fen": "7600"})

    page = answer.content.decode()
    assert answer.status_code == 422
    for words in ("9,999", "2026", sold.name):
        assert words in page
    assert not Quote.objects.exists()


def test_a_quote_is_withdrawn_on_its_page_and_told_on_that_of_the_need() -> None:
    _by, client, quote = quoted()
    need = quote.need.get_absolute_url()

    assert quote.code in client.get(need).content.decode()
    answer = client.post(quote.get_absolute_url() + "withdraw/")

    assert answer.url == need  # type: ignore[attr-defined]
    assert quote.code not in client.get(need).content.decode()
    page = client.get(quote.get_absolute_url())
    assert page.status_code == 200
    assert "reserve/" not in page.content.decode()


def test_a_quote_is_not_found_for_strangers_and_waits_on_the_home_page() -> None:
    by, client, quote = quoted()
    client.post(quote.get_absolute_url() + "reserve/")
    stranger = signed_in(accounts.signatory())

    for path in ("", "reserve/", "withdraw/"):
        assert stranger.post(quote.get_absolute_url() + path).status_code == 404
    assert quote.get_absolute_url() in {task.url for task in home.tasks_for(by, NOW) if task.count}


def test_order_page_shows_the_buyer_price_and_codes() -> None:
    order, need, _bundle = placed()

    page = signed_in(accounts.preparer(need.enterprise)).get(order.get_absolute_url())

    html = page.content.decode()
    assert "¥76.00" in html
    for subscription in Subscription.objects.all():
        assert subscription.code in html
    assert f"/orders/{order.code}/end/" not in html


def test_order_page_shows_a_provider_its_own_part_only() -> None:
    order, _need, bundle = placed()
    mine, other = bundle.offerings.order_by("pk")
    operator = accounts.member(mine.provider.organization, Role.OPERATOR)

    html = signed_in(operator).get(order.get_absolute_url()).content.decode()

    assert mine.name in html
    assert other.name not in html
    assert "¥" not in html


def test_order_page_is_not_found_for_strangers() -> None:
    order, _need, _bundle = placed()
    stranger = accounts.member(providers.provider().organization, Role.OPERATOR)

    for actor in (accounts.signatory(), stranger):
        assert signed_in(actor).get(order.get_absolute_url()).status_code == 404
        assert signed_in(actor).get(order.get_absolute_url() + "end/").status_code in {403, 404}


def test_notice_is_given_after_a_question() -> None:
    order, need, _bundle = placed()
    client = signed_in(accounts.signatory(need.enterprise))
    address = reverse("marketplace:order_end", args=[order.code])

    asked, answer = client.get(address), client.post(address)

    order.refresh_from_db()
    assert "30 天" in asked.content.decode()
    assert (answer.status_code, order.status) == (302, "ending")


def test_an_order_is_paused_and_goes_on_at_the_price_of_the_day() -> None:
    order, need, _bundle = placed()
    client = signed_in(accounts.signatory(need.enterprise))
    page = order.get_absolute_url()

    asked, answer = client.get(page + "pause/"), client.post(page + "pause/")
    Rate.objects.filter(meter=Meter.CALLS).update(price_yuan="0.005")
    shown = client.get(page + "resume/").content.decode()
    stale = client.post(page + "resume/", {"own_fen": "7600"})

    assert (asked.status_code, answer.status_code, stale.status_code) == (200, 302, 422)
    assert 'name="own_fen" value="8600"' in shown
    assert 'name="own_fen" value="8600"' in stale.content.decode()
    assert client.post(page + "resume/", {"own_fen": "8600"}).status_code == 302
    order.refresh_from_db()
    assert (order.status, order.monthly_own_fen) == ("active", 8600)


def test_a_change_shows_its_price_before_it_is_planned_and_can_be_withdrawn() -> None:
    order, need, _bundle = placed()
    client = signed_in(accounts.signatory(need.enterprise))
    page = order.get_absolute_url()
    asked = {"monthly_volume": "５，０００", "bundle": order.bundle.code}

    bad = client.post(page + "change/", {**asked, "monthly_volume": "-1"})
    shown = client.post(page + "change/", asked)
    stale = client.post(page + "change/", {**asked, "own_fen": "1"})

    assert (bad.status_code, shown.status_code, stale.status_code) == (422, 200, 422)
    assert "¥38.00" in shown.content.decode()
    assert 'name="own_fen" value="3800"' in shown.content.decode()
    assert not OrderChange.objects.exists()
    assert client.post(page + "change/", {**asked, "own_fen": "3800"}).status_code == 302
    assert OrderChange.objects.get().monthly_volume == 5_000
    assert "change/" in client.get(page).content.decode()
    client.post(page + "keep/")
    assert OrderChange.objects.get().status == "withdrawn"


def test_providers_and_strangers_cannot_pause() -> None:
    order, _need, bundle = placed()
    mine = bundle.offerings.order_by("pk")[0]
    operator = accounts.member(mine.provider.organization, Role.OPERATOR)

    for path in ("pause/", "resume/", "change/", "keep/"):
        stranger = signed_in(accounts.signatory()).post(order.get_absolute_url() + path)
        assert stranger.status_code == 404
        assert signed_in(operator).post(order.get_absolute_url() + path).status_code in {403, 404}


def test_a_preparer_can_neither_order_nor_end() -> None:
    order, need, _bundle = placed()
    client = signed_in(accounts.preparer(need.enterprise))

    assert client.post(reverse("marketplace:order_end", args=[order.code])).status_code == 403
    address = reverse("marketplace:order_place", args=[need.code, order.bundle.code])
    assert client.post(address, {"own_fen": "1"}).status_code == 403


def test_order_list_takes_the_same_queries_for_one_order_and_for_three() -> None:
    firm, counts = accounts.organization(), []
    by, client = accounts.signatory(firm), signed_in(accounts.preparer(firm))
    client.get(reverse("marketplace:order_list"))
    for number in (1, 2):
        for _each in range(number):
            bundle, _other = offered()
            need = marketplace.need(firm, bundle.scenarios.get())
            orders.place(by=by, need=need, bundle=bundle, at=NOW)
        with CaptureQueriesContext(connection) as queries:
            page = client.get(reverse("marketplace:order_list"))
        assert page.content.decode().count("/orders/OD-") == Order.objects.count()
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_order_list_filters_by_state() -> None:
    order, need, _bundle = placed()
    client = signed_in(accounts.preparer(need.enterprise))
    address = reverse("marketplace:order_list")

    assert order.code in client.get(address, {"status": "active"}).content.decode()
    assert order.code not in client.get(address, {"status": "ended"}).content.decode()


def test_home_tells_each_side_what_waits() -> None:
    order, need, bundle = placed()
    by, other_need, _bundle, _address = matched()
    mine = bundle.offerings.order_by("pk")[0]
    operator = accounts.member(mine.provider.organization, Role.OPERATOR)

    def counts(actor: Actor) -> dict[str, int]:
        return {task.url: task.count for task in home.tasks_for(actor, NOW)}

    assert counts(by)["/needs/"] == 1
    assert "/needs/" not in counts(accounts.signatory(need.enterprise))
    assert counts(accounts.preparer())["/needs/new/"] == 1
    assert counts(operator)["/orders/"] == 1
    assert order.enterprise != other_need.enterprise
