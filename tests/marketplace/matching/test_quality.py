"""Measured quality: nobody's use changes nothing, good use never harms."""

import random
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from marketplace.matching.rules.compose import compose
from marketplace.matching.rules.compose_catalog import Catalog
from marketplace.matching.rules.quality import NEUTRAL, UNUSED, Experience, kept_points, points
from marketplace.matching.rules.scoring import STANDARD, Facts, Weights, in_proportion, rank
from tests.marketplace.matching import made_up, strategies

FORMER = Weights(50, 20, 10, 10, 10, 0)
"""The standard weights as they were before use counted."""

MANY = st.lists(strategies.facts, min_size=1, max_size=12, unique_by=lambda row: row.bundle)


@st.composite
def experiences(draw: st.DrawFn) -> Experience:
    firms, measured = draw(st.integers(0, 60)), draw(st.integers(0, 60))
    return Experience(
        firms=firms,
        stars=draw(st.integers(firms, 5 * firms)),
        reached=draw(st.integers(0, firms)),
        measured=measured,
        kept=draw(st.integers(0, 1000 * measured)),
    )


def rated(found: Experience, stars: int, *, is_reached: bool) -> Experience:
    return replace(
        found,
        firms=found.firms + 1,
        stars=found.stars + stars,
        reached=found.reached + is_reached,
    )


def test_points_of_14_content_firms() -> None:
    found = Experience(firms=14, stars=65, reached=13, measured=14, kept=14 * 510)

    # (5,000 + 250 x 51) / 24 = 739.58; (5,000 + 13,000) / 24 = 750; (5,000 + 7,140) / 24 = 505.83
    # half the first, a quarter of the others: 369.79 + 187.5 + 126.46 = 683.75
    assert points(found) == 683


def test_one_firm_moves_little() -> None:
    assert points(UNUSED) == NEUTRAL
    assert points(rated(UNUSED, 5, is_reached=True)) == 534  # (2 x 6,000 + 6,000) / 11 / 4 + 125
    assert points(rated(UNUSED, 1, is_reached=False)) == 465


@pytest.mark.parametrize(
    ("billed", "promised", "expected"),
    [
        (100, 100, 500),
        (50, 100, 750),
        (150, 100, 250),
        (200, 100, 0),
        (900, 100, 0),
        (0, 100, 1000),
    ],
)
def test_cost_points_are_the_middle_where_the_promise_is_kept(
    billed: int, promised: int, expected: int
) -> None:
    assert kept_points(billed_fen=billed, promised_fen=promised) == expected


@given(experiences())
def test_a_perfect_rating_never_lowers_the_points(found: Experience) -> None:
    assert points(rated(found, 5, is_reached=True)) >= points(found)


@given(experiences(), st.integers(1, 5))
def test_a_rating_above_the_mean_never_lowers_the_points(found: Experience, stars: int) -> None:
    assume(stars * (found.firms + 10) >= found.stars + 30)  # ten made-up firms gave 3 each

    assert points(rated(found, stars, is_reached=True)) >= points(found)


@given(experiences())
def test_points_stay_within_the_scale(found: Experience) -> None:
    assert 0 <= points(found) <= 1000


@given(MANY)
def test_without_any_use_the_rank_is_that_of_the_weights_before(candidates: list[Facts]) -> None:
    unused = [replace(row, quality=NEUTRAL) for row in candidates]

    assert [row.bundle for row in rank(unused)] == [row.bundle for row in rank(unused, FORMER)]


@given(MANY, st.data())
def test_more_points_never_lower_the_rank(candidates: list[Facts], data: st.DataObject) -> None:
    chosen = data.draw(st.sampled_from(candidates))
    better = replace(chosen, quality=data.draw(st.integers(chosen.quality, 1000)))
    others = [better if row is chosen else row for row in candidates]

    before = [row.bundle for row in rank(candidates)].index(chosen.bundle)

    assert [row.bundle for row in rank(others)].index(chosen.bundle) <= before


def test_engine_without_any_use_answers_as_if_use_did_not_count() -> None:
    draw = random.Random(11)
    for _ in range(40):
        items = [replace(item, quality=NEUTRAL) for item in made_up.items(draw)]
        catalog, wanted = Catalog(items), made_up.need(draw)
        pricing = made_up.wallet(draw, catalog)

        with_use = compose(catalog, wanted, pricing)
        without = compose(catalog, wanted, pricing, weights=FORMER)

        assert [row.offerings for row in with_use.chains] == [
            row.offerings for row in without.chains
        ]


def test_engine_asked_once_also_answers_as_if_nobody_had_used_anything() -> None:
    draw = random.Random(12)
    for _ in range(40):
        items = made_up.items(draw)
        catalog, wanted = Catalog(items), made_up.need(draw)
        unused = Catalog([replace(item, quality=NEUTRAL) for item in items])
        pricing = made_up.wallet(draw, catalog)

        alone = compose(catalog, wanted, pricing)
        both = compose(catalog, wanted, pricing, is_unused_asked=True)
        expected = compose(unused, wanted, pricing)

        assert both.chains == alone.chains
        assert list(both.unused) == [row.offerings for row in expected.chains]


def test_standard_weights_keep_the_former_proportion() -> None:
    former = {"own_share": 50, "fit": 20, "start_cost": 10, "days_to_first_use": 10, "latency": 10}

    assert in_proportion(former) == FORMER
    assert (STANDARD.own_share, STANDARD.fit, STANDARD.quality) == (45, 18, 10)
