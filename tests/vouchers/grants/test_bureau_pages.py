"""Pages of the bureau: queue, claim, review, supplement, bulk, letters, desk, revocation."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Event
from tests.factories import accounts
from tests.factories.accounts import NOW
from vouchers.grants.actions import bulk_runs, desk, supplements
from vouchers.grants.models import (
    Application,
    Assignment,
    BulkRun,
    CannedRemark,
    Letter,
    LetterTemplate,
    Review,
    Revocation,
    Supplement,
    Voucher,
)

from . import people
from .test_changes import extendable
from .web import page

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def monday() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def text(answer: Any) -> str:
    return str(answer.content.decode())


def test_claim_from_the_queue_leads_to_the_decision() -> None:
    cast = people.cast()
    asked = people.submitted(cast)
    client = page(cast.first)

    listed = text(client.get("/reviews/?view=team"))
    before = text(client.get(f"/reviews/{asked.code}/"))
    after = client.post(f"/reviews/{asked.code}/claim/", {"seen": "0"}, follow=True)

    assert f"/reviews/{asked.code}/claim/" in listed
    assert "2026-10-19" in listed
    assert "Record the decision" not in before
    assert "Record the decision" in text(after)
    assert "Mine (1)" in text(client.get("/reviews/"))


def test_colleague_sees_who_has_it_and_gets_no_form() -> None:
    cast = people.cast()
    asked = people.claimed(cast.first, people.submitted(cast))
    client = page(cast.second)

    shown = text(client.get(f"/reviews/{asked.code}/"))
    refused = client.post(f"/reviews/{asked.code}/claim/", {"seen": "1"})
    decided = client.post(f"/reviews/{asked.code}/", {"stage": "first", "outcome": "pass"})

    assert f"{cast.first.user.name} works on it" in shown
    assert "Record the decision" not in shown
    assert (refused.status_code, decided.status_code) == (409, 422)
    assert "claimed_by_another" in text(refused)
    assert not Review.objects.exists()


def test_release_from_the_page() -> None:
    cast = people.cast()
    asked = people.claimed(cast.first, people.submitted(cast))

    page(cast.first).post(f"/reviews/{asked.code}/release/")

    assert Assignment.objects.get().claimed_by is None


@pytest.mark.parametrize("seen", ["", "x", "-1", "9" * 30])
def test_odd_versions_claim_nothing_and_break_nothing(seen: str) -> None:
    cast = people.cast()
    asked = people.claimed(cast.second, people.submitted(cast))

    answer = page(cast.first).post(f"/reviews/{asked.code}/claim/", {"seen": seen})

    assert answer.status_code == 409


def test_filters_of_the_queue() -> None:
    cast = people.cast()
    old = people.submitted(cast, at=NOW - timedelta(days=20))
    new = people.submitted(cast)
    client = page(cast.first)
    scheme = cast.scheme.code

    since = text(client.get("/reviews/?view=team&since=2026-10-10"))
    by_scheme = text(client.get(f"/reviews/?view=team&scheme={scheme}"))
    nonsense = client.get("/reviews/?view=team&scheme=SC-2222-2222&since=x&status=y")
    overdue = text(client.get("/reviews/?view=overdue"))

    assert new.code in since
    assert old.code not in since
    assert old.code in by_scheme
    assert nonsense.status_code == 200
    assert old.code in overdue
    assert new.code not in overdue


def test_common_remarks_are_taken_over_with_the_own_words() -> None:
    cast = people.cast()
    client = page(cast.first)
    client.post("/remarks/usual/")
    client.post("/remarks/", {"use": "review", "text": "材料齐全。"})
    own = CannedRemark.objects.get(text="材料齐全。")
    usual = CannedRemark.objects.filter(use="review").exclude(pk=own.pk).first()
    assert usual is not None
    asked = people.claimed(cast.first, people.submitted(cast))

    client.post(
        f"/reviews/{asked.code}/",
        {"stage": "first", "outcome": "pass", "canned": [usual.code, own.code], "remark": "同意"},
    )

    assert Review.objects.get().remark == f"{usual.text} {own.text} 同意"
    client.post(f"/remarks/{own.code}/retire/")
    assert "材料齐全" not in text(client.get("/remarks/"))


def test_second_reviewer_sees_what_changed_since_the_first_review() -> None:
    cast = people.cast()
    asked = people.first_passed(cast)
    unchanged = text(page(cast.second).get(f"/reviews/{asked.code}/"))
    cast.enterprise.employees, cast.enterprise.name = 41, "改名有限公司"
    cast.enterprise.save()
    Application.objects.filter(pk=asked.pk).update(planned_spend_fen=20_000_000)

    shown = text(page(cast.second).get(f"/reviews/{asked.code}/"))

    assert "as the first reviewer saw them" in unchanged
    for words in ("¥100,000.00", "¥200,000.00", "改名有限公司", "<strong>41</strong>"):
        assert words in shown
    assert "Changed since" not in text(
        page(cast.first).get(f"/reviews/{people.submitted(cast).code}/")
    )


def test_size_is_explained_without_blame() -> None:
    cast = people.cast()
    asked = people.submitted(cast)

    shown = text(page(cast.first).get(f"/reviews/{asked.code}/"))

    assert "Not reached" in shown
    assert "A bound that is not reached is no fault" in shown


def test_history_is_told_in_words() -> None:
    cast = people.cast()
    asked = people.first_passed(cast)

    shown = text(page(cast.second).get(f"/reviews/{asked.code}/"))

    for words in ("signed and handed in", "claimed the application", "First review: Pass"):
        assert words in shown


def test_supplement_is_asked_field_by_field() -> None:
    cast = people.cast()
    asked = people.claimed(cast.first, people.submitted(cast))
    client = page(cast.first)
    form = text(client.get(f"/reviews/{asked.code}/supplement/"))
    fields = supplements.fields_of(asked)

    empty = client.post(f"/reviews/{asked.code}/supplement/", {"due_on": "2026-10-26"})
    late = client.post(
        f"/reviews/{asked.code}/supplement/", {"due_on": "2026-10-12", "on-purpose": "请写明"}
    )
    done = client.post(
        f"/reviews/{asked.code}/supplement/", {"due_on": "2026-10-26", "on-purpose": "请写明"}
    )

    assert 'value="2026-10-26"' in form  # ten working days
    assert "质检图片识别" in form
    assert "purpose" in fields
    assert (empty.status_code, late.status_code, done.status_code) == (422, 422, 302)
    assert "请写明" in text(late)
    assert Supplement.objects.get().remarks.get().text == "请写明"
    assert "请写明" in Letter.objects.get(kind="supplement").body_zh
    assert Assignment.objects.get().claimed_by is None
    assert Application.objects.get().status == "supplement"


def test_nobody_asks_while_a_colleague_works_on_it() -> None:
    cast = people.cast()
    asked = people.claimed(cast.second, people.submitted(cast))

    answer = page(cast.first).post(
        f"/reviews/{asked.code}/supplement/", {"due_on": "2026-10-26", "on-purpose": "x"}
    )

    assert answer.status_code == 422
    assert not Supplement.objects.exists()


def test_bulk_from_the_queue_to_the_result() -> None:
    cast = people.cast()
    fine, small = people.submitted(cast), people.submitted(cast, spend_fen=100_000)
    client = page(cast.first)
    picks = f"pick={fine.code}&pick={small.code}&pick=AP-2222-2222"

    preview = client.get(f"/bulk/new/?verb=pass&{picks}")
    sent = {
        "verb": "pass",
        "token": preview.context["form"]["token"].value(),
        "pick": [fine.code, small.code],
        "remark": "",
    }
    started = [client.post("/bulk/new/", sent) for _ in range(2)]
    run = BulkRun.objects.get()
    assert run.job is not None
    running = text(client.get(f"/bulk/{run.code}/"))
    early = client.get(f"/bulk/{run.code}/result/")
    bulk_runs.carry_out(code=run.job.code, at=NOW)
    finished = text(client.get(f"/bulk/{run.code}/"))
    result = client.get(f"/bulk/{run.code}/result/")

    assert "¥30,000.00" in text(preview)
    assert "below the least amount" in text(preview)
    assert not Review.objects.exclude(application=fine).exists()
    assert {answer["Location"] for answer in started} == {f"/bulk/{run.code}/"}
    assert "Running" in running
    assert early.status_code == 404
    assert "Download the result" in finished
    assert result["Content-Disposition"].startswith("attachment")
    assert fine.code in result.content.decode("utf-8-sig")


def test_bulk_above_the_limit_on_pages() -> None:
    cast = people.cast()
    desk.change(by=cast.officer, at=NOW, bulk_limit_count=0)
    asked = people.submitted(cast)
    client = page(cast.first)
    preview = client.get(f"/bulk/new/?verb=pass&pick={asked.code}")
    token = preview.context["form"]["token"].value()
    client.post("/bulk/new/", {"verb": "pass", "token": token, "pick": [asked.code]})
    run = BulkRun.objects.get()

    own = client.post(f"/bulk/{run.code}/approve/")
    home = text(page(cast.second).get("/"))
    approved = page(cast.second).post(f"/bulk/{run.code}/approve/")

    assert "A second person must approve" in text(preview)
    assert own.status_code == 403
    assert "Bulk work to approve" in home
    assert approved.status_code == 302
    assert BulkRun.objects.get().status == "running"


@pytest.mark.parametrize("query", ["verb=pass", "verb=refuse&pick=AP-2222-2222"])
def test_bulk_of_nothing_says_so(query: str) -> None:
    answer = page(people.cast().first).get(f"/bulk/new/?{query}")

    assert answer.status_code == 200
    assert "Choose at least one application" in text(answer)


def test_bulk_of_an_unknown_step_is_not_found() -> None:
    assert page(people.cast().first).get("/bulk/new/?verb=delete").status_code == 404


def test_bulk_refusal_needs_its_reason_on_the_page() -> None:
    cast = people.cast()
    asked = people.submitted(cast)
    client = page(cast.first)
    token = client.get(f"/bulk/new/?verb=refuse&pick={asked.code}").context["form"]["token"].value()

    answer = client.post(
        "/bulk/new/", {"verb": "refuse", "token": token, "pick": [asked.code], "remark": "留着"}
    )

    assert answer.status_code == 422
    assert "reason" in answer.context["form"].errors
    assert "留着" in text(answer)


def test_letter_template_is_previewed_and_saved() -> None:
    cast = people.cast()
    client = page(cast.officer)
    shown = client.get("/letter-templates/refused/")
    sent = {name: shown.context["form"][name].value() for name in shown.context["form"].fields}

    preview = client.post("/letter-templates/refused/", {**sent, "body_zh": "您好", "preview": "1"})
    wrong = client.post("/letter-templates/refused/", {**sent, "body_zh": "您好 {nobody}"})
    saved = client.post(
        "/letter-templates/refused/", {**sent, "subject_zh": "未通过 {application}"}
    )

    assert "must hold the place {reason}" in text(preview)
    assert "There is no place {nobody}" in text(wrong)
    assert "您好 {nobody}" in text(wrong)
    assert (wrong.status_code, saved.status_code) == (422, 302)
    assert LetterTemplate.objects.get().subject_zh == "未通过 {application}"
    assert client.get("/letter-templates/nothing/").status_code == 404


def test_letter_is_shown_on_the_page_of_the_application() -> None:
    cast = people.cast()
    asked = people.submitted(cast)
    letter = Letter.objects.get()

    listed = text(page(cast.preparer).get(f"/applications/{asked.code}/"))
    shown = text(page(cast.preparer, "zh-hans").get(f"/letters/{letter.code}/"))

    assert f"/letters/{letter.code}/" in listed
    paper = page(cast.preparer).get(f"/letters/{letter.code}/paper/")
    assert "受理通知书" in shown
    assert paper["Content-Disposition"].startswith("attachment")
    assert paper.content.startswith(b"%PDF-")
    assert page(accounts.preparer()).get(f"/letters/{letter.code}/").status_code == 404


def test_letters_show_markup_as_text() -> None:
    cast = people.cast()
    cast.enterprise.name = "<script>alert(1)</script>"
    cast.enterprise.save()
    people.submitted(cast)

    shown = text(page(cast.preparer).get(f"/letters/{Letter.objects.get().code}/"))

    assert "<script>alert" not in shown
    assert "&lt;script&gt;alert" in shown


def test_desk_rules_are_changed_on_their_page() -> None:
    cast = people.cast()
    client = page(cast.officer)
    form = client.get("/desk/").context["form"]
    sent = {name: form[name].value() for name in form.fields}

    wrong = client.post("/desk/", {**sent, "first_review_days": "0"})
    client.post("/desk/", {**sent, "first_review_days": "7", "bulk_limit_fen": "1,000,000"})

    assert wrong.status_code == 422
    rules = desk.rules_of(bureau=cast.scheme.bureau)
    assert (rules.first_review_days, rules.bulk_limit_fen) == (7, 100_000_000)
    assert Event.objects.filter(verb="desk_changed").count() == 1


def test_revocation_by_two_people_on_pages() -> None:
    cast = people.cast()
    voucher = people.issued(cast)
    officer, second = page(cast.officer), page(cast.second)
    with time_machine.travel(people.AFTER_NOTICE, tick=False):
        officer = page(cast.officer)
        officer.post(f"/vouchers/{voucher.code}/revoke/", {"reason": "骗取"})
        asked = Revocation.objects.get()
        assert Voucher.objects.get().status == "active"

        own = officer.post(f"/revocations/{asked.code}/approve/")
        assert own.status_code == 403
        second = page(cast.second)
        assert "¥30,000.00" in text(second.get(f"/revocations/{asked.code}/"))
        assert "Revocations to decide" in text(second.get("/"))
        second.post(f"/revocations/{asked.code}/approve/")

    assert Voucher.objects.get().status == "revoked"


def test_proposal_is_turned_down_with_a_reason() -> None:
    cast = people.cast()
    voucher = people.issued(cast)
    page(cast.officer).post(f"/vouchers/{voucher.code}/revoke/", {"reason": "骗取"})
    asked = Revocation.objects.get()

    silent = page(cast.second).post(f"/revocations/{asked.code}/", {"note": ""})
    page(cast.second).post(f"/revocations/{asked.code}/", {"note": "证据不足"})

    assert silent.status_code == 422
    assert Revocation.objects.get().status == "declined"
    assert "证据不足" in text(page(cast.officer).get(f"/revocations/{asked.code}/"))


def test_extension_on_the_page_of_the_voucher() -> None:
    cast, voucher = extendable()
    client = page(cast.officer)
    asked = text(client.get(f"/vouchers/{voucher.code}/extend/"))

    client.post(f"/vouchers/{voucher.code}/extend/", {"reason": "供给方停机"})

    shown = text(client.get(f"/vouchers/{voucher.code}/"))
    assert "6 months (实施细则, 第九条)" in asked
    assert "2028-04-20" in shown
    assert "extended once" in shown
    assert f"/vouchers/{voucher.code}/extend/" not in shown


PATHS = ["/reviews/{0}/claim/", "/reviews/{0}/release/", "/reviews/{0}/supplement/"]


@pytest.mark.parametrize("path", PATHS)
def test_officers_of_other_bureaus_get_404(path: str) -> None:
    asked = people.submitted(people.cast())
    stranger = page(accounts.officer(None, "reviewer"))

    assert stranger.post(path.format(asked.code)).status_code == 404


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_page_of_the_desk_opens_in_both_languages(language: str) -> None:
    cast = people.cast()
    asked = people.claimed(cast.first, people.submitted(cast))
    desk.add_usual_remarks(by=cast.first, at=NOW)
    reviewer, officer = page(cast.first, language), page(cast.officer, language)
    code = asked.code

    for url in (
        "/reviews/", "/reviews/?view=team", "/reviews/?view=overdue", "/reviews/?view=all",
        f"/reviews/{code}/", f"/reviews/{code}/supplement/", "/bulk/", "/remarks/", "/revocations/",
        f"/bulk/new/?verb=refuse&pick={code}",
    ):  # fmt: skip
        assert reviewer.get(url).status_code == 200, url
    for url in ("/issuing/", "/issuing/?view=overdue", "/desk/", "/letter-templates/", "/bulk/"):
        assert officer.get(url).status_code == 200, url
    for kind in ("accepted", "supplement", "refused", "approved", "issued", "revoked"):
        assert officer.get(f"/letter-templates/{kind}/").status_code == 200, kind


@pytest.mark.parametrize("url", ["/reviews/?view=team", "/issuing/?view=all", "/bulk/"])
def test_lists_of_the_desk_ask_a_constant_number_of_queries(url: str) -> None:
    cast = people.cast()
    client = page(cast.officer if "issuing" in url else cast.first)
    counts = []
    for amount in (1, 2):
        for _ in range(amount):
            asked = people.claimed(cast.first, people.submitted(cast))
            people.approved(cast)
            BulkRun.objects.create(
                code=f"BK-{asked.pk}", bureau=cast.scheme.bureau, verb="pass", status="proposed",
                item_count=1, total_fen=0, needs_second=True, proposed_at=NOW,
                proposed_by=cast.second.user,
            )  # fmt: skip
        client.get(url)
        with CaptureQueriesContext(connection) as queries:
            client.get(url)
        counts.append(len(queries))

    assert counts[0] == counts[1]
