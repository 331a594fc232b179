"""Places by GB/T 2260."""

import pytest

from accounts.rules import regions


def test_every_place_has_its_province() -> None:
    provinces = [code for code in regions.REGIONS if code.endswith("0000")]

    assert len(provinces) == 34
    assert {code[:2] for code in regions.REGIONS} == {code[:2] for code in provinces}


def test_names_are_never_empty() -> None:
    assert all(name and name_en for name, name_en in regions.REGIONS.values())


@pytest.mark.parametrize(
    ("region", "place", "inside"),
    [
        ("110000", "110108", True),
        ("110000", "110000", True),
        ("621000", "621002", True),
        ("620000", "621002", True),
        ("621000", "620000", False),
        ("621002", "621000", False),
        ("621002", "621021", False),
        ("110000", "120000", False),
        ("620100", "621002", False),
    ],
)
def test_region_covers_what_lies_in_it(region: str, place: str, inside: bool) -> None:
    assert regions.covers(region, place) is inside


def test_full_name_names_the_places_above() -> None:
    assert regions.full_name_of("621002") == "甘肃省庆阳市西峰区"
    assert regions.full_name_of("110108") == "北京市海淀区"
    assert regions.full_name_of("621002", "en") == "Xifeng, Qingyang, Gansu"


def test_full_width_digits_are_accepted() -> None:
    assert regions.normalize(" ６２１００２ ") == "621002"


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", "shape"),
        ("62100", "shape"),
        ("6210022", "shape"),
        ("62100a", "shape"),
        ("٦٢١٠٠٢", "shape"),
        ("990000", "unknown"),
        ("000000", "unknown"),
        ("620199", "county"),
    ],
)
def test_refusal_names_its_reason(typed: str, reason: str) -> None:
    with pytest.raises(regions.InvalidRegion) as caught:
        regions.normalize(typed)

    assert caught.value.reason == reason
