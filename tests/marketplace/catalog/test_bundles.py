"""Bundles: a whole chain of listed offerings, published by one who owns a part of it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.access import Actor
from accounts.models import Role
from common.errors import Forbidden
from common.states import WrongState
from marketplace.catalog.actions import bundles
from marketplace.catalog.rules import chains
from marketplace.models import Bundle
from providers.models import Layer, Offering, Provider
from tests.factories import accounts, marketplace, providers
from tests.factories.accounts import NOW


def link(layer: str, **values: Any) -> chains.Link:
    return chains.Link(
        **{"offering": layer, "layer": layer, "provider": "a", "is_listed": True, **values}
    )


WHOLE = [link("compute"), link("platform"), link("application")]


def test_whole_chain_has_no_fault() -> None:
    assert chains.faults_of(WHOLE, "a") == []
    assert chains.faults_of([*WHOLE, link("storage"), link("network")], "a") == []


@pytest.mark.parametrize(
    ("links", "publisher", "fault"),
    [
        (WHOLE[1:], "a", chains.Fault("layer_missing", "compute")),
        (
            [*WHOLE, link("platform", offering="2")],
            "a",
            chains.Fault("layers_contradict", "platform"),
        ),
        (
            [*WHOLE, link("compute", offering="2")],
            "a",
            chains.Fault("layers_contradict", "compute"),
        ),
        (
            [*WHOLE, link("dataset"), link("dataset")],
            "a",
            chains.Fault("offering_repeated", "dataset"),
        ),
        (
            [*WHOLE, link("storage", is_listed=False)],
            "a",
            chains.Fault("offering_not_listed", "storage"),
        ),
        (WHOLE, "b", chains.Fault("own_offering_missing")),
    ],
)
def test_faulty_chain_named(links: list[chains.Link], publisher: str, fault: chains.Fault) -> None:
    assert chains.faults_of(links, publisher) == [fault]


@given(st.permutations([*WHOLE, link("storage"), link("dataset")]))
def test_order_does_not_matter(links: list[chains.Link]) -> None:
    assert chains.faults_of(links, "a") == []


@pytest.fixture
def publisher(db: None) -> Provider:
    return providers.provider()


@pytest.fixture
def operator(publisher: Provider) -> Actor:
    return accounts.member(publisher.organization, Role.OPERATOR)


@pytest.fixture
def chain(publisher: Provider) -> list[Offering]:
    """An application house with another firm's compute and platform."""
    other = providers.provider()
    return [
        providers.offering(publisher, layer=Layer.APPLICATION),
        providers.token_offering(other),
        providers.offering(other, layer=Layer.COMPUTE),
    ]


def create(by: Actor, chain: list[Offering], **values: Any) -> Bundle:
    fields = {
        "name": "质检轻量套餐",
        "summary": "一站到位",
        "scenarios": [marketplace.scenario()],
        "start_cost_fen": 50_000,
        "notice_days": 30,
        "days_to_first_use": 3,
        "operated_by": "provider",
        **values,
    }
    return bundles.create(by=by, offerings=chain, at=NOW, **fields)


def test_create_orders_the_chain_from_the_bottom(operator: Actor, chain: list[Offering]) -> None:
    bundle = create(operator, chain)

    layers = [item.offering.layer for item in bundle.items.order_by("position")]
    assert layers == ["compute", "platform", "application"]
    assert bundle.status == "draft"


@pytest.mark.parametrize(
    "values",
    [
        {"scenarios": []},
        {"start_cost_fen": -1},
        {"notice_days": 366},
        {"days_to_first_use": -1},
        {"operated_by": "nobody"},
    ],
)
def test_create_impossible_figures_refused(
    operator: Actor, chain: list[Offering], values: dict[str, Any]
) -> None:
    with pytest.raises(bundles.InvalidBundle) as refusal:
        create(operator, chain, **values)

    assert set(refusal.value.errors) == set(values)
    assert not Bundle.objects.exists()


def test_create_incomplete_chain_refused_in_words(operator: Actor, chain: list[Offering]) -> None:
    with pytest.raises(bundles.InvalidBundle) as refusal:
        create(operator, chain[1:])

    assert refusal.value.codes == ("layer_missing", "own_offering_missing")
    assert str(Layer.APPLICATION.label) in str(refusal.value.errors["offerings"])


def test_publish_then_retire(operator: Actor, chain: list[Offering]) -> None:
    bundle = bundles.publish(by=operator, bundle=create(operator, chain), at=NOW)
    assert list(Bundle.objects.visible_to(None)) == [bundle]

    bundles.retire(by=operator, bundle=bundle, at=NOW)

    assert not Bundle.objects.visible_to(None).exists()
    with pytest.raises(WrongState):
        bundles.publish(by=operator, bundle=bundle, at=NOW)


def test_publish_after_a_part_was_retired_refused(operator: Actor, chain: list[Offering]) -> None:
    bundle = create(operator, chain)
    Offering.objects.filter(pk=chain[2].pk).update(status="retired")

    with pytest.raises(bundles.InvalidBundle) as refusal:
        bundles.publish(by=operator, bundle=bundle, at=NOW)

    assert refusal.value.codes == ("offering_not_listed",)


def test_publish_by_unverified_provider_refused(
    operator: Actor, chain: list[Offering], publisher: Provider
) -> None:
    bundle = create(operator, chain)
    Provider.objects.filter(pk=publisher.pk).update(status="refused")

    with pytest.raises(bundles.InvalidBundle) as refusal:
        bundles.publish(by=operator, bundle=bundle, at=NOW)

    assert refusal.value.codes == ("provider_not_verified",)


def test_bundle_three_people(operator: Actor, chain: list[Offering], publisher: Provider) -> None:
    bundle = create(operator, chain)
    colleague = accounts.member(publisher.organization, Role.PROVIDER_FINANCE)
    stranger = accounts.member(providers.provider().organization, Role.OPERATOR)

    assert list(Bundle.objects.visible_to(colleague)) == [bundle]
    assert list(Bundle.objects.visible_to(stranger)) == []
    for by in (colleague, stranger):
        with pytest.raises(Forbidden):
            bundles.publish(by=by, bundle=bundle, at=NOW)
    with pytest.raises(Forbidden):
        create(accounts.signatory(), chain)
