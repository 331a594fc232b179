"""Chains that the platform composes beside published bundles."""

import pytest
from rest_framework.serializers import ModelSerializer

from accounts.models import Role
from common.errors import DomainError
from marketplace.catalog.actions import composing
from marketplace.matching.actions import matches
from marketplace.matching.serializers import MatchSerializer
from marketplace.models import Bundle, BundleItem, Compatibility, Match, Need, Scenario
from marketplace.orders.actions import orders
from providers.models import Layer, Meter, Offering, Provider, Subscription
from tests.factories import accounts, marketplace, providers
from tests.factories.accounts import NOW

pytestmark = pytest.mark.django_db


def sold(
    owner: Provider, layer: str, meter: str, price_yuan: str, scenes: list[Scenario] | None = None
) -> Offering:
    """An offering that may be composed, at that price for a thousand units."""
    made = providers.offering(owner, layer=layer, facility=providers.facility(owner))
    providers.rate(made, meter, price_yuan, 1000)
    return marketplace.terms(made, scenes, start_cost_fen=100)


def shelf() -> tuple[Scenario, dict[str, Offering]]:
    """An application, a dear and a cheap platform, compute, and storage to leave out."""
    scene = marketplace.scenario(coefficients={"calls": 1, "input_tokens": 10, "card_seconds": 1})
    owner = providers.provider()
    return scene, {
        "app": sold(owner, Layer.APPLICATION, Meter.CALLS, "1", [scene]),
        "dear": sold(owner, Layer.PLATFORM, Meter.INPUT_TOKENS, "0.2"),
        "cheap": sold(owner, Layer.PLATFORM, Meter.INPUT_TOKENS, "0.1"),
        "compute": sold(owner, Layer.COMPUTE, Meter.CARD_SECONDS, "2"),
        "storage": sold(owner, Layer.STORAGE, Meter.STORAGE_MB_SECONDS, "1"),
    }


def computed(need: Need) -> list[Match]:
    return matches.compute(by=accounts.signatory(need.enterprise), need=need, at=NOW)


def chain_of(bundle: Bundle) -> list[Offering]:
    rows = BundleItem.objects.filter(bundle=bundle).order_by("position")
    return [row.offering for row in rows.select_related("offering")]


def test_chain_is_composed_of_offerings_of_which_no_bundle_was_published() -> None:
    scene, on = shelf()

    found = computed(marketplace.need(scene=scene, monthly_volume=1_000))

    # 1,000 calls at 1, 10,000 tokens at 0.1 and 1,000 card-seconds at 2 yuan a thousand
    best = found[0]
    assert chain_of(best.bundle) == [on["compute"], on["cheap"], on["app"]]
    assert (best.bundle.status, best.price_fen) == ("composed", 100 + 100 + 200)
    assert (best.bundle.start_cost_fen, best.bundle.notice_days) == (300, 15)
    assert len({tuple(row.bundle.items.values_list("offering", flat=True)) for row in found}) == 4


def test_composed_bundle_is_made_once_and_stands_on_no_shelf() -> None:
    scene, _on = shelf()
    need = marketplace.need(scene=scene, monthly_volume=1_000)

    first, again = computed(need), computed(need)

    assert [row.bundle for row in first] == [row.bundle for row in again]
    assert Bundle.objects.filter(status="composed").count() == 4
    assert not Bundle.objects.visible_to(None).exists()


def test_published_bundle_and_composed_chain_are_ranked_together() -> None:
    scene, on = shelf()
    parts = [on["compute"], on["cheap"], on["app"]]
    ready = marketplace.bundle(
        on["app"].provider, parts, [scene], days_to_first_use=1, start_cost_fen=0
    )

    found = computed(marketplace.need(scene=scene, monthly_volume=1_000))

    assert found[0].bundle == ready
    assert found[0].own_fen == found[1].own_fen
    assert found[0].score > found[1].score


def test_composed_bundle_is_ordered_like_a_published_one() -> None:
    scene, on = shelf()
    need = marketplace.need(scene=scene, monthly_volume=1_000)
    best = computed(need)[0]

    order = orders.place(
        by=accounts.signatory(need.enterprise), need=need, bundle=best.bundle, at=NOW
    )

    running = Subscription.objects.filter(reference=order.code)
    assert {row.offering for row in running} == {on["app"], on["cheap"], on["compute"]}
    assert order.monthly_price_fen == 400


def test_stated_partner_is_the_only_one_an_offering_is_joined_to() -> None:
    scene, on = shelf()
    owner = on["app"].provider
    composing.state(
        by=accounts.member(owner.organization, Role.OPERATOR),
        offering=on["app"],
        scenarios=[scene],
        works_with=[on["dear"]],
        start_cost_fen=0,
        notice_days=0,
        days_to_first_use=0,
        operated_by="provider",
        at=NOW,
    )

    found = computed(marketplace.need(scene=scene, monthly_volume=1_000))

    assert {on["dear"] in chain_of(row.bundle) for row in found} == {True}


@pytest.mark.parametrize(
    ("upper", "lower", "code"),
    [("compute", "app", "circular"), ("app", "compute", "layers_unrelated"),
     ("dear", "cheap", "circular")],
)  # fmt: skip
def test_compatibility_that_cannot_be_meant_is_refused_with_its_code(
    upper: str, lower: str, code: str
) -> None:
    scene, on = shelf()

    with pytest.raises(DomainError) as refused:
        composing.state(
            by=accounts.member(on["app"].provider.organization, Role.OPERATOR),
            offering=on[upper],
            scenarios=[scene],
            works_with=[on[lower]],
            start_cost_fen=0,
            notice_days=0,
            days_to_first_use=0,
            operated_by="provider",
            at=NOW,
        )

    assert refused.value.code == code
    assert not Compatibility.objects.exists()


def test_answer_is_what_the_database_holds_in_the_order_shown() -> None:
    scene, on = shelf()
    stranger = providers.offering(on["app"].provider, layer=Layer.APPLICATION)
    marketplace.bundle(stranger.provider, [stranger], [scene])  # it has no price: excluded
    need = marketplace.need(scene=scene, monthly_volume=1_000)

    answered = computed(need)

    stored = list(need.matches.shown())
    names = [field.attname for field in Match._meta.concrete_fields]
    assert [row.rank for row in answered] == [1, 2, 3, 4, None]
    assert [[getattr(row, name) for name in names] for row in answered] == [
        [getattr(row, name) for name in names] for row in stored
    ]


def test_match_is_spelled_as_its_fields_would_spell_it() -> None:
    scene, on = shelf()
    stranger = providers.offering(on["app"].provider, layer=Layer.APPLICATION)
    marketplace.bundle(stranger.provider, [stranger], [scene])
    found = computed(marketplace.need(scene=scene, monthly_volume=1_000))
    assert found[0].reasons["use"]
    assert found[-1].reasons["exclusions"]

    for row in found:
        by_hand = MatchSerializer(row).data
        by_field = ModelSerializer.to_representation(MatchSerializer(), row)
        assert list(by_hand) == list(by_field)
        assert by_hand == by_field
