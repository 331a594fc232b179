"""Hard limits and what to relax."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.matching.rules.limits import Candidate, Exclusion, Limit, Room, Terms, exclusions
from marketplace.matching.rules.relaxing import nearest
from tests.marketplace.matching import strategies
from tests.marketplace.matching.strategies import changed, good_candidate, strict_terms


def test_exclusions_of_a_fitting_candidate_are_none() -> None:
    assert exclusions(strict_terms(), good_candidate()) == ()


@pytest.mark.parametrize(
    ("candidate", "expected"),
    [
        (replace(good_candidate(), sections="GI"), Exclusion(Limit.SECTION, "GI", "C")),
        (changed(good_candidate(), is_listed=False), Exclusion(Limit.LISTING, offering="OF-1")),
        (
            changed(good_candidate(), is_provider_verified=False),
            Exclusion(Limit.PROVIDER, offering="OF-1"),
        ),
        (
            changed(good_candidate(), license_expires_on=date(2026, 10, 10)),
            Exclusion(Limit.LICENSE, "2026-10-12", "2026-10-10", 2, "OF-1"),
        ),
        (
            changed(good_candidate(), lapsed_meters=("calls",)),
            Exclusion(Limit.PRICE, offering="OF-1", meter="calls"),
        ),
        (replace(good_candidate(), is_priced=False), Exclusion(Limit.PRICE)),
        (
            changed(good_candidate(), region="110108"),
            Exclusion(Limit.REGION, "621000", "110108", offering="OF-1"),
        ),
        (changed(good_candidate(), latency_us=5001), Exclusion(Limit.LATENCY, 5000, 5001, 1)),
        (changed(good_candidate(), latency_us=None), Exclusion(Limit.LATENCY, 5000)),
        (
            changed(good_candidate(), has_domestic_chip=False),
            Exclusion(Limit.DOMESTIC_CHIP, offering="OF-1"),
        ),
        (
            replace(good_candidate(), rooms=(Room("OF-1", "calls", date(2026, 11, 1), 9, 10),)),
            Exclusion(Limit.CAPACITY, 10, 9, 1, "OF-1", "calls", "2026-11-01"),
        ),
        (replace(good_candidate(), own_fen=10_001), Exclusion(Limit.BUDGET, 10_000, 10_001, 1)),
    ],
)
def test_exclusions_name_the_limit_and_by_how_much(
    candidate: Candidate, expected: Exclusion
) -> None:
    assert exclusions(strict_terms(), candidate) == (expected,)


@pytest.mark.parametrize(
    "candidate",
    [
        replace(good_candidate(), own_fen=10_000),
        changed(good_candidate(), latency_us=5000),
        changed(good_candidate(), license_expires_on=date(2026, 10, 12)),
        replace(good_candidate(), rooms=(Room("OF-1", "calls", date(2026, 10, 1), 10, 10),)),
        replace(good_candidate(), sections=""),
    ],
)
def test_exclusions_stand_exactly_beyond_the_limit(candidate: Candidate) -> None:
    assert exclusions(strict_terms(), candidate) == ()


def test_exclusions_when_no_facility_shows_where_data_live() -> None:
    candidate = changed(good_candidate(), region="", latency_us=None)

    assert [row.limit for row in exclusions(strict_terms(), candidate)] == [
        Limit.REGION,
        Limit.LATENCY,
    ]


def test_exclusions_for_software_beside_a_facility() -> None:
    software = replace(
        strategies.good_part(),
        offering="OF-2",
        layer="application",
        region="",
        latency_us=None,
        has_domestic_chip=False,
    )
    candidate = replace(good_candidate(), parts=(strategies.good_part(), software))

    assert exclusions(strict_terms(), candidate) == ()


def test_exclusions_tell_every_broken_limit_in_order() -> None:
    candidate = replace(
        changed(good_candidate(), latency_us=6000, region="110108", is_listed=False), own_fen=10**6
    )

    assert [row.limit for row in exclusions(strict_terms(), candidate)] == [
        Limit.LISTING,
        Limit.REGION,
        Limit.LATENCY,
        Limit.BUDGET,
    ]


@given(strategies.terms, strategies.candidates, st.data())
def test_relaxing_a_limit_never_removes_a_candidate(
    strict: Terms, candidate: Candidate, data: st.DataObject
) -> None:
    wider = {
        "": [""],
        "620000": ["", "620000"],
        "621000": ["", "620000", "621000"],
        "621002": ["", "620000", "621000", "621002"],
        "110000": ["", "110000"],
        "110108": ["", "110000", "110108"],
    }
    latency = strict.latency_us
    loose = replace(
        strict,
        region=data.draw(st.sampled_from(wider[strict.region])),
        latency_us=None if latency is None else data.draw(st.none() | st.integers(latency, 10**6)),
        needs_domestic_chip=strict.needs_domestic_chip and data.draw(st.booleans()),
        budget_fen=strict.budget_fen + data.draw(st.integers(0, 10**9)),
    )

    before = {row.limit for row in exclusions(strict, candidate)}
    after = {row.limit for row in exclusions(loose, candidate)}

    assert after <= before


@given(strategies.terms, st.lists(strategies.candidates, max_size=8, unique_by=lambda c: c.bundle))
def test_doing_all_that_the_nearest_bundle_needs_admits_it(
    terms: Terms, candidates: list[Candidate]
) -> None:
    told = {each.bundle: exclusions(terms, each) for each in candidates}
    found = nearest({bundle: rows for bundle, rows in told.items() if rows}, volume=100)
    if found is None:
        return

    bundle, steps = found
    to = {row.limit: row.to for row in steps}
    relaxed = replace(
        terms,
        region="" if Limit.REGION in to else terms.region,
        latency_us=to.get(Limit.LATENCY, terms.latency_us) or None,
        needs_domestic_chip=terms.needs_domestic_chip and Limit.DOMESTIC_CHIP not in to,
        budget_fen=to.get(Limit.BUDGET, terms.budget_fen),
    )
    (candidate,) = [each for each in candidates if each.bundle == bundle]

    left = {row.limit for row in exclusions(relaxed, candidate)}
    assert left <= {Limit.CAPACITY}
    assert (Limit.CAPACITY in left) == (Limit.CAPACITY in to)


def test_nearest_is_none_when_only_others_can_help() -> None:
    assert nearest({"A": [Exclusion(Limit.LICENSE)], "B": [Exclusion(Limit.SECTION)]}, 1) is None


@given(st.integers(1, 10**6), st.integers(0, 10**6), st.integers(1, 10**4))
def test_the_advised_volume_fits_into_what_is_left(volume: int, left: int, per: int) -> None:
    wanted = volume * per
    if left >= wanted:
        left = wanted - 1
    row = Exclusion(Limit.CAPACITY, wanted, left, wanted - left, "OF-1", "calls", "2026-10-01")

    found = nearest({"BN-A": [row]}, volume)

    assert found is not None
    advised = found[1][0].to
    assert advised * per <= left < wanted
    assert (advised + 1) * per > left
