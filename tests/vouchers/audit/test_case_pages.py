"""The pages of cases: the officer's queue and case, the second signer, and the parties' own pages."""

from datetime import date

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.access import Actor
from accounts.models import Role
from tests.factories import accounts, files
from tests.factories.accounts import NOW
from tests.factories.cases import Desk
from vouchers.audit.actions import case_entries, cases, claims
from vouchers.audit.models import Case, CaseStatus, Recovery
from vouchers.grants.models import Suspension

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk() -> Desk:
    return Desk()


def signed_in(actor: Actor, *, confirmed: bool = True) -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(actor.user)
    if confirmed:
        session = client.session
        accounts.confirm(session)
        session.save()
    return client


def url(name: str, *values: object) -> str:
    return reverse(f"vouchers:{name}", args=[str(value) for value in values])


def queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as seen:
        assert client.get(address).status_code == 200
    return len(seen)


def test_case_from_hand_to_recovery_on_pages(desk: Desk) -> None:
    """Opened, taken, asked, answered, concluded and signed twice, as people do it."""
    claim = desk.city.submitted()
    claims.pass_claim(by=desk.city.auditor, claim=claim, at=NOW)
    subject = f"{claim.lines.get().bill.code}/{desk.city.voucher.code}"
    first, second, party = (signed_in(each) for each in (desk.first, desk.second, desk.provider))
    seller = desk.city.provider.organization

    with time_machine.travel(NOW, tick=False):
        unknown = first.post(url("case_create"), {"subject": "BL-1/VC-1", "question": "用量"})
        first.post(url("case_create"), {"subject": subject, "question": "九月用量与合同不符"})
        case = Case.objects.get()
        assert "Take the case" in first.get(url("case_detail", case.code)).content.decode()
        first.post(url("case_take", case.code), {"version": "0"})
        stale = second.post(url("case_take", case.code), {"version": "0"})
        first.post(url("case_note", case.code), {"kind": "remark", "text": "供给方另有三起"})
        first.post(
            url("case_ask", case.code),
            {"party": seller.code, "text": "请说明。", "until": "2026-11-02"},
        )
        shown = party.get(url("inquiry_detail", case.code)).content.decode()
        empty = party.post(url("inquiry_answer", case.code), {"text": ""})
        party.post(
            url("inquiry_answer", case.code),
            {"text": "机器故障。", "file": files.upload("日志.pdf")},
        )
        seen = first.get(url("case_detail", case.code)).content.decode()
        wrong = first.post(
            url("case_conclude", case.code),
            {"outcome": "recovery", "text": "追回", "recover_amount": "99"},
        )
        first.post(
            url("case_conclude", case.code),
            {
                "outcome": "recovery", "text": "用量虚报。", "recover_amount": "20.00",
                "debtor": seller.code, "suspended": seller.code, "suspended_until": "2026-12-31",
            },
        )  # fmt: skip
        sha256 = case.conclusions.get().content_sha256
        page = second.get(url("case_sign", case.code)).content.decode()
        for signer in (first, second):
            signer.post(url("case_sign", case.code), {"content_sha256": sha256})
        done = party.get(url("inquiry_detail", case.code)).content.decode()
        claimed = party.get(url("claim_list")).content.decode()
        paper = party.get(url("inquiry_file", case.code, 2))

    case.refresh_from_db()
    assert (unknown.status_code, stale.status_code, empty.status_code) == (422, 409, 422)
    assert wrong.status_code == 422
    assert "请说明。" in shown
    assert "供给方另有三起" not in shown + done
    assert desk.city.voucher.code not in shown + done
    assert "机器故障。" in seen
    assert "日志.pdf" in seen
    assert sha256 in page
    assert case.status == CaseStatus.CLOSED
    assert Recovery.objects.get().clawed_fen == 2_000
    assert Suspension.objects.get().reference == case.code
    assert "is suspended until 2026-12-31" in done
    assert "is suspended until 2026-12-31" in claimed
    assert paper.content.startswith(b"%PDF")


def test_signing_asks_who_it_is_first(desk: Desk) -> None:
    case = desk.case()
    sha256 = desk.concluded(case).content_sha256

    answer = signed_in(desk.first, confirmed=False).post(
        url("case_sign", case.code), {"content_sha256": sha256}
    )

    assert answer.status_code == 302
    assert "reauthenticate" in answer["Location"]
    case.refresh_from_db()
    assert case.status == CaseStatus.OPEN


def test_other_party_and_other_bureau_find_nothing(desk: Desk) -> None:
    case = desk.asked()
    case_entries.attach(by=desk.first, case=case, file=files.upload(), at=NOW)
    firm, provider = signed_in(desk.firm), signed_in(desk.provider)
    abroad = signed_in(accounts.member(accounts.bureau(), Role.AUDITOR))

    assert firm.get(url("inquiry_detail", case.code)).status_code == 404
    assert firm.get(url("inquiry_file", case.code, 1)).status_code == 404
    assert provider.get(url("inquiry_file", case.code, 1)).status_code == 200
    assert provider.get(url("inquiry_file", case.code, 2)).status_code == 404, "the bureau's own"
    assert provider.get(url("case_detail", case.code)).status_code == 403
    assert abroad.get(url("case_detail", case.code)).status_code == 404
    assert case.code not in firm.get(url("inquiry_list")).content.decode()


def test_queue_shows_mine_nobodys_and_overdue(desk: Desk) -> None:
    mine = desk.case()
    free = cases.open_by_hand(
        by=desk.first, subject=f"{desk.city.bill(600).code}/{desk.city.voucher.code}",
        question="价格", at=NOW,
    )  # fmt: skip
    Case.objects.filter(pk=free.pk).update(due_on=date(2026, 10, 9))
    officer = signed_in(desk.first)

    def shown(tab: str) -> set[str]:
        with time_machine.travel(NOW, tick=False):
            page = officer.get(url("case_list"), {"tab": tab}).content.decode()
        return {each.code for each in (mine, free) if each.code in page}

    assert shown("mine") == {mine.code}
    assert shown("team") == {free.code}
    assert shown("overdue") == {free.code}
    assert shown("open") == {mine.code, free.code}
    assert shown("closed") == set()


def test_lists_cost_as_many_queries_for_many_as_for_one(desk: Desk) -> None:
    case = desk.asked()
    officer, party = signed_in(desk.first), signed_in(desk.provider)
    addresses = [
        (officer, url("case_list") + "?tab=open"), (officer, url("case_detail", case.code)),
        (party, url("inquiry_list")), (party, url("inquiry_detail", case.code)),
    ]  # fmt: skip
    for client, address in addresses:
        client.get(address)
    few = [queries(client, address) for client, address in addresses]
    for _number in range(2):
        case_entries.answer(by=desk.provider, case=case, text="补充", at=NOW)
        case_entries.hand_in(by=desk.provider, case=case, file=files.upload(), at=NOW)
        desk.asked()

    assert [queries(client, address) for client, address in addresses] == few
