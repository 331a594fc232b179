"""Announcements, objections of anybody, and what they stop."""

from datetime import date, timedelta
from functools import partial
from io import BytesIO
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from PIL import Image

from accounts.models import Notification
from common import states
from common.errors import Forbidden
from common.models import OutboxMessage
from tests.factories import accounts, grants, plans
from tests.factories.accounts import NOW
from tests.threads import together
from vouchers.grants.actions import issuing, notices, objections, reviews
from vouchers.grants.models import (
    Announcement,
    Application,
    Objection,
    PublicNotice,
    Review,
    Voucher,
)

from . import people
from .people import AFTER_NOTICE, Cast
from .web import api, page

pytestmark = pytest.mark.django_db
LAST = date(2026, 10, 19)
SAID: dict[str, Any] = {
    "name": "王五",
    "contact": "wang@example.com",
    "reason": "该企业已停产半年，请核实。",
}


def announced(cast: Cast, count: int = 2) -> Announcement:
    rows = [
        grants.application(plan=cast.scheme, status="approved", granted_fen=100_000)
        for _ in range(count)
    ]
    return notices.announce(
        by=cast.officer, scheme=cast.scheme, applications=[row.code for row in rows], at=NOW
    )


def objected(announcement: Announcement, line: int = 0, **said: Any) -> Objection:
    return objections.raise_against(
        announcement=announcement,
        application=announcement.lines[line]["application"],
        at=NOW,
        **(SAID | said),
    )


def subject(objection: Objection) -> Application:
    return Application.objects.get(notice__objections=objection)


def test_batch_is_one_announcement_with_a_window() -> None:
    cast = people.cast()

    made = announced(cast, 3)

    assert (made.last_day, made.title) == (LAST, f"{cast.scheme.name}公示")
    assert [line["amount_fen"] for line in made.lines] == [100_000] * 3
    assert set(Application.objects.values_list("status", flat=True)) == {"noticed"}
    assert PublicNotice.objects.filter(announcement=made, ends_at=made.ends_at).count() == 3


def test_batch_with_one_wrong_application_publishes_nothing() -> None:
    cast = people.cast()
    good = grants.application(plan=cast.scheme, status="approved", granted_fen=1)
    early = grants.application(plan=cast.scheme)
    foreign = grants.application(status="approved", granted_fen=1)

    for codes, refusal in (
        ([good.code, early.code], states.WrongState),
        ([good.code, foreign.code], notices.AnnouncementInvalid),
        ([], notices.AnnouncementInvalid),
    ):
        with pytest.raises(refusal):
            notices.announce(by=cast.officer, scheme=cast.scheme, applications=codes, at=NOW)
    good.refresh_from_db()
    assert good.status == "approved"
    assert not Announcement.objects.exists()


@pytest.mark.parametrize(
    ("last_day", "taken"),
    [(LAST - timedelta(days=1), False), (LAST, True), (LAST + timedelta(days=83), True),
     (LAST + timedelta(days=84), False)],
)  # fmt: skip
def test_window_is_at_least_the_schemes_and_at_most_ninety_days(
    last_day: date, *, taken: bool
) -> None:
    cast = people.cast()
    row = grants.application(plan=cast.scheme, status="approved", granted_fen=1)
    announce = partial(
        notices.announce, by=cast.officer, scheme=cast.scheme, applications=[row.code],
        last_day=last_day, at=NOW,
    )  # fmt: skip

    if taken:
        assert announce().last_day == last_day
    else:
        with pytest.raises(notices.AnnouncementInvalid):
            announce()


def test_another_bureau_announces_nothing() -> None:
    cast = people.cast()
    row = grants.application(plan=cast.scheme, status="approved", granted_fen=1)

    with pytest.raises(Forbidden):
        notices.announce(by=accounts.officer(), scheme=cast.scheme, applications=[row.code], at=NOW)


def test_scheme_without_notice_announces_nothing() -> None:
    cast = people.cast(grants.scheme(rules=plans.BEIJING))
    row = grants.application(plan=cast.scheme, status="approved", granted_fen=1)

    with pytest.raises(notices.NoticeNotNeeded):
        notices.announce(by=cast.officer, scheme=cast.scheme, applications=[row.code], at=NOW)


def test_objection_tells_the_bureau_and_whoever_objected() -> None:
    cast = people.cast()
    made = objected(announced(cast))

    told = Notification.objects.get(topic="objection_received", user=cast.officer.user)
    mail = OutboxMessage.objects.get(recipient="wang@example.com")
    assert told.data["objection"] == made.code
    assert made.code in mail.subject
    assert "王五" not in str(Notification.objects.values_list("data", flat=True))


def test_same_statement_again_is_the_same_objection() -> None:
    announcement = announced(people.cast())

    codes = {objected(announcement).code for _ in range(3)}
    other = objected(announcement, reason="合同系伪造，请核实公章。").code

    assert len(codes) == 1
    assert other not in codes


def test_no_objection_outside_the_window_or_to_foreign_applications() -> None:
    cast = people.cast()
    announcement, other = announced(cast), announced(people.cast())
    [code, _second] = [line["application"] for line in announcement.lines]

    for values in (
        {"application": code, "at": announcement.ends_at},
        {"application": other.lines[0]["application"], "at": NOW},
        {"application": "AP-2222-2222", "at": NOW},
    ):
        with pytest.raises(objections.WindowClosed):
            objections.raise_against(announcement=announcement, **(SAID | values))


def test_open_objection_stops_the_issue_until_it_is_decided() -> None:
    cast = people.cast()
    announcement = announced(cast)
    made = objected(announcement)
    issue = partial(issuing.issue, by=cast.officer, application=subject(made), at=AFTER_NOTICE)

    with pytest.raises(issuing.ObjectionOpen):
        issue()
    objections.reject(by=cast.officer, objection=made, answer="已核实，正常经营。", at=AFTER_NOTICE)

    assert isinstance(issue(), Voucher)
    other = Application.objects.get(code=announcement.lines[1]["application"])
    assert issuing.issue(by=cast.officer, application=other, at=AFTER_NOTICE).face_fen == 100_000


def test_upheld_objection_sends_the_application_back_to_two_new_reviews() -> None:
    cast = people.cast()
    asked = people.noticed(cast)
    announcement = asked.notice.announcement
    made = objected(announcement)

    objections.uphold(by=cast.officer, objection=made, answer="情况属实。", at=NOW)
    asked = Application.objects.get(pk=asked.pk)
    assert (asked.status, asked.granted_fen, asked.reviews.count()) == ("submitted", None, 0)
    assert Review.of_all_rounds.filter(application=asked).count() == 2
    assert asked.notice.withdrawn_at == NOW
    with pytest.raises(states.WrongState):
        issuing.issue(by=cast.officer, application=asked, at=AFTER_NOTICE)
    with pytest.raises(objections.WindowClosed):
        objected(announcement, reason="再次提出同样的异议。")

    for by, stage in ((cast.first, "first"), (cast.second, "second")):
        people.claimed(by, asked)
        reviews.decide(by=by, application=asked, stage=stage, outcome="pass", at=NOW)
    again = notices.publish(by=cast.officer, application=asked, at=NOW)
    assert again.announcement != announcement
    assert again.withdrawn_at is None
    objections.uphold(by=cast.officer, objection=made, answer="情况属实。", at=NOW)
    assert Application.objects.get(pk=asked.pk).status == "noticed", "a late second click"


def test_decision_needs_reasons_the_right_and_the_own_bureau() -> None:
    cast = people.cast()
    made = objected(announced(cast))

    with pytest.raises(objections.AnswerMissing):
        objections.reject(by=cast.officer, objection=made, answer=" ", at=NOW)
    for stranger in (accounts.officer(), cast.first, cast.signatory):
        with pytest.raises(Forbidden):
            objections.reject(by=stranger, objection=made, answer="否", at=NOW)
    objections.reject(by=cast.officer, objection=made, answer="否", at=NOW)
    with pytest.raises(states.WrongState):
        objections.uphold(by=cast.officer, objection=made, answer="是", at=NOW)
    assert subject(made).status == "noticed"


def test_database_refuses_a_decision_without_answer_or_person() -> None:
    made = objected(announced(people.cast()))

    for values in (
        {"status": "upheld"},
        {"status": "rejected", "answer": "x"},
        {"decided_at": NOW},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Objection.objects.filter(pk=made.pk).update(**values)


@pytest.mark.django_db(transaction=True)
def test_uphold_against_reject_has_one_winner() -> None:
    cast = people.cast()
    made = objected(announced(cast))

    answers = together(
        [
            partial(decide, by=cast.officer, objection=made, answer="理由", at=NOW)
            for decide in (objections.uphold, objections.reject)
        ]
    )

    assert len([answer for answer in answers if isinstance(answer, Objection)]) == 1
    status = Objection.objects.get().status
    assert subject(made).status == {"upheld": "submitted", "rejected": "noticed"}[status]


def picture() -> bytes:
    out = BytesIO()
    Image.new("RGB", (4, 4)).save(out, "PNG")
    return out.getvalue()


def test_visitor_objects_with_evidence_and_only_the_bureau_sees_it() -> None:
    cast = people.cast()
    announcement = announced(cast)
    url = f"/notices/{announcement.code}/"
    with time_machine.travel(NOW, tick=False):
        shown = page().get(url).content.decode()
        assert f"{url}objection/?application={announcement.lines[0]['application']}" in shown
        form = SAID | {"application": announcement.lines[0]["application"]}
        answer = page().post(
            f"{url}objection/", form | {"file": SimpleUploadedFile("a.png", picture())}, follow=True
        )
        made = Objection.objects.get()
        assert made.code in answer.content.decode()
        assert "王五" not in page().get(url).content.decode()

        inside = page(cast.officer)
        assert made.code in inside.get("/objections/").content.decode()
        detail = inside.get(f"/objections/{made.code}/").content.decode()
        assert "wang@example.com" in detail
        file = inside.get(f"/objections/{made.code}/evidence/")
        assert (file["Content-Type"], file.content) == ("image/png", picture())
        assert file["Content-Disposition"].startswith("attachment")
        decided = inside.post(
            f"/objections/{made.code}/", {"outcome": "uphold", "answer": "属实"}, follow=True
        )
        assert "Upheld" in decided.content.decode()
        assert "Taken down" in page().get(url).content.decode()


def test_faulty_objection_keeps_what_was_typed_and_says_why() -> None:
    announcement = announced(people.cast())
    form = SAID | {"application": announcement.lines[0]["application"]}
    with time_machine.travel(NOW, tick=False):
        file = SimpleUploadedFile("a.pdf", b"MZ not a paper")
        answer = page().post(f"/notices/{announcement.code}/objection/", form | {"file": file})
        short = page().post(f"/notices/{announcement.code}/objection/", form | {"reason": "x"})

    assert (answer.status_code, short.status_code) == (422, 422)
    assert SAID["reason"] in answer.content.decode()
    assert set(answer.context["form"].errors) == {"file"}
    assert set(short.context["form"].errors) == {"reason"}
    assert not Objection.objects.exists()


def test_sixth_objection_of_an_hour_from_one_place_is_refused_and_kept_on_the_page() -> None:
    announcement = announced(people.cast())
    url = f"/notices/{announcement.code}/objection/"
    form = SAID | {"application": announcement.lines[0]["application"]}
    with time_machine.travel(NOW, tick=False):
        answers = [
            page().post(url, form | {"reason": f"第{number}条可核实的理由说明。"})
            for number in range(6)
        ]

    assert [answer.status_code for answer in answers] == [302] * 5 + [422]
    assert "第5条" in answers[5].content.decode()
    assert Objection.objects.count() == 5


def test_closed_notice_says_where_to_write() -> None:
    announcement = announced(people.cast())
    with time_machine.travel(AFTER_NOTICE, tick=False):
        answer = page().get(f"/notices/{announcement.code}/objection/")
        listed = page().get("/notices/").content.decode()

    assert answer.status_code == 409
    assert announcement.scheme.bureau.name in answer.content.decode()
    assert "Ended" in listed


def test_officer_publishes_a_batch_on_pages() -> None:
    cast = people.cast()
    rows = [
        grants.application(plan=cast.scheme, status="approved", granted_fen=100) for _ in range(2)
    ]
    url = f"/notices/new/{cast.scheme.code}/"
    with time_machine.travel(NOW, tick=False):
        client = page(cast.officer)
        assert url in client.get("/notices/new/").content.decode()
        assert rows[1].code in client.get(url).content.decode()
        form = {"applications": [rows[0].code], "title": "第一批公示", "last_day": "2026-10-18"}
        early = client.post(url, form)
        looked = client.post(url, form | {"last_day": "2026-10-20", "do": "preview"})
        untouched = list(Application.objects.filter(status="noticed"))
        back = client.post(url, form | {"last_day": "2026-10-20", "do": "change"})
        done = client.post(url, form | {"last_day": "2026-10-20", "do": "publish"}, follow=True)

    assert (early.status_code, set(early.context["form"].errors)) == (422, {"last_day"})
    assert (looked.status_code, untouched) == (200, [])
    assert looked.context["total_fen"] == 100
    assert "Nothing is published yet" in looked.content.decode()
    assert 'value="2026-10-20"' in looked.content.decode()
    assert 'value="第一批公示"' in back.content.decode()
    assert "第一批公示" in done.content.decode()
    assert list(Application.objects.order_by("pk").values_list("status", flat=True)) == [
        "noticed",
        "approved",
    ]


@pytest.mark.parametrize("count", [1, 3])
def test_lists_cost_the_same_for_one_and_three(
    count: int, django_assert_max_num_queries: object
) -> None:
    cast = people.cast()
    announcement = announced(cast, 1)
    for number in range(count):
        objected(announcement, reason=f"第{number}条可核实的理由说明。")
        announced(cast, 1)
    client = page(cast.officer)
    client.get("/objections/")

    with django_assert_max_num_queries(11):  # type: ignore[operator]
        client.get("/objections/")
    with django_assert_max_num_queries(3):  # type: ignore[operator]
        page().get("/notices/")


def test_api_announces_objects_and_decides() -> None:
    cast = people.cast()
    row = grants.application(plan=cast.scheme, status="approved", granted_fen=100)
    with time_machine.travel(NOW, tick=False):
        body = {"scheme": cast.scheme.code, "applications": [row.code]}
        looked = api(cast.officer).post("/api/v1/announcement-previews/", body).json()
        assert not Announcement.objects.exists()
        made = api(cast.officer).post("/api/v1/announcements/", body).json()
        assert looked == {name: made[name] for name in looked}
        assert api().get("/api/v1/announcements/").json()["results"] == [made]
        receipt = api().post(
            f"/api/v1/announcements/{made['code']}/objections/", SAID | {"application": row.code}
        )
        assert set(receipt.json()) == {"code", "raised_at"}
        [seen] = api(cast.officer).get("/api/v1/objections/").json()["results"]
        decided = api(cast.officer).post(
            f"/api/v1/objections/{seen['code']}/decide/", {"outcome": "reject", "answer": "已核实"}
        )

    assert (receipt.status_code, seen["contact"]) == (201, "wang@example.com")
    assert decided.json()["status"] == "rejected"
