"""What holds for every scheme whatever the facts: caps, growth, order, rounding."""

import copy
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vouchers.grants.rules.test_cases import CASES, PATHS, rules_of
from vouchers.grants.rules import cases, files, quantities
from vouchers.grants.rules.amounts import cut, rounded
from vouchers.grants.rules.answers import Assessment
from vouchers.grants.rules.assessment import assess
from vouchers.grants.rules.schemes import SchemeRules, from_json

AMOUNTS = {
    name: [fact.name for fact in rules_of(name).facts if fact.type == "money"] for name in PATHS
}
GROWING = [
    case
    for case in CASES
    if case["expect"]["verdict"] == "yes"
    and case["scheme"]
    in {"qingyang-2024", "bj-2026-sme-token", "zj-ai-voucher", "sh-2025", "slabs", "umbrella-a"}
]
BASE = {
    "qingyang-2024": "contract_amount", "bj-2026-sme-token": "order_amount", "zj-ai-voucher": "executed_amount",
    "sh-2025": "contract_amount", "slabs": "annual_spend", "umbrella-a": "contract_amount",
}  # fmt: skip
yuan = st.integers(0, 10**11).map(lambda fen: f"{fen // 100}.{fen % 100:02d}")


def answer(rules: SchemeRules, case: dict[str, Any], **facts: Any) -> Assessment:
    asked = {name: case[name] for name in ("used", "stage", "budget_left") if name in case}
    return assess(rules, cases.read(rules, {**asked, "facts": {**case["facts"], **facts}}))


@settings(max_examples=300)
@given(st.data())
def test_amount_is_never_above_any_cap_and_always_a_step_of_the_rounding(
    data: st.DataObject,
) -> None:
    case = data.draw(st.sampled_from(CASES))
    rules = rules_of(case["scheme"])
    typed = {name: data.draw(yuan) for name in AMOUNTS[case["scheme"]]}
    typed["rd_spend"] = "0"
    used = {cap.id: data.draw(yuan) for cap in rules.caps if not cap.is_count}

    found = answer(rules, {**case, "used": used}, **typed)

    for cap in found.caps:
        if cap.is_applied and not cap.is_count:
            assert found.amount_fen <= cap.left_fen <= cap.limit_fen
    assert 0 <= found.amount_fen <= max(found.wanted_fen, 0)
    assert found.amount_fen == cut(found.amount_fen, found.rounding)
    assert (found.amount_fen == 0) or not found.refusals
    assert not found.amount_fen or found.amount_fen >= found.minimum_fen or found.verdict != "yes"
    if found.funding:
        assert sum(line.amount_fen for line in found.funding) == found.amount_fen
        assert all(line.amount_fen >= 0 for line in found.funding)


@given(st.sampled_from([case for case in CASES if case.get("stage") != "redeemed"]), yuan)
def test_amount_is_never_above_what_is_left_of_the_budget(case: dict[str, Any], left: str) -> None:
    """A grant: what is redeemed later draws on what was set aside for it then."""
    rules = rules_of(case["scheme"])

    found = answer(rules, {**case, "budget_left": left})

    assert found.amount_fen <= max(quantities.fen(left), 0)


@given(st.sampled_from(GROWING), yuan, yuan)
def test_amount_grows_with_the_base(case: dict[str, Any], one: str, other: str) -> None:
    rules, name = rules_of(case["scheme"]), BASE[case["scheme"]]
    low, high = sorted((one, other), key=float)

    assert (
        answer(rules, case, **{name: low}).amount_fen
        <= answer(rules, case, **{name: high}).amount_fen
    )


@given(st.sampled_from(CASES), st.randoms(use_true_random=False))
def test_order_in_which_rules_and_caps_are_written_changes_nothing(
    case: dict[str, Any], random: Any
) -> None:
    data = copy.deepcopy(files.parse(PATHS[case["scheme"]].read_text(encoding="utf-8")).data)
    for name in ("rules", "caps"):
        random.shuffle(data.get(name, []))

    found, as_written = answer(from_json(data), case), answer(rules_of(case["scheme"]), case)

    assert found.amount_fen == as_written.amount_fen
    assert found.verdict == as_written.verdict
    assert set(found.refusals) == set(as_written.refusals)


@given(st.fractions(0, 10**9))
def test_roundings_stay_within_their_step(exact: Any) -> None:
    assert 0 <= exact - rounded(exact, "floor_fen") < 1
    assert 0 <= exact - rounded(exact, "floor_yuan") < 100
    assert rounded(exact, "floor_yuan") % 100 == 0
    assert abs(exact - rounded(exact, "half_up_fen")) * 2 <= 1
    assert abs(exact - rounded(exact, "half_up_yuan")) * 2 <= 100
