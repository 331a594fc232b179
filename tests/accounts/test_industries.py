"""Industries by GB/T 4754-2017."""

import pytest

from accounts.rules import industries


def test_standard_is_complete() -> None:
    assert list(industries.SECTIONS) == list("ABCDEFGHIJKLMNOPQRST")
    assert list(industries.CLASSES) == [f"{number:02d}" for number in range(1, 98)]
    assert "".join(sorted(industries.COVERED)) == "ABCDEFGHIKLMNOR"


def test_sections_follow_each_other_without_gap() -> None:
    letters = [row.section for row in industries.CLASSES.values()]

    assert letters == sorted(letters)
    assert set(letters) == set(industries.SECTIONS)


@pytest.mark.parametrize(
    ("typed", "digits", "letter"),
    [
        ("34", "34", "C"),
        ("3484", "3484", "C"),
        ("C3484", "3484", "C"),
        ("c 34", "34", "C"),
        ("Ｉ６５１０", "6510", "I"),
        ("011", "011", "A"),
        ("591", "591", "G"),
        ("7040", "7040", "K"),
    ],
)
def test_code_is_read(typed: str, digits: str, letter: str) -> None:
    assert industries.normalize(typed) == digits
    assert industries.section_of(typed).letter == letter


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", "shape"),
        ("C", "shape"),
        ("3", "shape"),
        ("34841", "shape"),
        ("U34", "shape"),
        ("3.4", "shape"),
        ("-34", "shape"),
        ("٣٤", "shape"),
        ("00", "unknown"),
        ("98", "unknown"),
        ("9999", "unknown"),
        ("705", "unknown"),
        ("597", "unknown"),
        ("I3484", "section"),
    ],
)
def test_refusal_names_its_reason(typed: str, reason: str) -> None:
    with pytest.raises(industries.InvalidIndustry) as caught:
        industries.normalize(typed)

    assert caught.value.reason == reason


def test_name_is_as_narrow_as_known() -> None:
    assert industries.name_of("3484") == "通用设备制造业"
    assert industries.name_of("591") == "装卸搬运"
    assert industries.name_of("59") == "装卸搬运和仓储业"
    assert industries.name_of("C") == "制造业"
    assert industries.name_of("65", "en") == "Software and information technology services"


def test_finance_and_education_are_not_covered() -> None:
    assert not industries.is_covered("66")
    assert not industries.is_covered("83")
    assert industries.is_covered("88")
