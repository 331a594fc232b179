"""API of evidence and supplements: the same refusals as on pages, as problem documents."""

from typing import Any

import pytest
import time_machine

from tests.factories import accounts, files
from tests.factories.accounts import NOW
from vouchers.grants.actions import applications, notices
from vouchers.grants.models import Application

from . import people
from .web import api, yuan

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def monday() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def draft(cast: people.Cast) -> str:
    made = applications.start(
        by=cast.preparer, scheme=cast.scheme, kind="compute", planned_spend_fen=10**7,
        purpose="质检", answers=people.ANSWERS, at=NOW,
    )  # fmt: skip
    return f"/api/v1/applications/{made.code}/"


def test_evidence_is_added_listed_read_reused_and_removed() -> None:
    cast = people.cast()
    url, other = draft(cast), draft(cast)
    client = api(cast.preparer)

    sent = {"kind": "contract", "file": files.upload()}
    made = client.post(f"{url}evidence/", sent, format="multipart")
    file = made.json()["file"]
    used = client.post(f"{other}evidence/reuse/", {"kind": "other", "file": file})
    read = client.get(f"{url}evidence/{file}/")
    gone = client.delete(f"{url}evidence/{file}/")

    assert (made.status_code, used.status_code, gone.status_code) == (201, 201, 204)
    assert made.json()["size_bytes"] == len(files.pdf())
    assert read.content == files.pdf()
    assert read["Content-Disposition"].startswith("attachment")
    assert client.get(f"{url}evidence/").json() == []
    assert [each["file"] for each in client.get(f"{other}evidence/").json()] == [file]


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"", "file_empty"), (b"MZ" * 40, "file_wrong_type"), (files.pdf()[:100], "file_damaged")],
)
def test_bad_file_is_a_problem_document(content: bytes, code: str) -> None:
    cast = people.cast()
    sent = {"kind": "contract", "file": files.upload("a.pdf", content)}

    answer = api(cast.preparer).post(f"{draft(cast)}evidence/", sent, format="multipart")

    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert list(answer.json()["errors"]) == ["/file"]


def test_stale_version_is_a_conflict() -> None:
    cast = people.cast()
    url = draft(cast)
    body = {"kind": "compute", "planned_spend": yuan("100000.00"), "purpose": "甲", "version": 1}

    first = api(cast.preparer).put(url, body)
    second = api(cast.preparer).put(url, {**body, "purpose": "乙"})

    assert (first.status_code, first.json()["version"]) == (200, 2)
    assert (second.status_code, second.json()["code"]) == (409, "draft_changed")
    assert Application.objects.get().purpose == "甲"


def test_incomplete_draft_is_a_problem_document() -> None:
    cast = people.cast()
    body = {"scheme": cast.scheme.code, "kind": "compute", "planned_spend": yuan("100000.00")}
    made = api(cast.preparer).post("/api/v1/applications/", body).json()

    answer = api(cast.preparer).post(f"/api/v1/applications/{made['code']}/prepare/")

    assert (answer.status_code, answer.json()["code"]) == (409, "application_incomplete")
    assert set(answer.json()["errors"]) == {"/purpose", "/contract_state"}


def test_supplement_asked_saved_and_answered() -> None:
    cast = people.cast()
    asked = people.claimed(cast.first, people.submitted(cast))
    url = f"/api/v1/applications/{asked.code}/"
    remarks = {"remarks": [{"field": "purpose", "text": "请补充"}], "due_on": "2026-10-20"}
    words = {"answers": [{"field": "purpose", "text": "已补充", "value": "质检与分拣"}]}

    made = api(cast.first).post(f"{url}supplements/", remarks)
    wrong = api(cast.first).post(f"{url}supplements/", {**remarks, "due_on": "2026-10-21"})
    saved = api(cast.preparer).put(f"{url}supplement/", words)
    forbidden = api(cast.preparer).post(f"{url}supplement/answer/", words)
    done = api(cast.signatory).post(f"{url}supplement/answer/", {"answers": []})

    assert (made.status_code, made.json()["last_day"]) == (201, "2026-10-20")
    assert wrong.status_code == 201, "the same remarks again are a double click"
    assert saved.json()["remarks"][0]["after"] == "质检与分拣"
    assert forbidden.status_code == 403
    assert done.json()["status"] == "answered"
    assert Application.objects.get().purpose == "质检与分拣"


def test_strangers_find_nothing() -> None:
    cast = people.cast()
    asked = people.submitted(cast)
    url = f"/api/v1/applications/{asked.code}/"
    sent = {"kind": "contract", "file": files.upload()}

    for stranger in (accounts.preparer(), accounts.officer(None, "reviewer")):
        assert api(stranger).get(f"{url}evidence/").status_code == 404
        assert api(stranger).get(f"{url}supplements/").status_code == 404
        assert api(stranger).post(f"{url}evidence/", sent, format="multipart").status_code == 404


def test_receipt_and_timeline_of_an_application_for_both_sides() -> None:
    cast = people.cast()
    asked = people.submitted(cast)
    url = f"/api/v1/applications/{asked.code}/"

    receipt = api(cast.preparer).get(f"{url}receipt/")
    steps = api(cast.first).get(f"{url}timeline/").json()

    assert receipt["Content-Type"] == "application/pdf"
    assert receipt.content.startswith(b"%PDF-")
    assert [(step["what"], step["state"]) for step in steps] == [
        ("Begun", "done"), ("Prepared", "done"), ("Signed and handed in", "done"),
        ("First review", "now"), ("Second review", "later"), ("Public notice", "later"),
        ("Voucher issued", "later"),
    ]  # fmt: skip
    assert steps[3]["who"] == cast.scheme.bureau.name
    assert steps[3]["until"] is not None


def test_draft_has_a_timeline_and_no_receipt_and_strangers_have_neither() -> None:
    cast = people.cast()
    url = draft(cast)

    mine = api(cast.preparer)
    strange = api(accounts.preparer())

    assert mine.get(f"{url}timeline/").json()[1]["state"] == "now"
    assert mine.get(f"{url}receipt/").status_code == 404
    assert strange.get(f"{url}timeline/").status_code == 404
    assert strange.get(f"{url}receipt/").status_code == 404


def test_objection_brings_its_evidence_which_only_the_bureau_reads() -> None:
    cast = people.cast()
    notice = notices.publish(by=cast.officer, application=people.approved(cast), at=NOW)
    sent = {
        "application": notice.application.code, "name": "王五", "contact": "0934-8210000",
        "reason": "该企业已停产半年。请核实。", "file": files.upload(),
    }  # fmt: skip

    made = api().post(
        f"/api/v1/announcements/{notice.announcement.code}/objections/", sent, format="multipart"
    )
    listed = api(cast.officer).get("/api/v1/objections/").json()["results"]
    url = f"/api/v1/objections/{made.json()['code']}/evidence/"
    read, strange = api(cast.officer).get(url), api(accounts.officer()).get(url)
    faulty = api().post(
        f"/api/v1/announcements/{notice.announcement.code}/objections/",
        {**sent, "reason": "另有一份证据，请一并核实。", "file": files.upload("a.pdf", b"MZ" * 40)},
        format="multipart",
    )

    assert made.status_code == 201
    assert listed[0]["evidence"] == "合同.pdf"
    assert read.content == files.pdf()
    assert read["Content-Disposition"].startswith("attachment")
    assert (strange.status_code, faulty.json()["code"]) == (404, "file_wrong_type")


def test_remark_on_evidence_is_answered_by_a_file_and_words() -> None:
    cast = people.cast()
    asked = people.claimed(cast.first, people.submitted(cast))
    url = f"/api/v1/applications/{asked.code}/"
    remarks = [{"field": "evidence_plan", "text": "请上传方案"}]
    due = {"due_on": "2026-10-30", "remarks": remarks}

    made = api(cast.first).post(f"{url}supplements/", due, format="json")
    early = api(cast.signatory).post(f"{url}supplement/answer/", {"answers": []}, format="json")
    added = api(cast.preparer).post(
        f"{url}evidence/", {"kind": "plan", "file": files.upload()}, format="multipart"
    )
    answers = [{"field": "evidence_plan", "text": "已上传"}]
    done = api(cast.signatory).post(f"{url}supplement/answer/", {"answers": answers}, format="json")

    assert (made.status_code, early.status_code, added.status_code) == (201, 422, 201)
    assert done.json()["status"] == "answered"
    assert done.json()["remarks"][0]["answer"] == "已上传"
