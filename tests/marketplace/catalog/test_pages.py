"""The shelf and a provider's own bundles, as pages and in the API."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.access import Actor
from accounts.models import Role
from marketplace.models import Bundle
from providers.models import Layer, Offering, Provider
from tests.factories import accounts, marketplace, providers

pytestmark = pytest.mark.django_db


@pytest.fixture
def publisher() -> Provider:
    return providers.provider()


@pytest.fixture
def operator(publisher: Provider) -> Actor:
    return accounts.member(publisher.organization, Role.OPERATOR)


@pytest.fixture
def chain(publisher: Provider) -> list[Offering]:
    other = providers.provider()
    return [
        providers.offering(other, layer=Layer.COMPUTE, name="邻家卡时"),
        providers.token_offering(other, name="邻家模型"),
        providers.offering(publisher, layer=Layer.APPLICATION, name="自家应用"),
    ]


def visitor(actor: Actor | None = None) -> Client:
    client = Client(headers={"accept-language": "en"})
    if actor is not None:
        client.force_login(actor.user)
    return client


def caller(actor: Actor | None = None) -> APIClient:
    client = APIClient(headers={"accept-language": "en"})
    if actor is not None:
        client.force_login(actor.user)
    return client


def page_of(client: Client, name: str, *args: str) -> str:
    return client.get(reverse(f"marketplace:{name}", args=args)).content.decode()


def queries(call: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as seen:
        call()
    return len(seen)


def form_data(chain: list[Offering], **values: Any) -> dict[str, Any]:
    return {
        "name": "质检轻量套餐",
        "summary": "一站到位",
        "scenarios": [marketplace.scenario().pk],
        "layer_compute": chain[0].pk,
        "layer_platform": chain[1].pk,
        "layer_application": chain[2].pk,
        "start_cost": "５００.５０",
        "notice_days": 30,
        "days_to_first_use": 3,
        "operated_by": "provider",
        **values,
    }


def test_create_publish_retire_through_pages(operator: Actor, chain: list[Offering]) -> None:
    client = visitor(operator)

    client.post(reverse("marketplace:bundle_create"), form_data(chain))
    bundle = Bundle.objects.get()
    hidden = visitor().get(reverse("marketplace:bundle_detail", args=[bundle.code]))
    client.post(reverse("marketplace:bundle_publish", args=[bundle.code]))
    page = page_of(visitor(), "bundle_detail", bundle.code)

    assert bundle.start_cost_fen == 50_050
    assert hidden.status_code == 404
    assert page.index("自家应用") < page.index("邻家模型") < page.index("邻家卡时"), "top down"
    assert "¥500.50" in page
    assert "¥2.00 / million tokens" in page
    client.post(reverse("marketplace:bundle_retire", args=[bundle.code]))
    assert bundle.code not in page_of(visitor(), "bundle_list")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("start_cost", "-1"),
        ("start_cost", "NaN"),
        ("notice_days", "400"),
        ("layer_compute", ""),
        ("scenarios", []),
        ("operated_by", "nobody"),
    ],
)
def test_bad_bundle_refused_and_typed_text_kept(
    operator: Actor, chain: list[Offering], field: str, value: Any
) -> None:
    answer = visitor(operator).post(
        reverse("marketplace:bundle_create"), form_data(chain, **{field: value})
    )

    assert answer.status_code == 422
    assert "质检轻量套餐" in answer.content.decode()
    assert not Bundle.objects.exists()


def test_bundle_without_own_offering_refused_in_words(
    chain: list[Offering], publisher: Provider
) -> None:
    stranger = accounts.member(providers.provider().organization, Role.OPERATOR)

    answer = visitor(stranger).post(reverse("marketplace:bundle_create"), form_data(chain))

    assert answer.status_code == 422
    assert "at least one of your own offerings" in answer.content.decode()


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", {"A", "B"}),
        ("scenario=cold", {"B"}),
        ("section=C", {"A"}),
        ("section=G", {"B"}),
        ("stage=production", {"A"}),
    ],
)
def test_shelf_filters(query: str, names: set[str]) -> None:
    marketplace.bundle(name="bundle A", scenes=[marketplace.scenario(slug="eye", sections="CE")])
    cold = marketplace.scenario(slug="cold", sections="AFG", stage="general")
    marketplace.bundle(name="bundle B", scenes=[cold])

    url = f"{reverse('marketplace:bundle_list')}?{query}"
    page = visitor().get(url).content.decode()

    assert {name for name in "AB" if f"bundle {name}" in page} == names


@pytest.mark.parametrize("name", ["bundle_list", "bundle_own"])
def test_lists_query_count_constant(publisher: Provider, operator: Actor, name: str) -> None:
    client, url = visitor(operator), reverse(f"marketplace:{name}")
    scene = marketplace.scenario()
    marketplace.bundle(publisher, scenes=[scene])
    client.get(url)
    one = queries(lambda: client.get(url))
    marketplace.bundle(publisher, scenes=[scene])
    marketplace.bundle(publisher, scenes=[scene])

    assert queries(lambda: client.get(url)) == one


@pytest.mark.parametrize("name", ["bundle_publish", "bundle_retire"])
def test_three_people(publisher: Provider, operator: Actor, name: str) -> None:
    url = reverse(f"marketplace:{name}", args=[marketplace.bundle(publisher).code])
    colleague = accounts.member(publisher.organization, Role.PROVIDER_FINANCE)
    stranger = accounts.member(providers.provider().organization, Role.OPERATOR)

    assert visitor(operator).get(url).status_code == 200
    assert visitor(colleague).get(url).status_code == 403
    assert visitor(stranger).get(url).status_code == 404
    assert visitor().get(url).status_code == 302


def test_api_life_of_a_bundle(operator: Actor, chain: list[Offering]) -> None:
    client = caller(operator)
    body: dict[str, Any] = {
        "name": "质检轻量套餐",
        "summary": "一站到位",
        "offerings": [row.code for row in chain],
        "scenarios": [marketplace.scenario(slug="eye").slug],
        "start_cost": {"amount": "500.50", "currency": "CNY"},
        "notice_days": 30,
        "days_to_first_use": 3,
        "operated_by": "provider",
    }

    made = client.post(reverse("api-bundle-list"), body)
    code = made.json()["code"]
    partial = client.post(reverse("api-bundle-list"), {**body, "offerings": body["offerings"][1:]})
    listed = client.post(reverse("api-bundle-publish", args=[code]))
    twice = client.post(reverse("api-bundle-publish", args=[code]))

    assert made.status_code == 201
    assert made.json()["start_cost"] == {"amount": "500.50", "currency": "CNY"}
    assert [row["layer"] for row in made.json()["items"]] == ["compute", "platform", "application"]
    assert (partial.status_code, partial.json()["code"]) == (422, "invalid_bundle")
    assert "/offerings" in partial.json()["errors"]
    assert (listed.json()["status"], twice.status_code) == ("published", 409)
    assert [row["code"] for row in caller().get(reverse("api-bundle-list")).json()["results"]] == [
        code
    ]


def test_api_three_people(publisher: Provider) -> None:
    url = reverse("api-bundle-retire", args=[marketplace.bundle(publisher).code])
    colleague = accounts.member(publisher.organization, Role.VIEWER)
    stranger = accounts.member(providers.provider().organization, Role.OPERATOR)

    assert caller(colleague).post(url).status_code == 403
    assert caller(stranger).post(url).status_code == 404
    assert caller().post(url).status_code == 401


@pytest.mark.parametrize("name", ["api-bundle-list", "api-scenario-list"])
def test_api_lists_query_count_constant(name: str) -> None:
    marketplace.bundle()
    url = reverse(name)
    caller().get(url)
    one = queries(lambda: caller().get(url))
    marketplace.bundle()
    marketplace.bundle()

    assert queries(lambda: caller().get(url)) == one
    assert len(caller().get(url).json()["results"]) == 3
