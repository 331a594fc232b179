"""When an alert is due, worked out by hand."""

import pytest

from vouchers.billing.rules import alerts
from vouchers.billing.rules.alerts import Pot

YUAN = 100


@pytest.mark.parametrize(
    ("left", "day", "week", "hours"),
    [
        (1_000 * YUAN, 0, 0, None),  # nothing is spent
        (1_000 * YUAN, 240 * YUAN, 240 * YUAN, 100),  # 10 yuan an hour today, the week was quiet
        (1_000 * YUAN, 24 * YUAN, 1_680 * YUAN, 100),  # 10 an hour all week, a quiet day
        (1_000 * YUAN, -50, 1_680 * YUAN, 100),  # a correction today
        (1_000 * YUAN, -50, -50, None),
        (719, 240, 240, 71),  # 71.9 hours, rounded down
        (0, 1, 1, 0),
        (10**15, 1, 1, 24 * 10**15),
    ],
)
def test_hours_left_at_the_faster_rate(left: int, day: int, week: int, hours: int | None) -> None:
    assert alerts.hours_left(Pot(left, left, day, week)) == hours


@pytest.mark.parametrize(("left", "short"), [(719, True), (720, False), (721, False)])
def test_lasts_too_short_below_72_hours_exactly(left: int, short: bool) -> None:
    assert alerts.lasts_too_short(Pot(left, 10**9, 240, 240)) is short


@pytest.mark.parametrize(
    ("left", "full", "empty"),
    [(100, 1_000, True), (101, 1_000, False), (100, 1_009, True), (100, 999, False), (0, 1, True)],
)
def test_nearly_empty_at_a_tenth_exactly(left: int, full: int, empty: bool) -> None:
    assert alerts.is_nearly_empty(Pot(left, full, 1, 1)) is empty


def test_a_pot_from_which_nothing_flows_is_not_told_of() -> None:
    resting = Pot(0, 1_000, 0, 0)

    assert not alerts.is_nearly_empty(resting)
    assert not alerts.lasts_too_short(resting)


@pytest.mark.parametrize(
    ("spent", "told", "step"),
    [
        (0, (), None),
        (49_999, (), None),
        (50_000, (), 50),
        (79_999, (50,), None),
        (80_000, (50,), 80),
        (99_999, (50, 80), None),
        (100_000, (50, 80), 100),
        (250_000, (50, 80), 100),
        (250_000, (), 100),  # all at once is one message
        (60_000, (80,), None),  # a correction brings nothing lower
        (85_000, (100,), None),
    ],
)
def test_budget_steps_come_in_order_and_once(
    spent: int, told: tuple[int, ...], step: int | None
) -> None:
    assert alerts.budget_step(spent_fen=spent, budget_fen=100_000, told=told) == step


def test_percent_is_rounded_down() -> None:
    assert alerts.percent_used(spent_fen=2, budget_fen=3) == 66
    assert alerts.percent_used(spent_fen=4, budget_fen=3) == 133
