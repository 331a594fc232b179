"""Rules as data: what is read, and what is refused with which code."""

import copy
from fractions import Fraction
from typing import Any

import pytest

from providers.models import Layer, Meter
from tests.factories import plans
from vouchers.grants.models import VoucherKind
from vouchers.grants.rules import schemes


def test_qingyang_is_expressible() -> None:
    rules = plans.rules(plans.QINGYANG)

    assert rules.rate.value == Fraction(3, 10)
    assert rules.minimum is not None
    assert rules.minimum.value == 500_000
    assert rules.firm_year_cap is not None
    assert rules.firm_year_cap.value == 200_000_000
    assert rules.validity_months.value == 12
    assert rules.settlement_period.value == "quarterly"
    assert rules.transferable.value is False
    assert rules.rate.source == "庆阳市“东数西算”算力券实施细则"
    assert rules.firm_year_cap.article == "额度上限"


def test_beijing_is_expressible() -> None:
    rules = plans.rules(plans.BEIJING)

    assert rules.minimum is None
    assert rules.sizes is not None
    assert rules.sizes.value == {"medium", "small", "micro"}
    assert rules.redeemed_by.value == "provider"
    assert rules.coverage.meters is not None
    assert "card_seconds" not in rules.coverage.meters.value


def test_share_is_the_rate_unless_the_scheme_says_otherwise() -> None:
    data = copy.deepcopy(plans.QINGYANG)
    data["share"] = {"value": "50%", "source": "x", "article": "y"}
    data["rate_by_kind"] = {"storage": {"value": "20%", "source": "x", "article": "y"}}

    told, untold = plans.rules(data), plans.rules(plans.STORAGE)

    assert told.share_for("compute").value == Fraction(1, 2)
    assert told.rate_for("storage").value == Fraction(1, 5)
    assert told.rate_for("compute").value == Fraction(3, 10)
    assert untold.share_for("storage").value == Fraction(1, 5)


def faults(path: str, value: Any) -> set[tuple[str, str]]:
    data = copy.deepcopy(plans.QINGYANG)
    place = data
    *parents, last = path.split(".")
    for name in parents:
        place = place.setdefault(name, {})
    if value is KeyError:
        del place[last]
    else:
        place[last] = value
    with pytest.raises(schemes.RulesInvalid) as refused:
        schemes.from_json(data)
    return {(fault.path, fault.code) for fault in refused.value.faults}


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("rate.value", "130%", "above_whole"),
        ("rate.value", "4/3", "above_whole"),
        ("rate.value", "0%", "not_positive"),
        ("rate.value", "-30%", "not_a_share"),
        ("rate.value", "NaN", "not_a_share"),
        ("rate.value", "1e-1", "not_a_share"),
        ("rate.value", "1/0", "not_a_share"),
        ("rate.value", "30 %", "not_a_share"),
        ("rate.value", 0.3, "not_a_text"),
        ("rate.value", float("nan"), "not_a_text"),
        ("rate.source", "", "missing"),
        ("rate.article", KeyError, "missing"),
        ("rate", KeyError, "missing"),
        ("rate", "30%", "not_an_object"),
        ("minimum_yuan.value", "-5000", "not_an_amount"),
        ("minimum_yuan.value", "NaN", "not_an_amount"),
        ("minimum_yuan.value", "1e400", "not_an_amount"),
        ("minimum_yuan.value", "5000.001", "not_an_amount"),
        ("minimum_yuan.value", 5000, "not_a_text"),
        ("minimum_yuan.value", "0", "not_positive"),
        ("firm_year_cap_yuan.value", "4999.99", "below_minimum"),
        ("validity_months.value", 0, "out_of_range"),
        ("validity_months.value", 12.0, "not_a_whole_number"),
        ("validity_months.value", True, "not_a_whole_number"),
        ("notice_days.value", -1, "out_of_range"),
        ("rounding.value", "nearest", "unknown_choice"),
        ("transferable.value", True, "transferable"),
        ("base.value", "wish", "unknown_choice"),
        ("format", 2, "unknown_format"),
        ("surprise", {}, "unknown_rule"),
        ("rate.note", "x", "unknown_rule"),
    ],
)  # fmt: skip
def test_nonsense_is_named_by_path_and_code(path: str, value: Any, code: str) -> None:
    assert (path, code) in faults(path, value)


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("sizes", ["tiny"], "unknown_choice"),
        ("sizes", [], "not_a_list_of_texts"),
        ("sections", ["Z"], "unknown_choice"),
        ("applicant_regions", ["62100"], "not_a_region"),
        ("coverage.layers", ["cloud"], "unknown_choice"),
        ("coverage.meters", ["wishes"], "unknown_choice"),
        ("coverage.domestic_chip", "yes", "not_a_flag"),
        ("rate_by_kind.compute", "200%", "above_whole"),
    ],
)
def test_nonsense_in_optional_rules_is_named(path: str, value: Any, code: str) -> None:
    found = faults(path, {"value": value, "source": "x", "article": "y"})

    assert (f"{path}.value", code) in found


def test_every_fault_is_named_at_once() -> None:
    with pytest.raises(schemes.RulesInvalid) as refused:
        schemes.from_json({"format": 1, "rate": {"value": "200%"}})

    paths = {fault.path for fault in refused.value.faults}
    assert {"rate.value", "rate.source", "base", "rounding", "validity_months"} <= paths


@pytest.mark.parametrize("data", [None, [], "rules", 7])
def test_what_is_no_object_is_refused(data: Any) -> None:
    with pytest.raises(schemes.RulesInvalid):
        schemes.from_json(data)


def test_names_equal_those_of_the_models() -> None:
    assert set(Meter.values) == schemes.METERS
    assert set(VoucherKind.values) == schemes.KINDS
    assert set(Layer.values) == frozenset().union(*schemes.LAYERS_OF_KIND.values())
