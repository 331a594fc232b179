"""The API of supply: exact prices, problem documents, other tenants' objects are 404."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.access import Actor
from accounts.models import OrganizationKind, Role
from providers.models import Facility, Meter, Offering, Provider, Rate
from tests.factories import accounts, providers
from tests.factories.accounts import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


@pytest.fixture
def frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


@pytest.fixture
def supplier() -> Provider:
    return providers.provider()


@pytest.fixture
def operator(supplier: Provider) -> Actor:
    return accounts.member(supplier.organization, Role.OPERATOR)


def caller(actor: Actor | None = None) -> APIClient:
    client = APIClient(headers={"accept-language": "en"})
    if actor is not None:
        client.force_login(actor.user)
    return client


def price(amount: Any = "18.5", **values: Any) -> dict[str, Any]:
    return {
        "price": {"amount": amount, "currency": "CNY"},
        "per": {"value": 3600, "unit": "card_seconds"},
        "from_day": "2026-10-12",
        **values,
    }


def test_register_and_verify() -> None:
    newcomer = accounts.member(accounts.organization(OrganizationKind.PROVIDER), Role.OPERATOR)
    body = {"contact": "王五", "license_number": "B1-1", "license_expires_on": "2029-01-01"}

    made = caller(newcomer).post(reverse("api-provider-list"), body)
    code = made.json()["code"]
    done = caller(accounts.officer()).post(reverse("api-provider-verify", args=[code]))
    again = caller(accounts.officer()).post(reverse("api-provider-verify", args=[code]))

    assert (made.status_code, done.status_code, again.status_code) == (201, 200, 409)
    assert done.json()["status"] == "verified"
    assert again.json()["code"] == "wrong_state"


def test_add_facility_and_refuse_a_bad_one(operator: Actor) -> None:
    body: dict[str, Any] = {
        "kind": "sme_pool",
        "name": "池",
        "region": "621002",
        "latency": {"value": 2000, "unit": "microseconds"},
        "spec": {"contributors": 3, "cards": 64},
    }

    made = caller(operator).post(reverse("api-facility-list"), body)
    bad = caller(operator).post(
        reverse("api-facility-list"), {**body, "spec": {"contributors": 1, "gpus": 4}}
    )

    assert made.status_code == 201
    assert made.json()["latency"] == {"value": 2000, "unit": "microseconds"}
    assert bad.status_code == 422
    assert bad.json()["code"] == "invalid_spec"
    assert set(bad.json()["errors"]) == {"/spec/contributors", "/spec/gpus"}
    assert Facility.objects.count() == 1


def tier(amount: str = "15", **values: Any) -> dict[str, Any]:
    return {"price": {"amount": amount, "currency": "CNY"}, **values}


def test_prices_in_tiers_set_and_shown(supplier: Provider, operator: Actor) -> None:
    """2.00 a million, 1.50 beyond ten million; requests over 256,000 tokens 6.00."""
    offering = providers.offering(supplier)
    million = {"value": 1_000_000, "unit": "input_tokens"}

    made = caller(operator).post(
        reverse("api-price-list", args=[offering.code]),
        price(
            "2",
            per=million,
            tiers=[
                tier("6", longer_than={"value": 256_000, "unit": "tokens"}),
                tier("1.5", beyond={**million, "value": 10_000_000}),
            ],
            minimum={"amount": "5.00", "currency": "CNY"},
        ),
    )

    assert made.status_code == 201
    shown = [
        (row["price"]["amount"], row["longer_than"]["value"], row["beyond"]["value"])
        for row in made.json()["tiers"]
    ]
    assert shown == [("2", 0, 0), ("1.5", 0, 10_000_000), ("6", 256_000, 0)]
    assert [row["minimum"]["amount"] for row in made.json()["tiers"]] == ["5.00", "0.00", "0.00"]
    rows = caller(operator).get(reverse("api-price-list", args=[offering.code])).json()["results"]
    assert rows == made.json()["tiers"]


@pytest.mark.parametrize("dry_run", [True, False])
def test_model_prices_import_answers_each_entry(operator: Actor, dry_run: bool) -> None:
    entry = {"model": "m", "currency": "USD", "input_per_million": 0.28, "output_per_million": 0.42}
    body = {
        "rows": [entry, {**entry, "model": "n", "currency": "EUR"}],
        "exchange_rate": "7.10",
        "from_day": "2026-10-12",
        "dry_run": dry_run,
    }

    answer = caller(operator).post(reverse("api-price-import"), body)

    assert answer.status_code == 200
    first, second = answer.json()["rows"]
    assert (first["outcome"], second["outcome"], second["code"]) == (
        "imported",
        "refused",
        "currency_not_supported",
    )
    prices = Rate.objects.order_by("meter").values_list("price_yuan", flat=True)
    assert [str(each) for each in prices] == ([] if dry_run else ["1.9880000000", "2.9820000000"])
    assert (first["offering"] is None) == dry_run


def test_model_prices_import_by_others_forbidden(supplier: Provider) -> None:
    colleague = accounts.member(supplier.organization, Role.PROVIDER_FINANCE)
    body = {"rows": [], "exchange_rate": "7.10", "from_day": "2026-10-12"}

    for who in (colleague, accounts.signatory()):
        assert caller(who).post(reverse("api-price-import"), body).status_code == 403


def test_offering_life(supplier: Provider, operator: Actor) -> None:
    hall = providers.facility(supplier)
    client = caller(operator)

    made = client.post(
        reverse("api-offering-list"), {"layer": "compute", "name": "卡时", "facility": hall.code}
    )
    code = made.json()["code"]
    early = client.post(reverse("api-offering-publish", args=[code]))
    priced = client.post(reverse("api-price-list", args=[code]), price())
    capacity = client.post(
        reverse("api-capacity-list", args=[code]),
        {"month": "2026-10-01", "total": {"value": 3600, "unit": "card_seconds"}},
    )
    listed = client.post(reverse("api-offering-publish", args=[code]))

    assert (made.status_code, early.json()["code"]) == (201, "offering_without_price")
    stated = {
        "meter": "card_seconds",
        "price": {"amount": "18.5", "currency": "CNY"},
        "per": {"value": 3600, "unit": "card_seconds"},
        "longer_than": {"value": 0, "unit": "tokens"},
        "beyond": {"value": 0, "unit": "card_seconds"},
        "minimum": {"amount": "0.00", "currency": "CNY"},
        "from_day": "2026-10-12",
        "until_day": None,
        "source": "",
    }
    assert priced.json() == {**stated, "tiers": [stated]}
    assert capacity.json()["left"] == {"value": 3600, "unit": "card_seconds"}
    assert listed.json()["status"] == "listed"
    [row] = caller().get(reverse("api-offering-list")).json()["results"]
    assert row["prices"][0]["price"]["amount"] == "18.5"
    assert client.post(reverse("api-offering-retire", args=[code])).json()["status"] == "retired"
    assert caller().get(reverse("api-offering-detail", args=[code])).status_code == 404


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (price("NaN"), "/price"),
        (price("-1"), "/price"),
        (price("1e3"), "/price"),
        (price(18.5), "/price"),
        ({**price(), "price": "18.5"}, "/price"),
        (price("0.00000000001"), "/price"),
        ({**price(), "price": {"amount": "1", "currency": "USD"}}, "/price"),
        (price(per={"value": 3600, "unit": "joules"}), "/per"),
        (price(per={"value": -1, "unit": "card_seconds"}), "/per"),
        (price(per=3600), "/per"),
        (price(from_day="tomorrow"), "/from_day"),
        (price(tiers=[{"price": "1"}]), "/tiers/0/price"),
        (
            price(tiers=[{**tier(), "longer_than": {"value": 1, "unit": "calls"}}]),
            "/tiers/0/longer_than",
        ),
        (price(tiers=[{**tier(), "beyond": {"value": 1, "unit": "calls"}}]), "/tiers"),
        (price(minimum={"amount": "-1", "currency": "CNY"}), "/minimum"),
    ],
)
def test_bad_price_refused_with_pointer(
    supplier: Provider, operator: Actor, body: dict[str, Any], pointer: str
) -> None:
    offering = providers.offering(supplier)

    answer = caller(operator).post(reverse("api-price-list", args=[offering.code]), body)

    assert answer.status_code == 400
    assert answer["content-type"] == "application/problem+json"
    assert pointer in answer.json()["errors"]
    assert not Rate.objects.exists()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (price(from_day="2026-10-11"), "price_in_past"),
        (price(per={"value": 0, "unit": "card_seconds"}), "price_without_unit"),
        (price("9999999999"), "price_too_large"),
        (price(tiers=[tier()]), "price_tiers_invalid"),
        (
            price(tiers=[{**tier(), "longer_than": {"value": 9, "unit": "tokens"}}]),
            "price_tiers_invalid",
        ),
    ],
)
def test_price_refused_by_rule_with_code(
    supplier: Provider, operator: Actor, body: dict[str, Any], code: str
) -> None:
    offering = providers.offering(supplier)

    answer = caller(operator).post(reverse("api-price-list", args=[offering.code]), body)

    assert answer.status_code == 422
    assert answer.json()["code"] == code


@pytest.mark.parametrize(
    "name", ["api-price-list", "api-capacity-list", "api-offering-publish", "api-offering-retire"]
)
def test_post_three_people(supplier: Provider, name: str) -> None:
    url = reverse(name, args=[providers.offering(supplier).code])
    body = price(total={"value": 1, "unit": "calls"}, month="2026-10-01")
    colleague = accounts.member(supplier.organization, Role.VIEWER)
    stranger = accounts.member(providers.provider().organization, Role.OPERATOR)

    assert caller(colleague).post(url, body).status_code == 403
    assert caller(stranger).post(url, body).status_code == 404
    assert caller().post(url, body).status_code == 401


def test_subscriptions_for_both_sides_only(supplier: Provider, operator: Actor) -> None:
    subscription = providers.subscription(offered=providers.token_offering(supplier))
    url = reverse("api-subscription-detail", args=[subscription.code])
    signatory = accounts.signatory(subscription.enterprise)
    finance = accounts.member(supplier.organization, Role.PROVIDER_FINANCE)
    viewer = accounts.member(supplier.organization, Role.VIEWER)

    for actor in (operator, finance, signatory):
        assert caller(actor).get(url).json()["code"] == subscription.code
    assert caller(accounts.signatory()).get(url).status_code == 404
    assert caller(viewer).get(url).status_code == 403
    [row] = caller(operator).get(reverse("api-subscription-list")).json()["results"]
    assert row["offering"] == subscription.offering.code


@pytest.mark.parametrize(
    "name", ["api-offering-list", "api-subscription-list", "api-provider-list"]
)
def test_lists_query_count_constant(supplier: Provider, operator: Actor, name: str) -> None:
    client = caller(accounts.officer() if name == "api-provider-list" else operator)

    def grow() -> None:
        made = providers.token_offering(supplier, facility=providers.facility(supplier))
        providers.subscription(offered=made)
        providers.provider()

    grow()
    client.get(reverse(name))
    with CaptureQueriesContext(connection) as one:
        client.get(reverse(name))
    grow()
    grow()
    with CaptureQueriesContext(connection) as three:
        answer = client.get(reverse(name))

    assert len(answer.json()["results"]) >= 3
    assert len(three) == len(one)


def test_filters_shared_with_the_page(supplier: Provider) -> None:
    providers.offering(supplier, layer="application")
    kept = providers.token_offering(supplier)

    rows = caller().get(reverse("api-offering-list"), {"layer": "platform"}).json()["results"]

    assert [row["code"] for row in rows] == [kept.code]
    assert {rate["meter"] for rate in rows[0]["prices"]} == {
        Meter.INPUT_TOKENS,
        Meter.OUTPUT_TOKENS,
    }
    assert Offering.objects.count() == 2
