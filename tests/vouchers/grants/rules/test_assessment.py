"""What would I get: every rule with what it saw, then the amount and what limited it."""

from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import plans
from vouchers.grants.rules import refusals
from vouchers.grants.rules.amounts import rounded
from vouchers.grants.rules.answers import Assessment
from vouchers.grants.rules.assessment import assess

PLANS = [plans.QINGYANG, plans.BEIJING, plans.STORAGE, plans.NETWORK]


def answer(plan: dict[str, Any] = plans.QINGYANG, **values: Any) -> Assessment:
    return assess(plans.rules(plan), plans.facts(**values))


def test_qingyang_gives_thirty_percent() -> None:
    found = answer()

    assert found.verdict == "yes"
    assert found.amount_fen == 3_000_000
    assert (found.base_fen, found.rate, found.share) == (
        10_000_000,
        Fraction(3, 10),
        Fraction(3, 10),
    )
    assert found.binding_cap == ""
    assert [check.rule for check in found.checks] == [
        "window", "kind", "minimum", "firm_year", "budget",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("spend_fen", "amount_fen", "codes"),
    [
        (1_666_664, 0, ("below_minimum",)),
        (1_666_666, 500_000, ()),
        (1_666_667, 500_000, ()),
        (0, 0, ("below_minimum",)),
    ],
)
def test_qingyang_needs_at_least_five_thousand_yuan(
    spend_fen: int, amount_fen: int, codes: tuple[str, ...]
) -> None:
    found = answer(planned_spend=spend_fen)

    assert (found.amount_fen, found.refusals) == (amount_fen, codes)


def test_yearly_cap_limits_and_is_named() -> None:
    found = answer(planned_spend=10**9, used={"firm_year": 50_000_000})

    assert found.amount_fen == 150_000_000
    assert found.binding_cap == "firm_year"
    assert [(cap.name, cap.left_fen) for cap in found.caps] == [
        ("firm_year", 150_000_000),
        ("budget", 10_000_000_000),
    ]


@pytest.mark.parametrize("left_fen", [0, 499_999])
def test_cap_with_less_left_than_the_minimum_refuses(left_fen: int) -> None:
    found = answer(used={"firm_year": 200_000_000 - left_fen})

    assert (found.amount_fen, found.refusals) == (0, ("firm_year_cap_reached",))


def test_budget_with_less_left_limits() -> None:
    found = answer(budget_left_fen=1_000_000)

    assert (found.amount_fen, found.binding_cap) == (1_000_000, "budget")


def test_empty_budget_refuses() -> None:
    assert answer(budget_left_fen=0).refusals == ("budget_exhausted",)


def test_beijing_is_for_small_and_medium_firms() -> None:
    assert answer(plans.BEIJING, size="large").refusals == ("size_not_eligible",)
    assert answer(plans.BEIJING, size="micro").amount_fen == 3_000_000
    assert answer(plans.BEIJING, planned_spend=10**9).amount_fen == 20_000_000


@pytest.mark.parametrize("size", [None, "not_covered"])
def test_unknown_size_needs_a_person(size: str | None) -> None:
    found = answer(plans.BEIJING, size=size)

    assert found.verdict == "perhaps"
    assert found.amount_fen == 3_000_000
    assert [check.outcome for check in found.checks if check.rule == "size"] == ["person"]


def test_storage_voucher_is_cut_to_whole_yuan_and_capped() -> None:
    asked = {"kind": "storage", "kinds": ("storage",)}

    assert answer(plans.STORAGE, **asked, planned_spend=123_456).amount_fen == 24_600
    assert answer(plans.STORAGE, **asked, planned_spend=10**9).binding_cap == "voucher"


def test_network_voucher_is_for_named_sections_and_places() -> None:
    asked = {"kind": "network", "kinds": ("network",)}

    assert answer(plans.NETWORK, **asked).amount_fen == 5_000_000
    assert answer(plans.NETWORK, **asked, section="A").refusals == ("section_not_eligible",)
    assert answer(plans.NETWORK, **asked, region="110101").refusals == ("region_not_eligible",)


def test_wrong_kind_and_day_are_refused() -> None:
    assert answer(kind="network").refusals == ("kind_not_offered",)
    assert answer(day=date(2027, 1, 1)).refusals == ("outside_window",)
    assert answer(day=date(2026, 12, 31)).verdict == "yes"


def test_every_check_says_what_it_saw_in_both_languages() -> None:
    for check in answer(plans.BEIJING).checks:
        assert check.saw.zh
        assert check.saw.en
        assert check.words.zh != check.words.en
    size = next(check for check in answer(plans.BEIJING).checks if check.rule == "size")
    assert (size.article, size.source) == ("补贴标准", "2026年北京市中小企业服务券")
    assert (size.saw.zh, size.words.zh) == ("小型", "企业规模属于：中型、小型、微型")


def test_refusal_codes_are_a_closed_list_in_both_languages() -> None:
    assert not refusals.AUTOMATIC.keys() & refusals.BY_PERSON.keys()
    for words in refusals.REFUSALS.values():
        assert words.zh
        assert words.en


@pytest.mark.parametrize(
    ("exact", "rounding", "fen"),
    [
        (Fraction(1, 2), "half_up_fen", 1),
        (Fraction(299, 2), "half_up_fen", 150),
        (Fraction(299, 2), "floor_fen", 149),
        (Fraction(299, 2), "floor_yuan", 100),
        (Fraction(99), "floor_yuan", 0),
    ],
)
def test_rounding_is_the_schemes(exact: Fraction, rounding: str, fen: int) -> None:
    assert rounded(exact, rounding) == fen


amounts = st.integers(0, 10**12)
lefts = st.fixed_dictionaries({}, optional={"firm_year": amounts, "voucher": amounts})
plan_data = st.sampled_from(PLANS)
kinds = st.sampled_from(["compute", "storage", "network"])


@given(plan_data, kinds, amounts, lefts, amounts)
def test_amount_is_never_above_any_cap(
    plan: dict[str, Any], kind: str, spend_fen: int, used: dict[str, int], budget_left: int
) -> None:
    found = answer(
        plan,
        kind=kind,
        kinds=(kind,),
        planned_spend=spend_fen,
        used=used,
        budget_left_fen=budget_left,
    )

    assert 0 <= found.amount_fen <= spend_fen
    assert all(
        found.amount_fen <= cap.left_fen <= cap.limit_fen or cap.name == "budget"
        for cap in found.caps
    )
    assert found.amount_fen <= budget_left
    assert (found.amount_fen > 0) is (found.verdict != "no")
    assert found.amount_fen == 0 or found.amount_fen >= found.minimum_fen
    assert bool(found.refusals) is (found.verdict == "no")


@given(plan_data, kinds, amounts, amounts, lefts, amounts)
def test_amount_grows_with_the_base(
    plan: dict[str, Any], kind: str, one: int, other: int, used: dict[str, int], budget_left: int
) -> None:
    asked = {
        "kind": kind,
        "kinds": (kind,),
        "used": used,
        "budget_left_fen": budget_left,
    }
    low, high = sorted((one, other))

    assert (
        answer(plan, **asked, planned_spend=low).amount_fen
        <= answer(plan, **asked, planned_spend=high).amount_fen
    )
