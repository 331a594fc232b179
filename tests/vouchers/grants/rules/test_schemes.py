"""Rules as data: what is read, and what is refused with which code."""

import copy
from fractions import Fraction
from typing import Any

import pytest

from providers.models import Layer, Meter
from tests.factories import plans
from vouchers.grants.models import VoucherKind
from vouchers.grants.rules import coverage, declared, schemes
from vouchers.grants.rules.assessment import assess


def value_of(sourced: Any) -> Any:
    """What an expression says that asks nothing."""
    assert sourced is not None
    return sourced.value.run({})


def test_qingyang_is_expressible() -> None:
    rules = plans.rules(plans.QINGYANG)

    assert value_of(rules.rate) == Fraction(3, 10)
    assert value_of(rules.minimum) == 500_000
    cap = rules.cap("firm_year")
    assert cap is not None
    assert (cap.limit.run({}), cap.per) == (200_000_000, ("applicant", "year"))
    assert rules.validity_months is not None
    assert rules.validity_months.value == 12
    assert rules.settlement_period is not None
    assert rules.settlement_period.value == "quarterly"
    assert rules.transferable is not None
    assert rules.transferable.value is False
    assert rules.rate is not None
    assert rules.rate.source == "庆阳市“东数西算”算力券实施细则"
    assert cap.origin.article == "额度上限"


def test_beijing_is_expressible() -> None:
    rules = plans.rules(plans.BEIJING)

    assert rules.minimum is None
    [size] = rules.rules
    assert size.must.run({"size": "micro"}) is True
    assert size.must.run({"size": "large"}) is False
    assert size.must.run({}) is None
    assert rules.redeemed_by is not None
    assert rules.redeemed_by.value == "provider"
    assert rules.coverage.meters is not None
    assert "card_seconds" not in rules.coverage.meters.value


def test_share_is_the_rate_unless_the_scheme_says_otherwise() -> None:
    data = copy.deepcopy(plans.QINGYANG)
    data["share"] = {"value": "50%", "source": "main", "article": "y"}
    told, untold = plans.rules(data), plans.rules(plans.STORAGE)

    assert assess(told, plans.facts()).share == Fraction(1, 2)
    assert assess(told, plans.facts()).rate == Fraction(3, 10)
    assert assess(untold, plans.facts()).share == Fraction(1, 5)


def test_rate_may_differ_by_kind() -> None:
    data = copy.deepcopy(plans.QINGYANG)
    data["rate"]["value"] = {"by": "kind", "of": {"storage": "20%"}, "otherwise": "30%"}
    rules = plans.rules(data)

    assert assess(rules, plans.facts(kind="storage")).rate == Fraction(1, 5)
    assert assess(rules, plans.facts(kind="compute")).rate == Fraction(3, 10)


def faults(path: str, value: Any) -> set[tuple[str, str]]:
    data = copy.deepcopy(plans.QINGYANG)
    place: Any = data
    *parents, last = path.split("/")
    for name in parents:
        place = place[int(name)] if isinstance(place, list) else place.setdefault(name, {})
    where: Any = int(last) if isinstance(place, list) else last
    if value is KeyError:
        del place[where]
    else:
        place[where] = value
    with pytest.raises(schemes.RulesInvalid) as refused:
        schemes.from_json(data)
    return {(fault.path, fault.code) for fault in refused.value.faults}


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("rate/value", "130%", "above_whole"),
        ("rate/value", "4/3", "above_whole"),
        ("rate/value", "-30%", "not_a_share"),
        ("rate/value", "NaN", "not_a_share"),
        ("rate/value", "1e-1", "not_a_share"),
        ("rate/value", "1/0", "not_a_share"),
        ("rate/value", "30 %", "not_a_share"),
        ("rate/value", 0.3, "not_a_share"),
        ("rate/value", float("nan"), "not_a_share"),
        ("rate/value", {"percent": 30}, "unknown_expression"),
        ("rate/value", {"fact": "planned_spend"}, "wrong_type"),
        ("rate/value", {"unknown_fact": 1}, "unknown_expression"),
        ("rate/source", "elsewhere", "unknown_document"),
        ("rate/source", KeyError, "missing"),
        ("rate/article", KeyError, "missing"),
        ("rate", KeyError, "one_way"),
        ("rate", "30%", "not_an_object"),
        ("minimum/value", "-5000", "not_an_amount"),
        ("minimum/value", "NaN", "not_an_amount"),
        ("minimum/value", "1e400", "not_an_amount"),
        ("minimum/value", "5000.001", "not_an_amount"),
        ("minimum/value", 5000.5, "not_an_amount"),
        ("caps/0/limit", "4999.99", "below_minimum"),
        ("caps/0/per/0", "wish", "unknown_key"),
        ("caps/0/counts", "wished", "unknown_choice"),
        ("caps/0/refuse", "no_mood", "unknown_refusal"),
        ("validity_months/value", 0, "out_of_range"),
        ("validity_months/value", 12.0, "not_a_whole_number"),
        ("validity_months/value", True, "not_a_whole_number"),
        ("notice_days/value", -1, "out_of_range"),
        ("rounding/value", "nearest", "unknown_choice"),
        ("rounding", KeyError, "missing"),
        ("mode/value", "wish", "unknown_choice"),
        ("transferable/value", True, "transferable"),
        ("base", KeyError, "missing"),
        ("base/value", {"fact": "size"}, "wrong_type"),
        ("documents", KeyError, "no_documents"),
        ("documents/main/version", KeyError, "missing"),
        ("format", 1, "unknown_format"),
        ("surprise", {}, "unknown_rule"),
        ("rate/remark", "x", "unknown_rule"),
    ],
)
def test_nonsense_is_named_by_path_and_code(path: str, value: Any, code: str) -> None:
    assert (path, code) in faults(path, value)


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("covers/layers", ["cloud"], "unknown_choice"),
        ("covers/layers", [], "not_a_list_of_texts"),
        ("covers/meters", ["wishes"], "unknown_choice"),
        ("covers/regions", ["62100"], "not_a_region"),
        ("covers/domestic_chip", "yes", "not_a_flag"),
        ("ceiling", "200%", "above_whole"),
    ],
)
def test_nonsense_in_optional_rules_is_named(path: str, value: Any, code: str) -> None:
    found = faults(path, {"value": value, "source": "main", "article": "y"})

    assert (f"{path}/value", code) in found


@pytest.mark.parametrize(
    ("must", "path", "code"),
    [
        ({"fact": "size", "in": ["tiny"]}, "in/0", "unknown_choice"),
        ({"fact": "size", "in": []}, "in", "not_a_list"),
        ({"fact": "section", "in": ["Z"]}, "in/0", "unknown_choice"),
        ({"fact": "region", "within": ["62100"]}, "within/0", "not_a_region"),
        ({"fact": "region", "at_least": "621000"}, "at_least", "not_ordered"),
        ({"fact": "employees", "at_least": "many"}, "at_least", "not_a_whole_number"),
        ({"fact": "employees"}, "", "no_comparison"),
        ({"fact": "employees", "atleast": 3}, "atleast", "unknown_rule"),
        ({"employees": 3}, "", "not_a_condition"),
        ({"fact": "awards", "is": "champion"}, "is", "wrong_type"),
        ({"any": []}, "any", "not_a_list"),
    ],
)
def test_conditions_that_say_nothing_are_named(must: Any, path: str, code: str) -> None:
    rule = {"id": "x", "must": must, "source": "main", "article": "y"}
    at = f"rules/0/must/{path}".rstrip("/")

    assert (at, code) in faults("rules", [rule])


def test_unknown_names_come_with_a_hint() -> None:
    data = {**plans.QINGYANG, "roundng": {}}

    with pytest.raises(schemes.RulesInvalid) as refused:
        schemes.from_json(data)

    assert [(fault.path, fault.hint) for fault in refused.value.faults] == [("roundng", "rounding")]


def test_every_fault_is_named_at_once() -> None:
    with pytest.raises(schemes.RulesInvalid) as refused:
        schemes.from_json({"format": 2, "rate": {"value": "200%"}})

    paths = {fault.path for fault in refused.value.faults}
    assert {"rate/value", "rate/source", "base", "rounding", "mode", "documents"} <= paths


@pytest.mark.parametrize("data", [None, [], "rules", 7])
def test_what_is_no_object_is_refused(data: Any) -> None:
    with pytest.raises(schemes.RulesInvalid):
        schemes.from_json(data)


def test_names_equal_those_of_the_models() -> None:
    assert set(Meter.values) == coverage.METERS
    assert set(VoucherKind.values) == set(declared.VOUCHER_KINDS)
    assert set(Layer.values) == frozenset().union(*coverage.LAYERS_OF_KIND.values())
