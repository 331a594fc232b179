"""A round answers in the order of the server's time and moves nothing."""

import random
from datetime import timedelta

import pytest

from common.errors import Forbidden
from tests.factories import accounts, grants, plans
from tests.factories.accounts import NOW
from tests.vouchers.grants.web import api, page, yuan
from vouchers.grants.actions import rounds
from vouchers.grants.models import Application, Voucher

pytestmark = pytest.mark.django_db


def test_who_came_first_gets_the_rest_of_the_budget() -> None:
    scheme = grants.scheme(rules=plans.BEIJING, budget_fen=750_000)
    late = grants.application(plan=scheme, submitted_at=NOW + timedelta(seconds=2))
    first = grants.application(plan=scheme, submitted_at=NOW)
    second = grants.application(plan=scheme, submitted_at=NOW + timedelta(seconds=1))
    third = grants.application(plan=scheme, submitted_at=NOW + timedelta(seconds=1))

    by = accounts.officer(scheme.bureau, "reviewer")
    found = rounds.assess_round(by=by, scheme=scheme, at=NOW)

    amounts = [
        Application.objects.get(pk=each.pk).assessment["amount_fen"]
        for each in (first, second, third, late)
    ]
    assert amounts == [300_000, 300_000, 150_000, 0]
    assert (found.answered, found.no) == (4, 1)
    assert not Voucher.objects.exists()
    assert {each.status for each in Application.objects.all()} == {"submitted"}


def test_another_bureau_does_not_assess() -> None:
    scheme = grants.scheme(rules=plans.BEIJING)

    with pytest.raises(Forbidden):
        rounds.assess_round(by=accounts.officer(None, "reviewer"), scheme=scheme, at=NOW)


def test_preview_says_who_gets_what_and_writes_nothing() -> None:
    scheme = grants.scheme(rules=plans.BEIJING, budget_fen=750_000)
    asked = [
        grants.application(plan=scheme, submitted_at=NOW + timedelta(seconds=n)) for n in range(3)
    ]

    by = accounts.officer(scheme.bureau, "reviewer")
    found = rounds.preview(by=by, scheme=scheme)

    assert [line.application.pk for line in found.lines] == [each.pk for each in asked]
    assert [line.answer.amount_fen for line in found.lines] == [300_000, 300_000, 150_000]
    assert [line.own and line.own.left_fen for line in found.lines] == [
        19_700_000, 19_700_000, 19_850_000,
    ]  # fmt: skip
    assert (found.total_fen, found.rest_fen) == (750_000, 0)
    assert {each.assessment["amount_fen"] if each.assessment else None for each in stored()} == {
        None
    }


def test_caps_that_applicants_share_are_shown_as_they_would_stand() -> None:
    pool = {"id": "pool", "limit": "5000", "per": ["year"], "refuse": "cap_reached"}
    pool |= {"source": "notice", "article": "第八条"}
    rules = {**plans.BEIJING, "caps": [*plans.BEIJING["caps"], pool]}
    pool["source"] = next(iter(rules["documents"]))
    scheme = grants.scheme(rules=rules)
    for n in range(2):
        grants.application(plan=scheme, submitted_at=NOW + timedelta(seconds=n))

    by = accounts.officer(scheme.bureau, "reviewer")
    found = rounds.preview(by=by, scheme=scheme)

    [cap] = found.shared
    assert [line.answer.amount_fen for line in found.lines] == [300_000, 200_000]
    assert (cap.name, cap.limit_fen, cap.used_fen, cap.left_fen) == ("pool", 500_000, 500_000, 0)
    assert found.lines[1].binding is not None
    assert found.lines[1].binding.name == "pool"


def test_what_was_not_looked_at_is_not_stored() -> None:
    scheme = grants.scheme(rules=plans.BEIJING)
    grants.application(plan=scheme)
    by = accounts.officer(scheme.bureau, "reviewer")
    seen = rounds.preview(by=by, scheme=scheme).seen
    grants.application(plan=scheme)

    with pytest.raises(rounds.RoundChanged):
        rounds.assess_round(by=by, scheme=scheme, at=NOW, seen=seen)

    assert {bool(each.assessment) for each in stored()} == {False}


def test_officer_looks_at_a_round_and_has_it_stored_by_a_second_click() -> None:
    scheme = grants.scheme(rules=plans.BEIJING)
    asked = grants.application(plan=scheme)
    browser = page(accounts.officer(scheme.bureau, "reviewer"))
    url = f"/schemes/{scheme.code}/round/"

    looked = browser.get(url)
    changed = browser.post(url, {"seen": "0" * 32})
    done = browser.post(url, {"seen": looked.context["preview"].seen})
    again = browser.post(url, {"seen": looked.context["preview"].seen})

    assert asked.code in looked.content.decode()
    assert "¥3,000.00" in looked.content.decode()
    assert (changed.status_code, done.status_code, again.status_code) == (422, 302, 302)
    assert stored()[0].assessment["amount_fen"] == 300_000


def test_round_is_for_reviewers_of_the_own_bureau() -> None:
    scheme = grants.scheme(rules=plans.BEIJING)
    url = f"/schemes/{scheme.code}/round/"

    strange = page(accounts.officer(None, "reviewer")).get(url)
    applicant = page(accounts.signatory()).get(url)

    assert (strange.status_code, applicant.status_code) == (404, 403)


def test_api_looks_at_a_round_and_confirms_it() -> None:
    scheme = grants.scheme(rules=plans.BEIJING)
    asked = grants.application(plan=scheme)
    client = api(accounts.officer(scheme.bureau, "reviewer"))
    url = f"/api/v1/schemes/{scheme.code}/round/"

    looked = client.get(url).data
    stale = client.post(url, {"seen": "x"}, format="json")
    done = client.post(url, {"seen": looked["seen"]}, format="json")

    assert looked["lines"][0]["application"] == asked.code
    assert looked["lines"][0]["amount"] == yuan("3000.00")
    assert looked["lines"][0]["own_cap"]["left"] == 19_700_000
    assert (stale.status_code, stale.data["code"]) == (409, "round_changed")
    assert dict(done.data) == {"answered": 1, "yes": 1, "no": 0, "perhaps": 0}


def stored() -> list[Application]:
    return list(Application.objects.order_by("pk"))


@pytest.mark.parametrize("seed", range(3))
def test_order_of_the_servers_time_decides_whatever_the_order_of_arrival_in_the_table(
    seed: int,
) -> None:
    chance = random.Random(seed)
    budget = 2_000_000
    scheme = grants.scheme(rules=plans.BEIJING, budget_fen=budget)
    moments = [NOW + timedelta(microseconds=n) for n in range(6)]
    chance.shuffle(moments)
    asked = [
        grants.application(
            plan=scheme, submitted_at=moment, planned_spend_fen=chance.randrange(10**6, 4 * 10**6)
        )
        for moment in moments
    ]

    by = accounts.officer(scheme.bureau, "reviewer")
    rounds.assess_round(by=by, scheme=scheme, at=NOW)

    expected, left = {}, budget
    for each in sorted(asked, key=lambda one: one.submitted_at or NOW):
        expected[each.pk] = min((each.planned_spend_fen * 3 + 5) // 10, left)
        left -= expected[each.pk]
    assert {each.pk: each.assessment["amount_fen"] for each in stored()} == expected
    assert sum(expected.values()) <= budget
