"""What a voucher may pay for."""

from typing import Any

import pytest

from tests.factories import plans
from vouchers.grants.rules import coverage

TOKENS = ("input_tokens", "output_tokens")


def covers(plan: dict[str, Any], **values: Any) -> bool:
    asked: dict[str, Any] = {
        "voucher_kind": "compute",
        "layer": "platform",
        "meters": TOKENS,
        "region": "621002",
        "provider_code": "PV-7KQ4-M2XD",
        "has_domestic_chip": False,
    }
    return coverage.covers(plans.rules(plan), **{**asked, **values})


@pytest.mark.parametrize(
    ("kind", "layers"),
    [
        ("compute", {"compute", "platform", "application", "dataset"}),
        ("storage", {"storage"}),
        ("network", {"network"}),
    ],
)
def test_each_kind_of_voucher_pays_for_its_layers(kind: str, layers: set[str]) -> None:
    every = {"compute", "storage", "network", "platform", "application", "dataset"}

    found = {layer for layer in every if covers(plans.QINGYANG, voucher_kind=kind, layer=layer)}

    assert found == layers


def test_unknown_kind_pays_for_nothing() -> None:
    assert not covers(plans.QINGYANG, voucher_kind="gold")


@pytest.mark.parametrize(
    ("meters", "covered"),
    [
        (TOKENS, True),
        (["input_tokens"], True),
        (["input_tokens", "card_seconds"], False),
        (["card_seconds"], False),
        ([], False),
    ],
)
def test_token_scheme_pays_for_token_meters_only(meters: list[str], covered: bool) -> None:
    assert covers(plans.BEIJING, meters=meters) is covered


@pytest.mark.parametrize(
    ("region", "covered"), [("621002", True), ("621000", True), ("110000", False), ("", False)]
)
def test_facility_must_stand_in_the_region(region: str, covered: bool) -> None:
    assert covers(plans.QINGYANG, region=region) is covered


def test_domestic_chip_is_required_where_the_scheme_says_so() -> None:
    asked = {"voucher_kind": "storage", "layer": "storage", "meters": ["storage_mb_seconds"]}

    assert not covers(plans.STORAGE, **asked)
    assert covers(plans.STORAGE, **asked, has_domestic_chip=True)


def test_allow_list_of_providers_is_kept() -> None:
    plan = {
        **plans.QINGYANG,
        "covers": {"providers": {"value": ["PV-2222-2222"], "source": "main", "article": "y"}},
    }

    assert not covers(plan)
    assert covers(plan, provider_code="PV-2222-2222")
