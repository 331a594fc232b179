"""Each threshold at most once, the nearest one only, and again after an extension."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vouchers.grants.rules.reminding import THRESHOLDS, due

LAST = date(2026, 12, 31)


@pytest.mark.parametrize(
    ("left", "expected"),
    [(31, None), (30, 30), (29, 30), (15, 30), (14, 14), (8, 14), (7, 7), (2, 7), (1, 1), (0, 1), (-1, None)],
)  # fmt: skip
def test_both_sides_of_each_threshold(left: int, expected: int | None) -> None:
    assert due(last_day=LAST, today=LAST - timedelta(days=left), reached=frozenset()) == expected


def run(days: list[int], last_day: date) -> list[tuple[int, int]]:
    """Look on those days before the last one; (days left, threshold) of each reminder."""
    sent: list[tuple[int, int]] = []
    for left in sorted(days, reverse=True):
        reached = frozenset(threshold for _left, threshold in sent)
        found = due(last_day=last_day, today=last_day - timedelta(days=left), reached=reached)
        if found is not None:
            sent.append((left, found))
    return sent


@given(st.lists(st.integers(-5, 60), max_size=80))
def test_any_days_of_looking_remind_at_most_once_of_each_threshold(days: list[int]) -> None:
    sent = run(days, LAST)
    thresholds = [threshold for _left, threshold in sent]

    assert len(set(thresholds)) == len(thresholds) <= len({left for left in days if left >= 0})
    assert thresholds == sorted(thresholds, reverse=True)
    for left, threshold in sent:
        assert 0 <= left <= threshold
        assert not [other for other in THRESHOLDS if left <= other < threshold]


@given(st.sets(st.integers(0, 40), min_size=1))
def test_whoever_looks_inside_the_last_thirty_days_has_reminded(days: set[int]) -> None:
    assert bool(run(list(days), LAST)) is (min(days) <= 30)


def test_looking_every_day_reminds_on_exactly_the_four_days() -> None:
    assert run(list(range(-3, 100)), LAST) == [(30, 30), (14, 14), (7, 7), (1, 1)]
