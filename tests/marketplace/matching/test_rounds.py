"""Clearing rounds: limits, floors, proof, sameness, reasons."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from bench.catalogs import clearing_round
from marketplace.matching.rules import (
    rounds_baselines,
    rounds_clearing,
    rounds_protocol,
    rounds_reasons,
)
from marketplace.matching.rules.rounds import BadRound, Floors, Need, Pair, Round, Share, assemble
from marketplace.matching.rules.rounds_protocol import BrokenPlan
from marketplace.matching.rules.rounds_reasons import Block, Missed, Outcome
from marketplace.matching.rules.rounds_repair import FloorOutOfReach
from tests.marketplace.matching import linear


def small(*, budget_fen: int = 1_000, floors: Floors | None = None, seed: int = 0) -> Round:
    """Three needs for one place at A and two at B; one scheme."""
    needs = [
        Need("N1", "C", 3, (Pair("A", 90, "S", 400), Pair("B", 50))),
        Need("N2", "F", 1, (Pair("A", 80, "S", 300), Pair("B", 20))),
        Need("N3", "G", 2, (Pair("B", 70, "S", 700),), frozenset({"micro"})),
        Need("N4", "G", 4, ()),
    ]
    return assemble(
        needs=needs, places={"A": 1, "B": 2}, budgets_fen={"S": budget_fen}, floors=floors,
        seed=seed,
    )  # fmt: skip


def named(found: Round, pairs: np.ndarray) -> dict[str, str]:
    return {
        found.needs[need]: found.offerings[found.offering_of[pair]]
        for need, pair in enumerate(pairs.tolist())
        if pair >= 0
    }


def test_round_takes_the_best_of_all_plans() -> None:
    # N2 at A and N3 at B cost exactly 1,000 fen; N1 goes to B free: 80 + 70 + 50 = 200.
    # N1 at A instead: 90 + 20 + nothing for N3 (1,100 fen) = 110.
    found = small()

    plan = rounds_clearing.clear(found)

    assert named(found, plan.pairs) == {"N1": "B", "N2": "A", "N3": "B"}
    assert plan.value == 200
    assert plan.bound >= 200


def test_outcomes_name_what_stood_in_the_way() -> None:
    found = small()
    plan = rounds_clearing.clear(found)
    left = rounds_reasons.standing(found, plan.pairs)

    assert rounds_reasons.outcomes(found, left) == [
        Outcome.LATER_CHOICE, Outcome.FIRST_CHOICE, Outcome.FIRST_CHOICE, Outcome.NO_PAIR,
    ]  # fmt: skip
    assert rounds_reasons.missed(found, left, 0) == [Missed("A", "S", 90, Block.PLACES, 1, 80)]


def test_need_left_out_for_money_is_told_by_how_much() -> None:
    found = small(budget_fen=650)
    plan = rounds_clearing.clear(found)
    left = rounds_reasons.standing(found, plan.pairs)

    # N2 at A (300 fen) and N1 at B are worth 130; 350 fen are left, N3 would need 700.
    assert named(found, plan.pairs) == {"N1": "B", "N2": "A"}
    assert rounds_reasons.outcomes(found, left)[2] == Outcome.MONEY
    assert rounds_reasons.missed(found, left, 2) == [Missed("B", "S", 70, Block.MONEY, 350, 50)]


def test_shares_and_sections_are_reached() -> None:
    found = small(floors=Floors(3, (Share("micro", 30),)))

    figures = rounds_protocol.protocol(found, rounds_clearing.clear(found))

    assert figures.served_by_section == {"C": 1, "F": 1, "G": 1}
    assert figures.shares["micro"] * 3 == 1
    assert (figures.spent_fen, figures.budgets_fen) == ({"S": 1_000}, {"S": 1_000})


def test_floor_of_sections_beyond_the_money_is_refused() -> None:
    with pytest.raises(FloorOutOfReach) as refused:
        rounds_clearing.clear(small(budget_fen=0, floors=Floors(3)))

    assert (refused.value.floor, refused.value.reached, refused.value.wanted) == ("sections", 2, 3)


def test_plan_and_bound_enclose_what_highs_finds() -> None:
    found = clearing_round(needs=60, candidates=4, budgets=2, seed=3)

    plan = rounds_clearing.clear(found)

    rounds_protocol.check(found, plan)
    exact = linear.exact_optimum(found)
    assert plan.value <= exact + 0.5 <= plan.bound + 1
    assert plan.value >= 0.97 * exact


def test_middling_round_is_within_a_thousandth_and_beats_both_yardsticks() -> None:
    found = clearing_round(needs=5_000)

    plan = rounds_clearing.clear(found)

    figures = rounds_protocol.protocol(found, plan)
    assert figures.gap <= rounds_clearing.GOOD_ENOUGH
    assert figures.value > max(figures.greedy, figures.first_come)
    assert sum(figures.outcomes.values()) == 5_000
    assert sum(map(bool, figures.served_by_section.values())) >= 10


def test_plan_is_the_same_for_the_same_input_and_seed() -> None:
    found, same = (clearing_round(needs=4_000, candidates=8, seed=2) for _ in range(2))

    first = rounds_clearing.clear(found, Fraction(1, 50))
    again = rounds_clearing.clear(same, Fraction(1, 50))

    assert first.digest() == again.digest()


def test_input_digest_ignores_the_order_of_rows_and_nothing_else() -> None:
    found = small()
    needs = [
        Need(code, found.sections[found.section_of[n]], int(found.received[n]), ())
        for n, code in enumerate(found.needs)
    ]
    places, budgets = {"A": 1, "B": 2}, {"S": 1_000}
    one = assemble(needs=needs, places=places, budgets_fen=budgets)
    other = assemble(needs=needs[::-1], places=dict(reversed(places.items())), budgets_fen=budgets)

    assert one.digest() == other.digest()
    changed = (small(seed=1), small(budget_fen=999), small(floors=Floors(1)))
    assert len({found.digest(), *(each.digest() for each in changed)}) == 4


def test_check_refuses_a_plan_after_its_input_changed() -> None:
    plan = rounds_clearing.clear(small())

    with pytest.raises(BrokenPlan, match="input_changed"):
        rounds_protocol.check(small(budget_fen=999), plan)


@pytest.mark.parametrize(
    ("found", "code"),
    [
        (replace(small(), places=np.array([0, 2])), "places_exceeded"),
        (replace(small(), budgets_fen=np.array([999])), "budget_exceeded"),
        (replace(small(), floors=Floors(0, (Share("micro", 40),))), "floor_broken"),
    ],
)
def test_check_refuses_a_plan_that_breaks_a_limit(found: Round, code: str) -> None:
    members = {"micro": np.array([False, False, True, False])}
    found = replace(found, members=members)
    plan = replace(rounds_clearing.clear(small()), input_digest=found.digest())

    with pytest.raises(BrokenPlan) as refused:
        rounds_protocol.check(found, plan)

    assert refused.value.code == code


def test_yardsticks_take_by_value_and_by_arrival() -> None:
    found = small()

    # By value: N1 takes A (400), N3 does not fit (700 of 600), N2 takes B.
    assert named(found, rounds_baselines.greedy(found)) == {"N1": "A", "N2": "B"}
    # By arrival: N2 takes A (300), N3 takes B (700), N1 takes the other place at B.
    assert named(found, rounds_baselines.first_come(found)) == {"N2": "A", "N3": "B", "N1": "B"}


@pytest.mark.parametrize(
    ("pair", "code"),
    [
        (Pair("Z", 10), "offering_unknown"),
        (Pair("A", 10, "Z", 5), "scheme_unknown"),
        (Pair("A", 10, "", 5), "subsidy_without_scheme"),
        (Pair("A", 0), "value_out_of_range"),
        (Pair("A", 10, "S", -1), "subsidy_out_of_range"),
    ],
)
def test_round_refuses_input_it_cannot_clear(pair: Pair, code: str) -> None:
    with pytest.raises(BadRound) as refused:
        assemble(needs=[Need("N", "C", 0, (pair,))], places={"A": 1}, budgets_fen={"S": 1})

    assert refused.value.code == code
