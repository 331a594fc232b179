"""The API of flags, cases, inquiries, samples and the room: the way of an officer, and who is refused."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import Role
from common.periods import local_day
from tests.factories import accounts, audit
from tests.factories.accounts import NOW
from tests.factories.audit import City
from tests.factories.cases import Desk
from tests.factories.refunds import Payback
from tests.vouchers.audit.test_pages import signed_in
from tests.vouchers.audit.test_payment_results import balance
from tests.vouchers.ledger.sql import broken_anywhere
from vouchers.audit.actions import risk_scans, rooms, samples
from vouchers.audit.models import Case, Claim, RiskFlag, RoomView
from vouchers.ledger.kinds import AccountKind

pytestmark = pytest.mark.django_db


def url(name: str, *args: Any) -> str:
    return reverse(f"api-{name}", args=args)


def post(client: Client, name: str, *args: Any, **body: Any) -> Any:
    return client.post(url(name, *args), body, content_type="application/json")


def flagged() -> tuple[City, RiskFlag]:
    city = City()
    city.submitted()
    risk_scans.scan(at=NOW)  # everybody's legal person has one name, so firm and provider are tied
    return city, RiskFlag.objects.order_by("pk")[0]


def test_flags_are_listed_read_and_decided() -> None:
    city, flag = flagged()
    auditor = signed_in(city.auditor)

    [listed] = [
        each
        for each in auditor.get(url("risk-list")).json()["results"]
        if each["code"] == flag.code
    ]
    read = auditor.get(url("risk-read", flag.code)).json()
    missing = post(auditor, "risk-dismiss", flag.code, reason="")
    done = post(auditor, "risk-dismiss", flag.code, reason="同名不同人").json()
    again = post(auditor, "risk-confirm", flag.code, reason="x")

    assert listed == read
    assert (read["voucher"], read["status"]) == (city.voucher.code, "open")
    assert read["words"]
    assert missing.status_code == 400
    assert [(each["code"], each["status"]) for each in done] == [(flag.code, "dismissed")]
    assert again.status_code == 409
    assert signed_in(city.finance).get(url("risk-list")).status_code == 403


def test_case_from_flag_to_second_signature_with_an_answer_between() -> None:
    city, flag = flagged()
    desk = Desk(city=city)
    first, second, provider = (signed_in(each) for each in (desk.first, desk.second, desk.provider))
    with time_machine.travel(NOW, tick=False):
        made = post(first, "case-list", question="九月用量与合同不符", flag=flag.code)
        code = made.json()["code"]
        unknown = post(first, "case-list", question="x", subject="BL-2345-6789/VC-2345-6789")
        neither = post(first, "case-list", question="x")
        taken = post(first, "case-take", code, version=made.json()["version"]).json()
        post(first, "case-note", code, kind="finding", text="内部记录")
        party = city.provider.organization.code
        asked = post(first, "case-ask", code, party=party, text="请说明。", until="2026-11-02")
        [inquiry] = provider.get(url("inquiry-list")).json()["results"]
        answered = post(provider, "inquiry-answer", code, text="计量无误。").json()
        conclusion = desk.concluded(Case.objects.get(code=code))
        signed = [
            post(client, "case-sign", code, content_sha256=conclusion.content_sha256).json()[
                "status"
            ]
            for client in (first, second)
        ]

    assert (made.status_code, unknown.status_code, neither.status_code) == (201, 422, 400)
    assert taken["assignee"] == desk.first.user.name
    assert asked.json()["status"] == "asked"
    assert inquiry["code"] == code
    assert "voucher" not in inquiry
    assert [each["kind"] for each in answered["entries"]] == ["letter", "answer"]
    assert "内部记录" not in str(answered)
    assert signed == ["signed_once", "closed"]
    assert signed_in(desk.firm).get(url("inquiry-read", code)).status_code == 404


def test_sample_is_read_and_its_items_are_judged() -> None:
    city = City()
    sample = audit.sample(city)
    audit.sealed(NOW + timedelta(minutes=1))
    samples.draw(by=city.auditor, sample=sample, at=NOW + timedelta(minutes=2))
    other = signed_in(accounts.member(city.scheme.bureau, Role.AUDITOR))

    [item] = other.get(url("sample-items", sample.code)).json()["results"]
    wrong = {"amount": "1.00", "currency": "CNY"}
    refused = post(other, "sample-find", sample.code, 1, is_wrong=True, wrong=wrong)
    found = post(other, "sample-find", sample.code, 1, is_wrong=True, wrong=wrong, remark="价高")
    read = other.get(url("sample-read", sample.code)).json()

    assert (item["finding"], item["amount"]["amount"]) == ("waiting", "30.00")
    assert refused.json()["code"] == "finding_invalid"
    assert (found.json()["finding"], found.json()["wrong"]) == ("wrong", wrong)
    assert read["status"] == "done"
    assert read["estimate"]["rate"] == 1.0
    assert post(other, "sample-find", sample.code, 9, is_wrong=False).status_code == 404


def test_room_leads_from_any_number_to_the_chain_and_logs_each_look() -> None:
    with time_machine.travel(NOW, tick=False):
        city = City()
        batch = city.paid(3_000)
        auditor = accounts.member(accounts.bureau(), Role.VIEWER)
        officer = accounts.officer(city.scheme.bureau, Role.SCHEME_OFFICER)
        room = rooms.grant(
            by=officer, email=auditor.user.email, purpose="x", last_day=local_day(NOW), at=NOW
        )
        reader = signed_in(auditor)

        told = reader.get(url("room-look", room.code), {"number": batch.code}).json()
        nothing = reader.get(url("room-look", room.code), {"number": "ST-2345-6789"}).json()
        stranger = signed_in(city.officer).get(url("room-look", room.code))

    stations = {each["station"] for each in told["chain"]}
    assert {"application", "voucher", "bill", "redemption", "claim", "settlement"} <= stations
    assert nothing["chain"] == []
    assert stranger.status_code in {403, 404}
    looks = RoomView.objects.filter(room=room).order_by("pk")
    assert [(each.number, each.is_found) for each in looks] == [
        (batch.code, True), ("ST-2345-6789", False),
    ]  # fmt: skip


def test_provider_confirms_a_claim_and_sends_another_back() -> None:
    """30 of the 100 yuan that a firm paid itself become payable with the confirmation, once."""
    payback = Payback()
    provider = signed_in(payback.city.finance)
    sent = payback.sent(10_000)
    strangers = (payback.owner, City().finance, payback.city.auditor)

    closed = [
        post(signed_in(who), f"claim-{verb}", sent.code, finding="x").status_code
        for who in strangers
        for verb in ("confirm", "refuse")
    ]
    wordless = post(provider, "claim-refuse", sent.code, finding=" ")
    back = post(provider, "claim-refuse", sent.code, finding="九月账单尚未付清。")
    hidden = post(provider, "claim-confirm", sent.code)
    payback.send(Claim.objects.get())
    done = post(provider, "claim-confirm", sent.code)
    again = post(provider, "claim-confirm", sent.code)

    assert closed == [404, 404, 404, 404, 403, 403]
    assert wordless.status_code == 422
    assert (back.status_code, back.json()["status"]) == (200, "draft")
    assert hidden.status_code == 404, "a draft is the firm's own"
    assert (done.status_code, done.json()["status"]) == (200, "submitted")
    assert again.status_code == 409
    key = f"{payback.city.scheme.code}/{payback.firm.code}"
    assert balance(AccountKind.ENTERPRISE_PAYABLE, key) == 3_000
    read = signed_in(payback.owner).get(url("claim-read", sent.code)).json()
    assert (read["status"], read["amount"]["amount"]) == ("submitted", "30.00")
    assert broken_anywhere() == []
