"""API of needs, matches and orders."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from rest_framework.test import APIClient

from accounts.access import Actor
from accounts.actions import keys
from accounts.models import Role
from marketplace.models import Need, Order, OrderChange
from providers.models import Meter, Subscription
from tests.factories import accounts, marketplace, providers
from tests.factories.accounts import NOW
from tests.marketplace.orders.test_orders import offered

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=True):
        yield


NEEDS, ORDERS = "/api/v1/needs/", "/api/v1/orders/"


def client(actor: Actor) -> APIClient:
    made = APIClient()
    made.force_login(actor.user)
    return made


def body(slug: str, **changes: Any) -> dict[str, Any]:
    return {
        "scenario": slug,
        "monthly_volume": 10_000,
        "monthly_budget": {"amount": "1000.00", "currency": "CNY"},
        **changes,
    }


def test_state_match_order_and_end() -> None:
    bundle, unused = offered()
    api = client(accounts.signatory())

    need = api.post(NEEDS, body(unused.scenario.slug, region="", latency_us=None)).json()
    (match,) = api.get(f"{NEEDS}{need['code']}/matches/").json()
    order = api.post(
        ORDERS, {"need": need["code"], "bundle": match["bundle"], "own_share": match["own_share"]}
    )
    again = api.post(ORDERS, {"need": need["code"], "bundle": match["bundle"]})
    ended = api.post(f"{ORDERS}{order.json()['code']}/end/")

    assert (match["bundle"], match["rank"]) == (bundle.code, 1)
    assert match["price"] == match["own_share"] == {"amount": "76.00", "currency": "CNY"}
    assert match["lines"][0]["quantity"]["unit"] in Meter.values
    assert order.status_code == 201
    assert order.json() == again.json()
    assert {row["code"] for row in order.json()["subscriptions"]} == set(
        Subscription.objects.values_list("code", flat=True)
    )
    assert ended.json()["status"] == "ending"
    assert api.get(f"{NEEDS}{need['code']}/").json()["order"] == order.json()["code"]


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"monthly_volume": -1}, "/monthly_volume"),
        ({"monthly_volume": "NaN"}, "/monthly_volume"),
        ({"monthly_volume": True}, "/monthly_volume"),
        ({"monthly_volume": 10**30}, "/monthly_volume"),
        ({"monthly_budget": {"amount": "-1.00", "currency": "CNY"}}, "/monthly_budget"),
        ({"monthly_budget": {"amount": "NaN", "currency": "CNY"}}, "/monthly_budget"),
        ({"monthly_budget": {"amount": "0.00", "currency": "CNY"}}, "/monthly_budget"),
        ({"monthly_budget": 1000}, "/monthly_budget"),
        ({"region": "999999"}, "/region"),
        ({"region": "abc"}, "/region"),
        ({"latency_us": 0}, "/latency_us"),
        ({"scenario": "unknown"}, "/scenario"),
        ({"needs_domestic_chip": "yes"}, "/needs_domestic_chip"),
    ],
)
def test_bad_needs_are_refused_by_pointer(changes: dict[str, Any], pointer: str) -> None:
    scene = marketplace.scenario()

    answer = client(accounts.preparer()).post(NEEDS, body(scene.slug, **changes))

    assert answer.status_code in {400, 422}
    assert answer["Content-Type"] == "application/problem+json"
    assert any(name.startswith(pointer) for name in answer.json()["errors"])
    assert not Need.objects.exists()


def test_order_above_capacity_is_a_problem_with_a_code() -> None:
    bundle, need = offered()
    sold = bundle.offerings.get(layer="application")
    providers.capacity(sold, meter=Meter.CALLS, total_units=1)

    answer = client(accounts.signatory(need.enterprise)).post(
        ORDERS, {"need": need.code, "bundle": bundle.code}
    )

    assert (answer.status_code, answer.json()["code"]) == (409, "order_above_capacity")
    assert sold.name in answer.json()["detail"]
    assert not Order.objects.exists()


def test_strangers_find_neither_need_nor_order() -> None:
    bundle, need = offered()
    owner, stranger = client(accounts.signatory(need.enterprise)), client(accounts.signatory())
    order = owner.post(ORDERS, {"need": need.code, "bundle": bundle.code}).json()["code"]

    for address in (f"{NEEDS}{need.code}/", f"{NEEDS}{need.code}/matches/", f"{ORDERS}{order}/"):
        assert owner.get(address).status_code == 200
        assert stranger.get(address).status_code == 404
    assert stranger.post(f"{ORDERS}{order}/end/").status_code == 404
    assert stranger.post(ORDERS, {"need": need.code, "bundle": bundle.code}).status_code == 404
    assert stranger.get(ORDERS).json()["results"] == []


def test_a_preparer_states_needs_but_does_not_order() -> None:
    bundle, need = offered()
    api = client(accounts.preparer(need.enterprise))

    assert api.post(NEEDS, body(need.scenario.slug)).status_code == 201
    refused = api.post(ORDERS, {"need": need.code, "bundle": bundle.code})
    assert refused.status_code == 403
    assert APIClient().get(NEEDS).status_code == 401


def test_a_provider_sees_its_part_of_an_order_without_the_price() -> None:
    bundle, need = offered()
    client(accounts.signatory(need.enterprise)).post(
        ORDERS, {"need": need.code, "bundle": bundle.code}
    )
    mine = bundle.offerings.order_by("pk")[0]
    api = client(accounts.member(mine.provider.organization, Role.OPERATOR))

    (listed,) = api.get(ORDERS).json()["results"]
    detail = api.get(f"{ORDERS}{listed['code']}/").json()

    assert (listed["price"], listed["own_share"], listed["need"]) == (None, None, None)
    assert [row["offering"] for row in detail["subscriptions"]] == [mine.code]


def test_a_key_with_the_scope_orders() -> None:
    bundle, need = offered()
    by = accounts.signatory(need.enterprise)
    _key, token = keys.create(
        by=by, name="shop", scopes=["order.place"], expires_at=NOW + timedelta(days=90), at=NOW
    )
    api = APIClient()
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")

    answer = api.post(ORDERS, {"need": need.code, "bundle": bundle.code})

    assert answer.status_code == 201
    assert api.get(NEEDS).status_code == 403


def test_a_quote_is_asked_reserved_accepted_paused_and_resumed() -> None:
    bundle, need = offered()
    api = client(accounts.signatory(need.enterprise))
    quotes = ORDERS.replace("orders", "quotes")

    asked = api.post(quotes, {"need": need.code, "bundle": bundle.code}).json()
    own = quotes + asked["code"] + "/"
    reserved = api.post(f"{own}reserve/").json()
    consent = {"own_share": asked["own_share"], "contract_version": asked["contract_version"]}
    stale = api.post(f"{own}accept/", {**consent, "contract_version": 99})
    accepted = api.post(f"{own}accept/", {**consent, "own_number": "A-7"})
    order = f"{ORDERS}{accepted.json()['code']}/"

    assert (asked["status"], reserved["status"]) == ("open", "reserved")
    assert reserved["reserved_until"] is not None
    assert (stale.status_code, stale.json()["code"]) == (409, "contract_changed")
    assert (accepted.status_code, accepted.json()["own_number"]) == (201, "A-7")
    assert api.get(own).json()["status"] == "ordered"
    assert api.post(f"{order}pause/").json()["status"] == "paused"
    assert api.post(f"{order}resume/", {}).json()["status"] == "active"
    stranger = client(accounts.signatory())
    for verb in ("", "reserve/", "accept/", "withdraw/"):
        answer = stranger.post(own + verb, consent) if verb else stranger.get(own)
        assert answer.status_code == 404


def test_an_order_is_changed_from_next_month_and_kept_as_it_was() -> None:
    bundle, need = offered()
    api = client(accounts.signatory(need.enterprise))
    order = api.post(ORDERS, {"need": need.code, "bundle": bundle.code}).json()["code"]
    address = f"{ORDERS}{order}/change/"

    planned = api.post(address, {"monthly_volume": 5000})
    bad = api.post(address, {"monthly_volume": 0})
    stranger = client(accounts.signatory()).post(address, {"monthly_volume": 5000})
    kept = api.post(f"{ORDERS}{order}/keep/")

    assert (planned.status_code, planned.json()["status"]) == (201, "planned")
    assert planned.json()["own_share"]["amount"] == "38.00"
    assert (bad.status_code, stranger.status_code) == (400, 404)
    assert (kept.status_code, OrderChange.objects.get().status) == (200, "withdrawn")
