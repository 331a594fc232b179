"""Supplements: all remarks at once, one at a time, only those fields open, each answered, or lapsed."""

from contextlib import suppress
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction

from accounts.models import Event, Notification
from common.errors import DomainError, Forbidden
from common.states import WrongState
from tests.factories import accounts, files
from tests.factories.accounts import NOW
from vouchers.grants.actions import (
    answers,
    applications,
    evidence,
    lapsing,
    queue,
    reviews,
    supplements,
)
from vouchers.grants.actions.supplements import Answer
from vouchers.grants.models import Application, Remark, Supplement

from . import people
from .web import page

pytestmark = pytest.mark.django_db

DUE = date(2026, 10, 20)
LATE = NOW + timedelta(days=10)
REMARKS = [("purpose", "请写明使用的数据"), ("planned_spend_fen", "金额与报价单不符")]


@pytest.fixture(autouse=True)
def monday() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def ask(cast: people.Cast, asked: Application, **values: Any) -> Supplement:
    given: dict[str, Any] = {"by": cast.first, "remarks": REMARKS, "due_on": DUE, "at": NOW}
    given |= values
    with suppress(
        DomainError
    ):  # who may not claim may not ask either: that is what some tests show
        people.claimed(given["by"], asked, given["at"])
    return supplements.ask(application=asked, **given)


def test_asked_answered_and_back_at_the_review() -> None:
    cast = people.cast()
    asked = people.submitted(cast)
    made = ask(cast, asked)
    assert Application.objects.get().status == "supplement"

    supplements.answer(
        by=cast.signatory,
        supplement=made,
        answers={
            "purpose": Answer("已补充", "质检图片识别，使用产线图片"),
            "planned_spend_fen": Answer("报价单有误，金额不变", 10_000_000),
        },
        at=NOW,
    )

    application = Application.objects.get()
    assert (application.status, application.purpose) == ("submitted", "质检图片识别，使用产线图片")
    assert Supplement.objects.get().status == "answered"
    assert Event.objects.get(verb="supplement_answered").data["changes"] == {
        "purpose": ["质检图片识别", "质检图片识别，使用产线图片"]
    }
    assert set(Notification.objects.values_list("topic", flat=True)) >= {
        "supplement_asked",
        "supplement_answered",
    }


def test_asked_at_the_second_review_goes_back_there() -> None:
    cast = people.cast()
    asked = people.first_passed(cast)
    made = ask(cast, asked, by=cast.second)

    both = {field: Answer("情况属实") for field, _text in REMARKS}
    supplements.answer(by=cast.signatory, supplement=made, answers=both, at=NOW)

    assert Application.objects.get().status == "first_passed"


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({"remarks": []}, {"remarks"}),
        ({"remarks": [("granted_fen", "x")]}, {"granted_fen"}),
        ({"remarks": [("purpose", " ")]}, {"purpose"}),
        ({"remarks": [("purpose", "长" * 1001)]}, {"purpose"}),
        ({"remarks": [("purpose", "x"), ("purpose", "y")]}, {"purpose"}),
        ({"due_on": date(2026, 10, 12)}, {"due_on"}),
        ({"due_on": date(2027, 10, 12)}, {"due_on"}),
    ],
)
def test_remarks_that_cannot_stand(values: dict[str, Any], fields: set[str]) -> None:
    cast = people.cast()
    asked = people.submitted(cast)

    with pytest.raises(supplements.RemarksInvalid) as refused:
        ask(cast, asked, **values)

    assert set(refused.value.errors) == fields
    assert Application.objects.get().status == "submitted"


def test_double_click_asks_once_and_another_officer_waits() -> None:
    cast = people.cast()
    asked = people.submitted(cast)

    assert ask(cast, asked) == ask(cast, asked)
    with pytest.raises(supplements.SupplementOpen):
        ask(cast, asked, by=cast.second)
    with pytest.raises(supplements.SupplementOpen):
        ask(cast, asked, remarks=[("purpose", "其他")])

    assert Remark.objects.count() == 2


def test_database_refuses_a_second_open_one() -> None:
    cast = people.cast()
    made = ask(cast, people.submitted(cast))

    with pytest.raises(IntegrityError, match="vouchers_supplement_one_open"), transaction.atomic():
        Supplement.objects.create(
            application=made.application, stage="first", asked_at=NOW, asked_by=cast.first.user,
            due_at=LATE,
        )  # fmt: skip


def test_only_officers_of_the_bureau_who_may_decide_ask() -> None:
    cast = people.cast()
    asked = people.submitted(cast)
    accounts.member(cast.enterprise, "viewer", person_key="k" * 64)
    related = accounts.member(cast.scheme.bureau, "reviewer", person_key="k" * 64)

    for stranger in (cast.signatory, accounts.officer(None, "reviewer"), cast.officer, related):
        with pytest.raises(Forbidden):
            ask(cast, asked, by=stranger)

    assert not Supplement.objects.exists()


def test_nothing_is_decided_while_it_is_open() -> None:
    cast = people.cast()
    asked = people.submitted(cast)
    ask(cast, asked)

    with pytest.raises(WrongState):
        reviews.decide(by=cast.second, application=asked, stage="first", outcome="pass", at=NOW)


def test_each_remark_is_answered_and_no_other_field_is_open() -> None:
    cast = people.cast()
    made = ask(cast, people.submitted(cast))

    with pytest.raises(supplements.AnswersMissing) as refused:
        supplements.answer(
            by=cast.signatory, supplement=made, answers={"purpose": Answer("是")}, at=NOW
        )
    assert set(refused.value.errors) == {"planned_spend_fen"}
    with pytest.raises(supplements.FieldClosed):
        supplements.save(
            by=cast.preparer, supplement=made, answers={"kind": Answer("", "storage")}, at=NOW
        )
    with pytest.raises(answers.ApplicationInvalid):
        supplements.save(
            by=cast.preparer, supplement=made, answers={"planned_spend_fen": Answer("", -1)}, at=NOW
        )

    assert Application.objects.get().status == "supplement"


def test_preparer_saves_and_signatory_hands_in_once() -> None:
    cast = people.cast()
    made = ask(cast, people.submitted(cast))
    both = {field: Answer("情况属实") for field, _text in REMARKS}

    supplements.save(by=cast.preparer, supplement=made, answers=both, at=NOW)
    with pytest.raises(Forbidden):
        supplements.answer(by=cast.preparer, supplement=made, at=NOW)
    first = supplements.answer(by=cast.signatory, supplement=made, at=NOW)
    again = supplements.answer(by=cast.signatory, supplement=made, at=NOW + timedelta(hours=1))

    assert first == again
    assert Supplement.objects.get().answered_at == NOW


def test_file_answers_a_remark_on_evidence_and_only_that_kind_is_open() -> None:
    cast = people.cast()
    asked = people.submitted(cast)
    made = ask(cast, asked, remarks=[("evidence_contract", "合同缺少盖章页")])

    with pytest.raises(supplements.AnswersMissing):
        supplements.answer(by=cast.signatory, supplement=made, at=NOW)
    with pytest.raises(WrongState):
        evidence.add(by=cast.preparer, application=asked, kind="plan", file=files.upload(), at=NOW)
    evidence.add(by=cast.preparer, application=asked, kind="contract", file=files.upload(), at=NOW)
    supplements.answer(by=cast.signatory, supplement=made, at=NOW)

    assert Application.objects.get().status == "submitted"


def test_lapses_after_the_last_day_and_not_before() -> None:
    cast = people.cast()
    made = ask(cast, people.submitted(cast))

    assert lapsing.lapse_due(at=made.due_at - timedelta(seconds=1)) == 0
    assert lapsing.lapse_due(at=made.due_at) == 1
    assert lapsing.lapse_due(at=made.due_at) == 0

    assert Application.objects.get().status == "rejected"
    assert Supplement.objects.get().status == "lapsed"
    assert Notification.objects.filter(topic="application_refused").count() == 2


def test_answer_after_the_last_day_is_refused() -> None:
    cast = people.cast()
    made = ask(cast, people.submitted(cast))
    both = {field: Answer("情况属实") for field, _text in REMARKS}

    with pytest.raises(WrongState):
        supplements.answer(by=cast.signatory, supplement=made, answers=both, at=LATE)


def test_withdrawing_ends_the_supplement() -> None:
    cast = people.cast()
    asked = people.submitted(cast)
    ask(cast, asked)

    applications.withdraw(by=cast.signatory, application=asked, at=NOW)

    assert Supplement.objects.get().status == "dropped"
    assert lapsing.lapse_due(at=LATE) == 0


def test_page_keeps_what_was_typed_saves_and_hands_in() -> None:
    cast = people.cast()
    asked = people.submitted(cast)
    ask(cast, asked)
    url = f"/applications/{asked.code}/supplement/"
    sent = {
        "value-purpose": "质检，使用产线图片",
        "words-purpose": "",
        "value-planned_spend_fen": "一万",
        "words-planned_spend_fen": "",
    }

    shown = page(cast.preparer).get(url).content.decode()
    wrong = page(cast.signatory).post(url, sent)
    saved = page(cast.preparer).post(
        url, {**sent, "value-planned_spend_fen": "90000", "later": "1"}
    )
    handed = page(cast.signatory).post(
        url, {**sent, "value-planned_spend_fen": "90000", "words-purpose": "已补充"}
    )

    assert "请写明使用的数据" in shown
    assert "8 days left" in shown
    assert wrong.status_code == 422
    assert 'value="一万"' in wrong.content.decode()
    assert (saved.status_code, handed.status_code) == (302, 302)
    application = Application.objects.get()
    assert (application.status, application.planned_spend_fen) == ("submitted", 9_000_000)


def test_strangers_find_no_supplement() -> None:
    cast = people.cast()
    asked = people.submitted(cast)
    ask(cast, asked)
    url = f"/applications/{asked.code}/supplement/"

    for stranger in (accounts.preparer(), cast.first, accounts.officer()):
        assert page(stranger).get(url).status_code == 404


def test_only_the_officer_who_claimed_the_application_asks() -> None:
    cast = people.cast()
    asked = people.submitted(cast)
    given: dict[str, Any] = {"remarks": REMARKS, "due_on": DUE, "at": NOW}

    with pytest.raises(queue.NotClaimed):
        supplements.ask(by=cast.first, application=asked, **given)
    people.claimed(cast.second, asked)
    with pytest.raises(queue.ClaimedByAnother):
        supplements.ask(by=cast.first, application=asked, **given)
    made = supplements.ask(by=cast.second, application=asked, **given)

    assert made.status == "open"
    assert queue.of(application=asked).claimed_by is None
