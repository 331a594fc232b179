"""Samples: repeated byte for byte, by the product and by the script that knows nothing of it."""

import json
import subprocess
import sys
from collections import Counter
from fractions import Fraction
from math import comb
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vouchers.audit import audit_sample
from vouchers.audit.rules import estimates, sampling
from vouchers.audit.rules.estimates import Counted, EstimateInvalid
from vouchers.audit.rules.sampling import Item, Plan, SampleInvalid

PLAN = Plan("2026-05 head 9f3c", 40, 10, (50_000, 500_000), 3)
ITEMS = [
    Item(f"RD{n:04d}", f"S{n % 7}", 1_000 * (n * n % 997 + 1), n * 13 % 91 if n % 5 == 0 else 0)
    for n in range(600)
]


def plans() -> st.SearchStrategy[Plan]:
    sizes = st.integers(0, 40)
    return st.builds(
        Plan,
        st.text(min_size=1, max_size=12),
        sizes,
        sizes,
        st.sets(st.integers(1, 10_000), max_size=3).map(lambda found: tuple(sorted(found))),
        st.integers(0, 5),
        st.integers(0, 3),
    )


def items() -> st.SearchStrategy[list[Item]]:
    one = st.tuples(
        st.sampled_from(["S1", "S2", "供给方", "S/4"]), st.integers(0, 20_000), st.integers(0, 99)
    )
    return st.lists(one, min_size=1, max_size=60).map(
        lambda rows: [Item(f"RD{n}", *row) for n, row in enumerate(rows)]
    )


def test_equal_seeds_draw_equal_bytes_whatever_the_order_of_the_list() -> None:
    first = sampling.draw(ITEMS, PLAN).as_bytes()

    assert sampling.draw(reversed(ITEMS), PLAN).as_bytes() == first
    assert sampling.export(reversed(ITEMS), PLAN) == sampling.export(ITEMS, PLAN)


def test_draw_stays_what_it_was() -> None:
    """The bytes of a draw once made, so that no later change can quietly draw otherwise."""
    sample = sampling.draw(ITEMS[:20], Plan("seed", 4, 2, (300_000,), 0, 1))

    assert sample.frame_sha256 == (
        "f1594fae251d8b924faa10140e7edd7063dfa33ad41dc1b8fed6f94da285f74b"
    )
    assert [(one.code, one.draw, one.stratum) for one in sample.drawn] == [
        ("RD0014", "random", "others/0"),
        ("RD0017", "random", "others/0"),
        ("RD0006", "random", "others/0"),
        ("RD0018", "random", "others/1"),
        ("RD0005", "risk", "others/0"),
        ("RD0010", "risk", "others/0"),
    ]


def test_another_seed_draws_others() -> None:
    drawn = [
        {one.code for one in sampling.draw(ITEMS, Plan(seed, 40, 0, (), 0)).drawn}
        for seed in ("a", "b")
    ]

    assert len(drawn[0] & drawn[1]) < 15


@settings(max_examples=60)
@given(items(), plans())
def test_script_repeats_every_draw(found: list[Item], plan: Plan) -> None:
    head, *rows = (json.loads(line) for line in sampling.export(found, plan).splitlines())
    del head["format"]

    assert audit_sample.draw(head, rows) == sampling.draw(found, plan).as_bytes()


@settings(max_examples=60)
@given(items(), plans())
def test_draw_has_its_sizes_and_draws_nothing_twice(found: list[Item], plan: Plan) -> None:
    sample = sampling.draw(found, plan)

    codes = [one.code for one in sample.drawn]
    at_random = [one for one in sample.drawn if one.draw == sampling.RANDOM]
    least = sum(min(plan.least_each, each.population) for each in sample.strata)
    pointed = {item.code for item in found if item.points} - {one.code for one in at_random}
    assert len(codes) == len(set(codes))
    assert len(at_random) == max(min(plan.random_size, len(found)), least)
    assert len(codes) - len(at_random) == min(plan.risk_size, len(pointed))
    assert sum(each.population for each in sample.strata) == len(found)
    assert all(each.drawn <= each.population for each in sample.strata)
    assert Counter(one.stratum for one in at_random) == {
        each.name: each.drawn for each in sample.strata if each.drawn
    }


def test_allocation_by_hand() -> None:
    assert sampling.allocate([100, 50, 10], 16, 2) == [8, 5, 3]
    assert sampling.allocate([1, 3, 1000], 5, 2) == [1, 2, 2]
    assert sampling.allocate([2, 2], 100, 0) == [2, 2]
    assert sampling.allocate([5, 5, 5], 1, 2) == [2, 2, 2]


def test_strata_by_named_provider_and_band() -> None:
    found = [Item("a", "S1", 900), Item("b", "S2", 500), Item("c", "S3", 499), Item("d", "S1", 1)]

    strata = sampling.strata_of(found, Plan("s", 1, 0, (500,), 1))

    assert strata == {"a": ("S1", 1), "b": ("others", 1), "c": ("others", 0), "d": ("S1", 0)}


def test_risk_draw_follows_the_points() -> None:
    found = [Item(f"R{n:03d}", "S1", 100, 9 if n < 50 else 1) for n in range(100)]
    sure = Item("SURE", "S1", 100, 10_000)
    draws = [
        {item.code for item in sampling.by_points([*found, sure], 11, f"seed{n}")}
        for n in range(300)
    ]

    heavy = sum(code < "R050" for drawn in draws for code in drawn if code != "SURE")
    assert all(len(drawn) == 11 and "SURE" in drawn for drawn in draws)
    assert heavy / (300 * 10) == pytest.approx(0.9, abs=0.02)


@pytest.mark.parametrize(
    ("found", "plan"),
    [
        (ITEMS[:3], Plan("", 1, 0, (), 0)),
        (ITEMS[:3], Plan("s", -1, 0, (), 0)),
        (ITEMS[:3], Plan("s", 1, 0, (5, 5), 0)),
        ([ITEMS[0], ITEMS[0]], Plan("s", 1, 0, (), 0)),
        ([Item("a", "S1", 1, -1)], Plan("s", 1, 0, (), 0)),
        ([Item("a", "others", 1)], Plan("s", 1, 0, (), 0)),
    ],
)
def test_impossible_draw_is_refused(found: list[Item], plan: Plan) -> None:
    with pytest.raises(SampleInvalid):
        sampling.draw(found, plan)


def test_script_alone_prints_compares_and_names_the_first_difference(tmp_path: Path) -> None:
    export, sample = tmp_path / "export.jsonl", tmp_path / "sample.jsonl"
    export.write_bytes(sampling.export(ITEMS, PLAN))

    printed = _run(export)
    sample.write_bytes(printed.stdout)
    equal = _run(export, "--check", str(sample))
    sample.write_bytes(printed.stdout.replace(b'"draw":"risk"', b'"draw":"random"', 1))
    changed = _run(export, "--check", str(sample))
    export.write_bytes(b'{"format":"other"}\n')
    strange = _run(export)

    assert printed.stdout == sampling.draw(ITEMS, PLAN).as_bytes()
    assert (equal.returncode, equal.stdout[:5]) == (0, b"equal")
    # One head, twelve strata, forty at random: the first of the risk draw is line 54.
    assert (changed.returncode, changed.stdout) == (1, b"DIFFERENT from line 54 on\n")
    assert strange.returncode == 2


def _run(export: Path, *more: str) -> subprocess.CompletedProcess[bytes]:
    # -I: without the product's folder on the path.
    return subprocess.run(
        [sys.executable, "-I", audit_sample.__file__, str(export), *more],
        capture_output=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("wrong", "drawn", "low", "high"),
    [
        (0, 10, 0.0, 0.308497),
        (10, 10, 0.691503, 1.0),
        (1, 20, 0.001265, 0.248733),
        (5, 50, 0.033275, 0.218135),
    ],
)
def test_interval_is_clopper_and_pearsons(wrong: int, drawn: int, low: float, high: float) -> None:
    assert estimates.interval(wrong, drawn) == (low, high)


def test_interval_covers_at_least_nineteen_of_twenty_for_every_rate() -> None:
    ends = [estimates.interval(wrong, 30) for wrong in range(31)]
    for permille in range(5, 1000, 5):
        rate = permille / 1000
        covered = sum(
            comb(30, wrong) * rate**wrong * (1 - rate) ** (30 - wrong)
            for wrong, (low, high) in enumerate(ends)
            if low <= rate <= high
        )
        assert covered >= 0.95


def test_stratified_rate_by_hand() -> None:
    found = estimates.estimate([Counted(900, 45, 2), Counted(100, 20, 10)])

    # 0.9 x 2/45 + 0.1 x 10/20 = 0.04 + 0.05. The weights say
    # 1 / (0.81 x 0.95 / 45 + 0.01 x 0.8 / 20) = 57.14; the variance seen says more.
    assert (found.rate, found.effective_size) == (0.09, 57.14)
    assert (found.low, found.high) == estimates.interval(0.09 * 57.142857, 57.142857)


def test_estimate_of_a_list_looked_at_in_full_is_exact() -> None:
    found = estimates.estimate([Counted(100, 100, 7), Counted(50, 50, 0)])

    assert (found.rate, found.low, found.high) == (0.046667, 0.046667, 0.046667)


def test_stratified_interval_covers_nineteen_of_twenty_draws() -> None:
    wrong = {item.code for n, item in enumerate(ITEMS) if n * n % 997 > 880 or n % 41 == 0}
    truth = len(wrong) / len(ITEMS)
    covered = 0
    for number in range(200):
        sample = sampling.draw(ITEMS, Plan(f"draw {number}", 80, 0, (300_000, 880_000), 2, 3))
        bad = Counter(one.stratum for one in sample.drawn if one.code in wrong)
        found = estimates.estimate(
            [Counted(each.population, each.drawn, bad[each.name]) for each in sample.strata]
        )
        covered += found.low <= truth <= found.high

    assert covered >= 0.95 * 200


@pytest.mark.parametrize(
    "counted", [Counted(10, 0, 0), Counted(10, 5, 6), Counted(4, 5, 1), Counted(10, 5, -1)]
)
def test_impossible_count_is_refused(counted: Counted) -> None:
    with pytest.raises(EstimateInvalid):
        estimates.estimate([counted])


def test_sizes_are_the_textbooks() -> None:
    half, margin = Fraction(1, 2), Fraction(5, 100)

    assert estimates.size_for_margin(10**9, half, margin) == 385
    assert estimates.size_for_margin(1000, half, margin) == 278
    assert estimates.size_for_margin(10, half, margin) == 10
    assert estimates.size_to_find(1000, 10) == 258
    assert estimates.size_to_find(100_000, 1) == 95_000
    assert estimates.size_to_find(20, 20) == 1


@pytest.mark.parametrize(("population", "wrong"), [(10, 0), (10, 11)])
def test_impossible_size_is_refused(population: int, wrong: int) -> None:
    with pytest.raises(EstimateInvalid):
        estimates.size_to_find(population, wrong)
