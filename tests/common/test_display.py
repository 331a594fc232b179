"""How amounts and quantities are written."""

from datetime import UTC, datetime

import pytest
from django.utils import translation

from common import display


@pytest.mark.parametrize(
    ("fen", "text"),
    [(123456, "¥1,234.56"), (0, "¥0.00"), (-4250, "−¥42.50"), (5, "¥0.05")],
)
def test_money_is_exact_and_grouped(fen: int, text: str) -> None:
    assert display.money_text(fen) == text


@pytest.mark.parametrize(
    ("fen", "language", "text"),
    [
        (123_450_000, "zh-hans", "123.45 万元"),
        (123_450_000, "en", "¥1.23 million"),
        (999_999, "zh-hans", "¥9,999.99"),
        (99_999_999, "en", "¥999,999.99"),
    ],
)
def test_large_money_is_short_and_small_money_exact(fen: int, language: str, text: str) -> None:
    with translation.override(language):
        assert display.money_wan_text(fen) == text


@pytest.mark.parametrize(
    ("value", "unit", "language", "text", "name"),
    [
        (12_345_678, "input_tokens", "zh-hans", "1,234.57", "万 Token"),
        (9_999, "output_tokens", "zh-hans", "9,999", "Token"),
        (12_345_678, "input_tokens", "en", "12.35", "million tokens"),
        (5_437_800, "card_seconds", "zh-hans", "1,510.5", "卡时"),
        (7_200, "core_seconds", "en", "2", "core-hours"),
        (1_555_200_000_000, "storage_mb_seconds", "zh-hans", "600", "GB·月"),
        (3, "calls", "zh-hans", "3", "次"),
        (12, "racks", "en", "12", "racks"),
    ],
)
def test_quantity_is_shown_in_the_unit_of_the_field(
    value: int, unit: str, language: str, text: str, name: str
) -> None:
    with translation.override(language):
        shown = display.quantity(value, unit)

    assert (shown.text, shown.unit) == (text, name)
    assert shown.exact.startswith(f"{value:,}")


def test_moment_is_shown_in_shanghai() -> None:
    moment = datetime(2026, 2, 28, 17, 30, tzinfo=UTC)

    assert display.moment_text(moment) == "2026-03-01 01:30"
    assert display.moment_text(moment, "day") == "2026-03-01"
