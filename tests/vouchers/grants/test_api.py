"""API: the same steps with problem documents, strict amounts and idempotency keys."""

from typing import Any

import pytest
import time_machine

from tests.factories import accounts, grants, plans
from tests.factories.accounts import NOW
from vouchers.grants.actions import verification
from vouchers.grants.models import Application, Review, Scheme, Voucher
from vouchers.ledger.models import Transfer

from . import people
from .web import api, yuan

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def monday() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def scheme_body(**values: Any) -> dict[str, Any]:
    return {
        "slug": "qingyang-2024",
        "name": "庆阳市“东数西算”算力券",
        "name_en": "Qingyang compute voucher",
        "voucher_kinds": ["compute"],
        "region": "621000",
        "rules": plans.QINGYANG,
        "budget": yuan("100000000.00"),
        "opens_on": "2026-01-01",
        "closes_on": "2026-12-31",
        "source": "实施细则",
        **values,
    }


def application_body(scheme: Scheme, **values: Any) -> dict[str, Any]:
    return {
        "scheme": scheme.code,
        "kind": "compute",
        "planned_spend": yuan("100000.00"),
        "purpose": "质检",
        "answers": people.ANSWERS,
        **values,
    }


def test_whole_way_through_the_api() -> None:
    officer = accounts.officer()
    made = api(officer).post("/api/v1/schemes/", scheme_body())
    code = made.json()["code"]
    key, second = {"Idempotency-Key": "publish-1"}, accounts.officer(officer.own())
    published = [
        api(second).post(f"/api/v1/schemes/{code}/publish/", headers=key).json() for _ in range(2)
    ]
    assert published[0] == published[1]
    assert published[0]["budget_left"] == yuan("100000000.00")
    cast = people.cast(Scheme.objects.get(code=code))
    asked = api(cast.preparer).post("/api/v1/applications/", application_body(cast.scheme)).json()
    url = f"/api/v1/applications/{asked['code']}/"
    assert api(cast.preparer).post(f"{url}prepare/").status_code == 200
    assert api(cast.signatory).post(f"{url}submit/").json()["status"] == "submitted"
    for reviewer, stage, seen in ((cast.first, "first", 0), (cast.second, "second", 2)):
        assert api(reviewer).post(f"{url}claim/", {"version": seen}).status_code == 200
        decided = api(reviewer).post(f"{url}reviews/", {"stage": stage, "outcome": "pass"})
        assert decided.status_code == 201
    assert api(cast.officer).post(f"{url}notice/").json()["amount"] == yuan("30000.00")
    assert api().get("/api/v1/notices/").json()["results"][0]["application"] == asked["code"]
    with time_machine.travel(people.AFTER_NOTICE, tick=False):
        key = {"Idempotency-Key": "issue-1"}
        issued = [api(cast.officer).post(f"{url}voucher/", headers=key).json() for _ in range(2)]
        assert issued[0] == issued[1]
        assert (issued[0]["share"], issued[0]["face"]) == ("3/10", yuan("30000.00"))
        [entry] = api(cast.preparer).get("/api/v1/wallet/").json()
        assert entry["available"] == yuan("30000.00")
        code = issued[0]["code"]
        body = {"code": code, "number": verification.number_of(code)}
        assert api().post("/api/v1/voucher-verifications/", body).json()["is_usable"] is True
    assert Transfer.objects.filter(reason="issue").count() == 2


def test_money_moves_only_with_an_idempotency_key() -> None:
    cast = people.cast()
    asked = people.noticed(cast)

    answer = api(cast.officer).post(f"/api/v1/applications/{asked.code}/voucher/")

    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_missing")
    assert not Voucher.objects.exists()


def test_faulty_rules_are_named_by_pointer() -> None:
    rules = {**plans.QINGYANG, "rate": {"value": "130%", "source": "main", "article": "y"}}

    answer = api(accounts.officer()).post("/api/v1/schemes/", scheme_body(rules=rules))

    assert answer.status_code == 422
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "scheme_invalid"
    assert list(answer.json()["errors"]) == ["/rules/rate/value"]


@pytest.mark.parametrize(
    "amount",
    [
        yuan("-100.00"), yuan("NaN"), yuan("1e400"), yuan("0.00"), yuan("1.234"), yuan("9" * 20),
        {"amount": 100, "currency": "CNY"}, {"amount": "100.00", "currency": "USD"}, 100, None,
    ],
)  # fmt: skip
def test_amounts_that_are_none_are_refused(amount: Any) -> None:
    cast = people.cast()

    answer = api(cast.preparer).post(
        "/api/v1/applications/", application_body(cast.scheme, planned_spend=amount)
    )

    assert answer.status_code == 400
    assert "/planned_spend" in "".join(answer.json()["errors"])
    assert not Application.objects.exists()


def test_approval_by_the_applicant_is_a_problem_document() -> None:
    cast = people.cast()
    asked = people.submitted(cast)
    accounts.member(cast.enterprise, "viewer", person_key="k" * 64)
    officer = accounts.member(cast.scheme.bureau, "reviewer", person_key="k" * 64)

    answer = api(officer).post(
        f"/api/v1/applications/{asked.code}/reviews/", {"stage": "first", "outcome": "pass"}
    )

    assert (answer.status_code, answer.json()["code"]) == (403, "approval_by_applicant")
    assert not Review.objects.exists()


def test_applicant_cannot_reach_the_review_at_all() -> None:
    cast = people.cast()
    asked = people.submitted(cast)

    answer = api(cast.signatory).post(
        f"/api/v1/applications/{asked.code}/reviews/", {"stage": "first", "outcome": "pass"}
    )

    assert answer.status_code == 403


def test_double_approval_is_one_review() -> None:
    cast = people.cast()
    asked = people.claimed(cast.first, people.submitted(cast))
    body = {"stage": "first", "outcome": "pass"}

    answers = [
        api(cast.first).post(f"/api/v1/applications/{asked.code}/reviews/", body) for _ in range(2)
    ]

    assert [answer.json() for answer in answers] == [answers[0].json()] * 2
    assert Review.objects.count() == 1


def test_late_approval_by_another_officer_conflicts() -> None:
    cast = people.cast()
    asked = people.approved(cast)
    third = accounts.officer(cast.scheme.bureau, "reviewer")

    answer = api(third).post(
        f"/api/v1/applications/{asked.code}/reviews/", {"stage": "second", "outcome": "pass"}
    )

    assert (answer.status_code, answer.json()["code"]) == (409, "wrong_state")


def test_refusal_outside_the_list_is_refused() -> None:
    cast = people.cast()
    asked = people.submitted(cast)

    answer = api(cast.first).post(
        f"/api/v1/applications/{asked.code}/reviews/",
        {"stage": "first", "outcome": "refuse", "reason": "because"},
    )

    assert answer.status_code == 400
    assert "/reason" in answer.json()["errors"]


def test_precheck_needs_no_sign_in_and_stores_nothing() -> None:
    scheme = grants.scheme(rules=plans.BEIJING)
    body = {
        "scheme": scheme.code,
        "kind": "compute",
        "planned_spend": yuan("100000.00"),
        "industry": "3484",
        "employees": 40,
        "revenue": yuan("12000000.00"),
        "region": "110000",
    }

    answer = api().post("/api/v1/prechecks/", body).json()

    assert answer["offer"]["assessment"]["verdict"] == "yes"
    assert answer["offer"]["assessment"]["amount"] == yuan("30000.00")
    assert answer["size"] == "small"
    assert not Application.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [("industry", "99999"), ("region", "999999"), ("employees", -1), ("scheme", "SC-1")],
)
def test_precheck_refuses_unknown_codes(field: str, value: Any) -> None:
    scheme = grants.scheme()
    body = {"scheme": scheme.code, "kind": "compute", "planned_spend": yuan("1.00"), field: value}

    answer = api().post("/api/v1/prechecks/", body)

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [f"/{field}"]


def test_unknown_and_malformed_numbers_get_one_answer() -> None:
    grants.voucher()

    answers = [
        api().post("/api/v1/voucher-verifications/", {"code": code, "number": "x"}).json()
        for code in ("VC-2222-2222", "hello", "' OR 1=1 --")
    ]

    assert answers[0] == answers[1] == answers[2]
    assert answers[0]["is_known"] is False


def test_other_tenants_get_404_like_for_an_unknown_number() -> None:
    cast = people.cast()
    voucher = people.issued(cast)
    asked = voucher.application
    strangers = [accounts.preparer(), accounts.officer(None, "reviewer"), accounts.officer()]

    for stranger in strangers:
        for url in (f"applications/{asked.code}/", f"vouchers/{voucher.code}/"):
            known = api(stranger).get(f"/api/v1/{url}")
            unknown = api(stranger).get(f"/api/v1/{url.replace(url[-5:-1], '2222')}")
            assert (known.status_code, unknown.status_code) == (404, 404)
            assert known.json() == unknown.json()


def test_viewer_of_an_enterprise_sees_no_voucher() -> None:
    cast = people.cast()
    voucher = people.issued(cast)

    viewer = accounts.member(cast.enterprise, "viewer")

    assert api(viewer).get(f"/api/v1/vouchers/{voucher.code}/").status_code == 403
    assert api(cast.preparer).get(f"/api/v1/vouchers/{voucher.code}/").status_code == 200


def test_signed_out_callers_get_401() -> None:
    for url in ("applications/", "wallet/"):
        assert api().get(f"/api/v1/{url}").status_code == 401
