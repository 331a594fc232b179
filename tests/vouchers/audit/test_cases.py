"""Cases: opened, worked on by one officer at a time, and never showing one party what another said."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.models import Membership, Notification, Role
from common import attachments
from common.errors import Forbidden
from common.states import WrongState
from tests.factories import accounts, audit, files
from tests.factories.accounts import NOW
from tests.factories.cases import Desk
from vouchers.audit.actions import case_entries, cases, risk_scans, sample_findings, samples
from vouchers.audit.actions.relations import Related
from vouchers.audit.models import Case, CaseEntry, CaseStatus, EntryKind, RiskFlag

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk() -> Desk:
    return Desk()


def entries(case: Case, actor: Any) -> list[str]:
    rows = CaseEntry.objects.filter(case=case).shown_to(actor).order_by("number")
    return list(rows.values_list("kind", flat=True))


def test_case_is_opened_from_a_flag_once_at_a_time(desk: Desk) -> None:
    desk.city.submitted()  # firm and provider have one legal person, which flags the redemption
    risk_scans.scan(at=NOW)
    flag = RiskFlag.objects.get(rule="related_parties")

    made = cases.open_from_flag(by=desk.first, flag=flag, question=" 是否 关联 ", at=NOW)
    with pytest.raises(cases.CaseOpenAlready) as again:
        cases.open_from_flag(by=desk.second, flag=flag, question="重复", at=NOW)

    assert (made.bill_id, made.voucher_id, made.question) == (
        flag.bill_id, flag.voucher_id, "是否 关联",
    )  # fmt: skip
    assert made.due_on == date(2026, 11, 9), "twenty working days after 12 October"
    assert again.value.existing == made.code
    assert {each.pk for each in made.parties()} == {
        desk.city.voucher.enterprise_id, desk.city.provider.organization_id,
    }  # fmt: skip


def test_case_is_opened_from_a_wrong_item_of_a_sample(desk: Desk) -> None:
    sample = audit.sample(desk.city)
    audit.sealed(NOW + timedelta(minutes=1))
    samples.draw(by=desk.first, sample=sample, at=NOW + timedelta(minutes=2))
    item = sample.items.get(position=1)

    with pytest.raises(cases.CaseInvalid):
        cases.open_from_item(by=desk.first, item=item, question="看看", at=NOW)
    sample_findings.find(
        by=desk.first, sample=sample, position=1, is_wrong=True, wrong_fen=100, remark="多报",
        at=NOW,
    )  # fmt: skip
    made = cases.open_from_item(by=desk.first, item=item, question="多报一元", at=NOW)

    assert (made.source, made.sample_item, made.bill_id) == ("sample", item, item.bill_id)


def test_case_by_hand_needs_something_of_the_own_schemes(desk: Desk) -> None:
    bill = desk.city.bill()
    stranger = accounts.member(accounts.bureau(), Role.AUDITOR)
    redemption = f"{bill.code}/{desk.city.voucher.code}"

    for by, subject in (
        (stranger, redemption),
        (stranger, desk.city.provider.organization.code),
        (desk.first, "BL-2222-2222/VC-2222-2222"),
        (desk.first, accounts.organization().code),
    ):
        with pytest.raises(cases.NoSuchSubject):
            cases.open_by_hand(by=by, subject=subject, question="看看", at=NOW)
    desk.city.submitted()
    about = cases.open_by_hand(
        by=desk.first, subject=desk.city.provider.organization.code.lower(), question="资质", at=NOW
    )

    assert about.organization == desk.city.provider.organization
    assert not Case.objects.visible_to(stranger).exists()


def test_one_officer_at_a_time_works_on_a_case(desk: Desk) -> None:
    made = desk.case()
    seen = made.version

    with pytest.raises(cases.TakenByAnother):
        cases.take(by=desk.second, case=made, version=seen - 1, at=NOW)
    assert cases.take(by=desk.first, case=made, version=0, at=NOW).version == seen
    with pytest.raises(cases.TakenByAnother):
        case_entries.note(by=desk.second, case=made, kind="remark", text="我来", at=NOW)
    given = cases.hand_over(by=desk.first, case=made, to=desk.second.user, version=seen, at=NOW)
    case_entries.note(by=desk.second, case=made, kind="finding", text="电表读数不符", at=NOW)

    assert (given.assignee, given.version) == (desk.second.user, seen + 1)
    with pytest.raises(cases.CaseInvalid):
        cases.hand_over(by=desk.second, case=made, to=desk.firm.user, version=given.version, at=NOW)


def test_who_belongs_to_a_party_keeps_out(desk: Desk) -> None:
    made = desk.case()
    Membership.objects.create(
        user=desk.second.user, organization=desk.city.provider.organization, role=Role.OPERATOR,
        created_at=NOW,
    )  # fmt: skip

    with pytest.raises(Related):
        cases.take(by=desk.second, case=made, version=made.version, at=NOW)


def test_party_sees_its_own_letters_and_answers_alone(desk: Desk) -> None:
    made = desk.asked()
    firm = desk.city.voucher.enterprise
    case_entries.note(by=desk.first, case=made, kind="remark", text="供给方另有三起", at=NOW)
    with pytest.raises(case_entries.NotAsked):
        case_entries.answer(by=desk.firm, case=made, text="我们也要看", at=NOW)

    case_entries.answer(by=desk.provider, case=made, text="机器故障，重复计量。", at=NOW)
    case_entries.hand_in(by=desk.provider, case=made, file=files.upload("日志.pdf"), at=NOW)
    case_entries.ask(
        by=desk.first, case=made, party=firm, text="请说明用途。", until=date(2026, 11, 2), at=NOW
    )
    case_entries.answer(by=desk.firm, case=made, text="用于训练。", at=NOW)

    assert entries(made, desk.provider) == ["letter", "answer", "evidence"]
    assert entries(made, desk.firm) == ["letter", "answer"]
    assert len(entries(made, desk.first)) == 6
    assert Case.objects.told_to(desk.firm).get() == made
    assert not Case.objects.told_to(accounts.signatory()).exists()
    told = Notification.objects.filter(topic="case_letter").values_list("user", "organization")
    assert {(desk.provider.user.pk, desk.provider.own().pk), (desk.firm.user.pk, firm.pk)} <= set(
        told
    )
    assert {organization for _user, organization in told} == {desk.provider.own().pk, firm.pk}


def test_letter_says_what_is_asked_in_both_languages(desk: Desk) -> None:
    made = desk.asked()

    letter = made.entries.get(kind=EntryKind.LETTER).letter

    assert made.status == CaseStatus.ASKED
    assert letter.answer_by == date(2026, 11, 2)
    assert made.code in letter.subject_zh
    assert "2026年11月2日" in letter.body_zh
    assert "请说明九月用量。" in letter.body_zh
    assert "2026-11-02" in letter.body_en
    assert desk.city.provider.organization.name in letter.body_en
    assert desk.city.voucher.code not in letter.body_zh + letter.body_en


def test_answer_brings_the_case_back_and_the_same_file_is_kept_once(desk: Desk) -> None:
    made = desk.asked()

    case_entries.answer(by=desk.provider, case=made, text="故障", at=NOW)
    first = case_entries.hand_in(by=desk.provider, case=made, file=files.upload(), at=NOW)
    again = case_entries.hand_in(by=desk.provider, case=made, file=files.upload(), at=NOW)

    made.refresh_from_db()
    assert made.status == CaseStatus.OPEN
    assert first == again
    with pytest.raises(attachments.FileRefused):
        case_entries.hand_in(
            by=desk.provider, case=made, file=audit.invoice(b"MZ\x90", "a.pdf"), at=NOW
        )


def test_entries_and_subject_cannot_be_changed(desk: Desk) -> None:
    made = desk.asked()
    case_entries.note(by=desk.first, case=made, kind="remark", text="原文", at=NOW)

    for change in (
        lambda: CaseEntry.objects.update(text="改"),
        lambda: CaseEntry.objects.filter(kind="remark").delete(),
        lambda: Case.objects.update(question="改"),
    ):
        with pytest.raises(Exception, match="pgtrigger"), transaction.atomic():
            change()
    with pytest.raises(IntegrityError, match="vouchers_case_closing"), transaction.atomic():
        Case.objects.filter(pk=made.pk).update(status="closed")


def test_plan_is_for_later_days_and_the_version_that_was_seen(desk: Desk) -> None:
    made = desk.case()

    planned = cases.plan(
        by=desk.first, case=made, due_on=date(2026, 10, 20), version=made.version, at=NOW
    )

    assert planned.due_on == date(2026, 10, 20)
    with pytest.raises(cases.TakenByAnother):
        cases.plan(
            by=desk.first, case=made, due_on=date(2026, 10, 21), version=made.version - 1, at=NOW
        )
    with pytest.raises(cases.CaseInvalid):
        cases.plan(
            by=desk.first, case=made, due_on=date(2026, 10, 1), version=planned.version, at=NOW
        )
    with pytest.raises(Forbidden):
        cases.plan(
            by=desk.firm, case=made, due_on=date(2026, 10, 21), version=planned.version, at=NOW
        )


def test_closed_case_takes_nothing_more(desk: Desk) -> None:
    made = desk.asked()
    desk.signed(made, desk.concluded(made))

    with pytest.raises(WrongState):
        case_entries.answer(by=desk.provider, case=made, text="补充", at=NOW)
    with pytest.raises(WrongState):
        case_entries.note(by=desk.first, case=made, kind="remark", text="补充", at=NOW)
    assert made.status == CaseStatus.CLOSED
    assert made.entries.get(number=2).letter.kind == "case_closed"
