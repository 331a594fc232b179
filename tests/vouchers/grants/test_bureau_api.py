"""API of the bureau's desk."""

from typing import Any

import pytest
import time_machine

from tests.factories import accounts
from tests.factories.accounts import NOW
from vouchers.grants.actions import bulk_runs
from vouchers.grants.models import BulkRun, Voucher

from . import people
from .test_changes import extendable
from .web import api, yuan

pytestmark = pytest.mark.django_db

ROOT = "/api/v1"


@pytest.fixture(autouse=True)
def monday() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def code_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_queue_claim_release() -> None:
    cast = people.cast()
    asked = people.submitted(cast)
    url = f"{ROOT}/applications/{asked.code}"

    claimed = api(cast.first).post(f"{url}/claim/", {"version": 0})
    other = api(cast.second).post(f"{url}/claim/", {"version": 1})
    [row] = api(cast.second).get(f"{ROOT}/reviews/?view=team").json()["results"]
    mine = api(cast.first).get(f"{ROOT}/reviews/").json()["results"]
    released = api(cast.first).post(f"{url}/release/")
    stale = api(cast.second).post(f"{url}/claim/", {"version": 1})

    assert (claimed.status_code, claimed.json()["version"]) == (200, 1)
    assert code_of(other) == (409, "claimed_by_another")
    assert (row["claimed_by"], row["is_mine"], row["due_on"]) == (
        cast.first.user.name, False, "2026-10-19",
    )  # fmt: skip
    assert [each["code"] for each in mine] == [asked.code]
    assert released.json()["claimed_by"] is None
    assert code_of(stale) == (409, "claim_changed")


@pytest.mark.parametrize("version", [-1, "x", None, 10**12])
def test_claim_refuses_what_is_no_version(version: object) -> None:
    cast = people.cast()
    asked = people.submitted(cast)

    answer = api(cast.first).post(
        f"{ROOT}/applications/{asked.code}/claim/", {"version": version}, format="json"
    )

    assert answer.status_code in {400, 422}


def test_decision_without_a_claim_is_refused() -> None:
    cast = people.cast()
    asked = people.submitted(cast)

    answer = api(cast.first).post(
        f"{ROOT}/applications/{asked.code}/reviews/", {"stage": "first", "outcome": "pass"}
    )

    assert code_of(answer) == (409, "not_claimed")


def test_other_bureaus_get_404_for_claims() -> None:
    asked = people.submitted(people.cast())
    stranger = api(accounts.officer(None, "reviewer"))

    for step in ("claim", "release"):
        url = f"{ROOT}/applications/{asked.code}/{step}/"
        assert stranger.post(url, {"version": 0}).status_code == 404


def test_desk_and_remarks() -> None:
    cast = people.cast()
    figures = api(cast.officer).get(f"{ROOT}/desk/").json()

    changed = api(cast.officer).put(
        f"{ROOT}/desk/", {**figures, "bulk_limit": yuan("1.00")}, format="json"
    )
    wrong = api(cast.officer).put(f"{ROOT}/desk/", {**figures, "claim_days": 0}, format="json")
    made = api(cast.first).post(f"{ROOT}/remarks/", {"use": "review", "text": "属实"})
    again = api(cast.first).post(f"{ROOT}/remarks/", {"use": "review", "text": "属实"})
    api(cast.first).post(f"{ROOT}/remarks/{made.json()['code']}/retire/")

    assert figures["first_review_days"] == 5
    assert changed.json()["bulk_limit"] == yuan("1.00")
    assert wrong.status_code in {400, 422}
    assert (made.status_code, code_of(again)) == (201, (409, "remark_known"))
    assert api(cast.first).get(f"{ROOT}/remarks/").json()["results"] == []


def test_letters_and_their_templates() -> None:
    cast = people.cast()
    templates = api(cast.officer).get(f"{ROOT}/letter-templates/").json()
    accepted = next(each for each in templates if each["kind"] == "accepted")
    body = {name: value for name, value in accepted.items() if name != "kind"}
    url = f"{ROOT}/letter-templates/accepted/"

    wrong = api(cast.officer).put(url, {**body, "body_zh": "{nobody}"}, format="json")
    saved = api(cast.officer).put(url, {**body, "subject_zh": "已受理"}, format="json")
    stale = api(cast.officer).put(url, {**body, "subject_zh": "又改"}, format="json")
    asked = people.submitted(cast)
    [letter] = api(cast.preparer).get(f"{ROOT}/letters/?application={asked.code}").json()["results"]

    assert code_of(wrong) == (422, "letter_template_invalid")
    assert (saved.status_code, saved.json()["version"]) == (200, 1)
    assert code_of(stale) == (409, "letter_template_changed")
    assert letter["subject_zh"] == "已受理"
    assert api(accounts.preparer()).get(f"{ROOT}/letters/").json()["results"] == []
    assert api(cast.officer).put(f"{ROOT}/letter-templates/none/", body).status_code == 404


def test_bulk_from_preview_to_result() -> None:
    cast = people.cast()
    fine, small = people.submitted(cast), people.submitted(cast, spend_fen=100_000)
    foreign = people.submitted(people.cast())
    body = {"verb": "pass", "applications": [fine.code, small.code, foreign.code]}
    api(cast.officer).put(
        f"{ROOT}/desk/",
        {**api(cast.officer).get(f"{ROOT}/desk/").json(), "bulk_limit_count": 0},
        format="json",
    )

    preview = api(cast.first).post(f"{ROOT}/bulk-previews/", body, format="json").json()
    keyless = api(cast.first).post(f"{ROOT}/bulk/", body, format="json")
    started = [
        api(cast.first).post(
            f"{ROOT}/bulk/", body, format="json", headers={"Idempotency-Key": "one"}
        ).json()
        for _ in range(2)
    ]  # fmt: skip
    url = f"{ROOT}/bulk/{started[0]['code']}"
    own = api(cast.first).post(f"{url}/approve/", headers={"Idempotency-Key": "two"})
    approved = api(cast.second).post(f"{url}/approve/", headers={"Idempotency-Key": "three"})
    run = BulkRun.objects.get()
    assert run.job is not None
    bulk_runs.carry_out(code=run.job.code, at=NOW)
    done = api(cast.second).get(f"{url}/").json()

    assert [line["application"] for line in preview["lines"]] == [fine.code, small.code]
    assert (preview["total"], preview["needs_second"]) == (yuan("30000.00"), True)
    assert code_of(keyless) == (400, "idempotency_key_missing")
    assert started[0] == started[1]
    assert code_of(own) == (403, "same_officer")
    assert approved.json()["status"] == "running"
    assert [(each["status"], each["code"]) for each in done["items"]] == [
        ("done", ""), ("refused", "not_eligible"),
    ]  # fmt: skip
    assert api(accounts.officer()).get(f"{url}/").status_code == 404


def test_declined_bulk() -> None:
    cast = people.cast()
    asked = people.submitted(cast)
    figures = api(cast.officer).get(f"{ROOT}/desk/").json()
    api(cast.officer).put(f"{ROOT}/desk/", {**figures, "bulk_limit_count": 0}, format="json")
    made = api(cast.first).post(
        f"{ROOT}/bulk/", {"verb": "pass", "applications": [asked.code]}, format="json",
        headers={"Idempotency-Key": "one"},
    )  # fmt: skip

    answer = api(cast.second).post(
        f"{ROOT}/bulk/{made.json()['code']}/decline/", {"note": "分批"}, format="json"
    )

    assert (answer.json()["status"], answer.json()["note"]) == ("declined", "分批")


def test_revocation_by_two_people() -> None:
    cast = people.cast()
    voucher = people.issued(cast)

    asked = api(cast.officer).post(
        f"{ROOT}/vouchers/{voucher.code}/revocations/", {"reason": "骗取"}
    )
    url = f"{ROOT}/revocations/{asked.json()['code']}"
    own = api(cast.officer).post(f"{url}/approve/", headers={"Idempotency-Key": "one"})
    done = api(cast.second).post(f"{url}/approve/", headers={"Idempotency-Key": "two"})
    read = api(cast.officer).get(f"{ROOT}/vouchers/{voucher.code}/").json()

    assert asked.status_code == 201
    assert code_of(own) == (403, "same_officer")
    assert done.json()["status"] == "approved"
    assert read["revoked"] == yuan("30000.00")
    assert api(accounts.officer()).get(f"{url}/").status_code == 404


def test_declined_revocation_and_extension() -> None:
    cast, voucher = extendable()
    asked = api(cast.officer).post(f"{ROOT}/vouchers/{voucher.code}/revocations/", {"reason": "x"})
    declined = api(cast.first).post(
        f"{ROOT}/revocations/{asked.json()['code']}/decline/", {"note": "证据不足"}
    )

    extended = api(cast.officer).post(f"{ROOT}/vouchers/{voucher.code}/extend/", {"reason": "停机"})
    again = api(cast.officer).post(f"{ROOT}/vouchers/{voucher.code}/extend/", {"reason": "再停"})

    assert declined.json()["status"] == "declined"
    assert extended.json()["expires_at"].startswith("2028-04-21T00:00:00")
    assert code_of(again) == (409, "already_extended")
    assert Voucher.objects.get().status == "active"
