"""Ranking."""

import random
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.matching.rules.scoring import Facts, Weights, rank, score
from tests.marketplace.matching import strategies

MANY = st.lists(strategies.facts, max_size=12, unique_by=lambda row: row.bundle)
PLAIN = Facts("BN-A", 400_000, 1_000_000, 0, 3, 5000, 3, 3)


def test_score_adds_points_times_weight() -> None:
    found = score(PLAIN)

    assert [(part.name, part.points, part.weight) for part in found.components] == [
        ("own_share", 600, 45),
        ("fit", 1000, 18),
        ("start_cost", 1000, 9),
        ("days_to_first_use", 900, 9),
        ("latency", 950, 9),
        ("quality", 500, 10),
    ]
    assert found.score == 600 * 45 + 1000 * 18 + 1000 * 9 + 900 * 9 + 950 * 9 + 500 * 10


def test_score_of_an_unstated_latency_earns_nothing() -> None:
    assert score(replace(PLAIN, latency_us=None)).components[-2].points == 0


@pytest.mark.parametrize("weights", [(45, 18, 9, 9, 9, 11), (110, -10, 0, 0, 0, 0)])
def test_weights_add_up_to_a_hundred(weights: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="add up"):
        Weights(*weights)


def test_weights_move_the_order() -> None:
    cheap = replace(PLAIN, bundle="BN-C", own_fen=0, days_to_first_use=30)
    quick = replace(PLAIN, bundle="BN-Q", own_fen=900_000, days_to_first_use=0)

    by_cost = [row.bundle for row in rank([cheap, quick])]
    by_days = [row.bundle for row in rank([cheap, quick], Weights(0, 0, 0, 100, 0, 0))]

    assert (by_cost, by_days) == (["BN-C", "BN-Q"], ["BN-Q", "BN-C"])


@given(MANY)
def test_rank_is_total(candidates: list[Facts]) -> None:
    ranked = rank(candidates)

    assert sorted(row.bundle for row in ranked) == sorted(row.bundle for row in candidates)
    assert all(0 <= row.score <= 100_000 for row in ranked)
    assert all(a.score >= b.score for a, b in pairwise(ranked))


@given(MANY, st.randoms(use_true_random=False))
def test_rank_does_not_depend_on_the_order_of_arrival(
    candidates: list[Facts], chance: random.Random
) -> None:
    shuffled = list(candidates)
    chance.shuffle(shuffled)

    assert rank(shuffled) == rank(candidates)


@given(MANY, strategies.facts)
def test_rank_of_the_rest_is_untouched_by_another_bundle(
    candidates: list[Facts], another: Facts
) -> None:
    others = [row for row in candidates if row.bundle != another.bundle]

    with_it = [row.bundle for row in rank([*others, another]) if row.bundle != another.bundle]

    assert with_it == [row.bundle for row in rank(others)]


@given(MANY.filter(bool), st.integers(0, 10**6), st.data())
def test_rank_never_falls_when_the_own_share_does(
    candidates: list[Facts], saved: int, data: st.DataObject
) -> None:
    chosen = data.draw(st.sampled_from(candidates))
    cheaper = replace(chosen, own_fen=max(0, chosen.own_fen - saved))

    before = [row.bundle for row in rank(candidates)].index(chosen.bundle)
    after = [
        row.bundle for row in rank([cheaper if row is chosen else row for row in candidates])
    ].index(chosen.bundle)

    assert after <= before
