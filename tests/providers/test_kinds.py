"""Facility kinds: what their figures may be and what they can deliver."""

from fractions import Fraction
from typing import Any

import pytest

from providers import kinds
from providers.models import FacilityKind, Layer, Meter

VALID: dict[str, dict[str, Any]] = {
    "edge_data_center": {"cards": 8, "cores": 512, "storage_gb": 20_000, "bandwidth_mbps": 1_000},
    "appliance": {"machines": 3, "cards_per_machine": 8, "output_tokens_per_second": 900},
    "sme_pool": {"contributors": 4, "cards": 65, "reserved_percent": 50},
    "idle_capacity": {
        "cards": 4,
        "hours_per_day": 8,
        "first_day": "2026-10-01",
        "last_day": "2026-12-31",
    },
    "storage_center": {"storage_gb": 500_000, "copies": 3},
    "metro_network": {"bandwidth_mbps": 10_000, "circle_ms": 1},
}


def test_kinds_are_the_models_choices() -> None:
    assert set(kinds.KINDS) == set(FacilityKind.values)


@pytest.mark.parametrize("kind", kinds.KINDS)
def test_kind_layers_and_meters_exist(kind: str) -> None:
    slice_ = kinds.get(kind)

    assert slice_.layers <= set(Layer.values)
    assert slice_.meters <= set(Meter.values)
    assert set(slice_.parse(VALID[kind]).bounds()) <= slice_.meters


@pytest.mark.parametrize("kind", kinds.KINDS)
def test_spec_stored_and_read_again_is_equal(kind: str) -> None:
    spec = kinds.get(kind).parse(VALID[kind])

    assert kinds.get(kind).parse(spec.plain()) == spec
    assert spec.plain() == VALID[kind]


@pytest.mark.parametrize("kind", kinds.KINDS)
def test_spec_unknown_key_refused(kind: str) -> None:
    with pytest.raises(kinds.InvalidSpec) as refusal:
        kinds.get(kind).parse({**VALID[kind], "gpus": 4})

    assert set(refusal.value.errors) == {"spec/gpus"}


@pytest.mark.parametrize("kind", kinds.KINDS)
@pytest.mark.parametrize("value", [-1, float("nan"), 1.5, "eight", True, 10**13, [8]])
def test_spec_wrong_number_refused(kind: str, value: Any) -> None:
    slice_ = kinds.get(kind)
    number = next(name for name, entry in slice_.entries().items() if entry.shape == "whole")

    with pytest.raises(kinds.InvalidSpec) as refusal:
        slice_.parse({**VALID[kind], number: value})

    assert f"spec/{number}" in refusal.value.errors


def test_spec_every_wrong_field_named_at_once() -> None:
    with pytest.raises(kinds.InvalidSpec) as refusal:
        kinds.get("appliance").parse({"machines": 0, "cores_per_machine": -4})

    assert set(refusal.value.errors) == {
        "spec/machines",
        "spec/cards_per_machine",
        "spec/cores_per_machine",
    }


@pytest.mark.parametrize("kind", ["edge_data_center", "sme_pool", "idle_capacity"])
def test_spec_without_anything_to_sell_refused(kind: str) -> None:
    empty = {name: value for name, value in VALID[kind].items() if name not in ("cards", "cores")}
    empty.pop("storage_gb", None)

    with pytest.raises(kinds.InvalidSpec):
        kinds.get(kind).parse(empty)


def test_window_running_backward_refused() -> None:
    with pytest.raises(kinds.InvalidSpec) as refusal:
        kinds.get("idle_capacity").parse({**VALID["idle_capacity"], "last_day": "2026-09-30"})

    assert set(refusal.value.errors) == {"spec/last_day"}


@pytest.mark.parametrize(
    ("kind", "meter", "bound"),
    [
        ("edge_data_center", "card_seconds", 8),
        ("edge_data_center", "storage_mb_seconds", 20_000_000),
        ("edge_data_center", "transfer_bytes", 125_000_000),
        ("edge_data_center", "input_tokens", None),
        ("appliance", "card_seconds", 24),
        ("appliance", "output_tokens", 2_700),
        ("appliance", "reasoning_tokens", 2_700),
        ("sme_pool", "card_seconds", 32),
        ("storage_center", "storage_mb_seconds", 500_000_000),
        ("metro_network", "line_mbps_seconds", 10_000),
        ("metro_network", "calls", None),
    ],
)
def test_bound_per_second(kind: str, meter: str, bound: int | None) -> None:
    expected = None if bound is None else Fraction(bound)

    assert kinds.get(kind).bound_per_second(VALID[kind], meter) == expected


def test_idle_capacity_delivers_its_hours_only() -> None:
    month = 30 * 24 * 3600

    most = kinds.get("idle_capacity").most_units(VALID["idle_capacity"], "card_seconds", month)

    assert most == 4 * month // 3


MONTH = 30 * 24 * 3600
FULL: dict[str, dict[str, Any]] = {
    "edge_data_center": {
        **VALID["edge_data_center"],
        "input_tokens_per_second": 5_000,
        "output_tokens_per_second": 800,
    },
    "appliance": {
        **VALID["appliance"],
        "cores_per_machine": 64,
        "storage_gb_per_machine": 3_840,
        "input_tokens_per_second": 2_000,
    },
    "sme_pool": {
        **VALID["sme_pool"],
        "cores": 101,
        "storage_gb": 9,
        "input_tokens_per_second": 3_001,
        "output_tokens_per_second": 301,
    },
    "idle_capacity": {**VALID["idle_capacity"], "cores": 96, "storage_gb": 1_000},
    "storage_center": {**VALID["storage_center"], "bandwidth_mbps": 400},
    "metro_network": VALID["metro_network"],
}
"""Specs that state everything which bounds a meter."""

BOUNDS = {
    "edge_data_center": {
        "card_seconds": 8,
        "core_seconds": 512,
        "storage_mb_seconds": 20_000_000,
        "transfer_bytes": 125_000_000,
        "line_mbps_seconds": 1_000,
        "input_tokens": 5_000,
        "cached_tokens": 5_000,
        "output_tokens": 800,
        "reasoning_tokens": 800,
    },
    "appliance": {
        "card_seconds": 24,
        "core_seconds": 192,
        "storage_mb_seconds": 11_520_000,
        "input_tokens": 6_000,
        "cached_tokens": 6_000,
        "output_tokens": 2_700,
        "reasoning_tokens": 2_700,
    },
    "sme_pool": {
        "card_seconds": 32,
        "core_seconds": 50,
        "storage_mb_seconds": 4_500,
        "input_tokens": 1_500,
        "cached_tokens": 1_500,
        "output_tokens": 150,
        "reasoning_tokens": 150,
    },
    "idle_capacity": {
        "card_seconds": 4,
        "core_seconds": 96,
        "storage_mb_seconds": 1_000_000,
    },
    "storage_center": {"storage_mb_seconds": 500_000_000, "transfer_bytes": 50_000_000},
    "metro_network": {"transfer_bytes": 1_250_000_000, "line_mbps_seconds": 10_000},
}
"""Per second, worked out by hand."""
SOFTWARE_COUNTS = {"calls", "images"}
"""Meters that no machine bounds."""


@pytest.mark.parametrize("kind", kinds.KINDS)
def test_every_meter_of_a_kind_has_its_bound(kind: str) -> None:
    slice_ = kinds.get(kind)

    assert slice_.parse(FULL[kind]).bounds() == BOUNDS[kind]
    assert slice_.meters - set(BOUNDS[kind]) <= SOFTWARE_COUNTS


@pytest.mark.parametrize("kind", kinds.KINDS)
def test_every_field_of_a_kind_has_words_and_number_fields_a_unit(kind: str) -> None:
    entries = kinds.get(kind).entries().values()

    assert all(str(entry.label) for entry in entries)
    assert all(str(entry.unit) for entry in entries if entry.shape == "whole")
    assert str(kinds.get(kind).summary)
