"""Stating needs."""

from typing import Any

import pytest

from accounts.models import Event, Role
from common.errors import Forbidden
from common.money import MAX_FEN
from marketplace.matching.actions import matches, needs
from marketplace.models import Match, Need
from tests.factories import accounts, marketplace
from tests.factories.accounts import NOW

pytestmark = pytest.mark.django_db


def values(**changes: Any) -> dict[str, Any]:
    return {
        "scenario": changes.pop("scenario", None) or marketplace.scenario(),
        "monthly_volume": 10_000,
        "monthly_budget_fen": 100_000,
        "region": "",
        "latency_us": None,
        "needs_domestic_chip": False,
        "at": NOW,
        **changes,
    }


def test_state_matches_at_once() -> None:
    by = accounts.preparer()
    scene = marketplace.scenario()
    offered = marketplace.bundle(scenes=[scene])

    need = needs.state(by=by, **values(scenario=scene))

    match = Match.objects.get(need=need)
    assert (match.bundle, match.rank) == (offered, 1)
    assert (need.enterprise, need.created_by) == (by.organization, by.user)
    assert Event.objects.filter(subject_code=need.code, verb="need.stated").count() == 1


def test_state_twice_answers_with_the_same_need() -> None:
    by, wanted = accounts.preparer(), values()

    first, second = needs.state(by=by, **wanted), needs.state(by=by, **wanted)

    assert (first, Need.objects.count()) == (second, 1)


def test_state_with_other_values_is_another_need() -> None:
    by, wanted = accounts.preparer(), values()

    first = needs.state(by=by, **wanted)
    second = needs.state(by=by, **{**wanted, "monthly_volume": 10_001})

    assert first != second


@pytest.mark.parametrize(
    ("name", "value", "field"),
    [
        ("monthly_volume", 0, "monthly_volume"),
        ("monthly_volume", -5, "monthly_volume"),
        ("monthly_volume", 10**9 + 1, "monthly_volume"),
        ("monthly_volume", float("nan"), "monthly_volume"),
        ("monthly_volume", True, "monthly_volume"),
        ("monthly_budget_fen", 0, "monthly_budget"),
        ("monthly_budget_fen", -1, "monthly_budget"),
        ("monthly_budget_fen", MAX_FEN + 1, "monthly_budget"),
        ("region", "999999", "region"),
        ("region", "62100", "region"),
        ("latency_us", 0, "latency"),
        ("latency_us", -1, "latency"),
    ],
)
def test_state_refuses_values_nobody_can_mean(name: str, value: object, field: str) -> None:
    by = accounts.preparer()

    with pytest.raises(needs.InvalidNeed) as refused:
        needs.state(by=by, **values(**{name: value}))

    assert list(refused.value.errors) == [field]
    assert not Need.objects.exists()


def test_state_refuses_a_volume_beyond_all_units() -> None:
    by = accounts.preparer()
    scene = marketplace.scenario(coefficients={"input_tokens": 10**12})
    marketplace.bundle(scenes=[scene])

    with pytest.raises(matches.VolumeTooLarge):
        needs.state(by=by, **values(scenario=scene, monthly_volume=10**9))

    assert not Need.objects.exists()


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.REVIEWER, Role.VIEWER])
def test_state_needs_the_permission(role: str) -> None:
    firm = accounts.organization()

    with pytest.raises(Forbidden):
        needs.state(by=accounts.member(firm, role), **values())


def test_compute_answers_owner_and_colleague_but_no_stranger() -> None:
    firm = accounts.organization()
    need = needs.state(by=accounts.preparer(firm), **values())

    assert matches.compute(by=accounts.signatory(firm), need=need, at=NOW) == []
    with pytest.raises(Forbidden):
        matches.compute(by=accounts.signatory(), need=need, at=NOW)
