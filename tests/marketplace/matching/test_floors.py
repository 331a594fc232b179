"""Floors of small rounds against every possible plan."""

import itertools
import random

import pytest

from marketplace.matching.rules import rounds_clearing, rounds_protocol
from marketplace.matching.rules.rounds import Floors, Need, Pair, Round, Share, assemble
from marketplace.matching.rules.rounds_repair import FloorOutOfReach

SECTIONS = "ABCDEFGHIJKLMNO"


def best_of_all(found: Round) -> int | None:
    """Most points of any plan within places, money and floors; None where there is none."""
    starts = found.starts.tolist()
    choices = [[-1, *range(starts[need], starts[need + 1])] for need in range(len(found.needs))]
    best = None
    for plan in itertools.product(*choices):
        pairs = [pair for pair in plan if pair >= 0]
        if _holds(found, pairs):
            best = max(best or 0, sum(int(found.value[pair]) for pair in pairs))
    return best


def _holds(found: Round, pairs: list[int]) -> bool:
    places, money = found.places.tolist(), found.budgets_fen.tolist()
    for pair in pairs:
        places[found.offering_of[pair]] -= 1
        if found.scheme_of[pair] >= 0:
            money[found.scheme_of[pair]] -= int(found.subsidy_fen[pair])
    needs = [int(found.need_of[pair]) for pair in pairs]
    shares = all(
        100 * sum(bool(found.members[share.group][need]) for need in needs)
        >= share.percent * len(needs)
        for share in found.floors.shares
    )
    sections = len({int(found.section_of[need]) for need in needs})
    return (
        min(places) >= 0
        and min(money, default=0) >= 0
        and shares
        and (sections >= found.floors.sections)
    )


def test_ten_of_fifteen_sections_are_reached_where_points_alone_reach_nine() -> None:
    # Ten places. Section A has two needs of 90 points, every other one need of 50 or less.
    rows = [("A", 90), ("A", 90), *((section, 50 - n) for n, section in enumerate(SECTIONS[1:]))]
    needs = [
        Need(f"N{number:02}", section, number, (Pair("X", value),))
        for number, (section, value) in enumerate(rows)
    ]
    free = assemble(needs=needs, places={"X": 10}, budgets_fen={})
    held = assemble(needs=needs, places={"X": 10}, budgets_fen={}, floors=Floors(10))

    plain, plan = rounds_clearing.clear(free), rounds_clearing.clear(held)

    # Without the floor: 90 + 90 + 50 + 49 + ... + 43 = 552 over nine sections; with it the second
    # need of A (90) makes room for the tenth section (42).
    assert plain.value == 552
    assert plan.value == 504
    served = rounds_protocol.protocol(held, plan).served_by_section
    assert sum(map(bool, served.values())) == 10


@pytest.mark.parametrize("seed", range(12))
def test_floors_of_small_rounds_reach_what_brute_force_finds(seed: int) -> None:
    draw = random.Random(seed)
    needs = [
        Need(
            f"N{number}",
            draw.choice("CFG"),
            number,
            tuple(
                Pair(name, draw.randint(1, 99), draw.choice(("", "S")), draw.randint(0, 9))
                for name in ("X", "Y")
                if draw.random() < 0.9
            ),
            frozenset(name for name in ("micro", "manufacturing") if draw.random() < 0.4),
        )
        for number in range(7)
    ]
    needs = [
        Need(need.code, need.section, need.received,
             tuple(pair if pair.scheme else Pair(pair.offering, pair.value) for pair in need.pairs),
             need.groups)
        for need in needs
    ]  # fmt: skip
    floors = Floors(2, (Share("manufacturing", 30), Share("micro", 40)))
    found = assemble(needs=needs, places={"X": 2, "Y": 3}, budgets_fen={"S": 15}, floors=floors)
    best = best_of_all(found)
    if best is None:
        with pytest.raises(FloorOutOfReach):
            rounds_clearing.clear(found)
        return

    plan = rounds_clearing.clear(found)

    rounds_protocol.check(found, plan)
    assert plan.value == best == plan.bound
