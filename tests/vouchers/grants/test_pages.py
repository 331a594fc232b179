"""Pages: the journey from the pre-check to the wallet, refusals in words, other people's things hidden."""

from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.access import Actor
from accounts.models import Membership
from tests.factories import accounts, grants
from tests.factories.accounts import NOW
from vouchers.grants.actions import verification
from vouchers.grants.models import Application, Review, Scheme, Voucher

from . import people
from .web import page

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def monday() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def begin(cast: people.Cast) -> Application:
    stated = {"kind": "compute", "planned_spend_fen": "100000"}
    begun = page(cast.preparer).post(f"/schemes/{cast.scheme.code}/apply/", stated)
    asked = Application.objects.latest("pk")
    assert (begun.status_code, begun["Location"]) == (302, f"/applications/{asked.code}/")
    return asked


def write_and_hand_over(cast: people.Cast) -> Application:
    asked = begin(cast)
    client = page(cast.preparer)
    for section, sent, following in (
        ("voucher", {"kind": "compute", "planned_spend_fen": "100000"}, "sections/use/"),
        ("use", {"purpose": "质检"}, "sections/contract/"),
        ("contract", {"contract_state": "planned"}, "evidence/"),
    ):
        saved = client.post(f"/applications/{asked.code}/sections/{section}/", sent)
        assert saved["Location"] == f"/applications/{asked.code}/{following}"
    assert client.post(f"/applications/{asked.code}/check/").status_code == 302
    return Application.objects.get(pk=asked.pk)


def test_journey_from_pre_check_to_wallet() -> None:
    cast = people.cast()
    signatory = page(cast.signatory)
    asked = write_and_hand_over(cast)
    arrived = signatory.post(f"/applications/{asked.code}/submit/", {"declared": "on"}, follow=True)
    assert asked.code in arrived.content.decode()
    for officer, stage, seen in ((cast.first, "first", "0"), (cast.second, "second", "2")):
        page(officer).post(f"/reviews/{asked.code}/claim/", {"seen": seen})
        decided = page(officer).post(f"/reviews/{asked.code}/", {"stage": stage, "outcome": "pass"})
        assert decided.status_code == 302
    issuer = page(cast.officer)
    issuer.post(f"/applications/{asked.code}/notice/")
    assert cast.enterprise.name in page().get("/notices/").content.decode()
    with time_machine.travel(people.AFTER_NOTICE, tick=False):
        page(cast.officer).post(f"/applications/{asked.code}/issue/")
        voucher = Voucher.objects.get()
        wallet = page(cast.signatory).get("/wallet/").content.decode()
        assert voucher.code in wallet
        assert "¥30,000.00" in wallet
        number = verification.number_of(voucher.code).lower()
        verified = page().get(f"/voucher-verification/?code={voucher.code.lower()}&number={number}")
        assert "This voucher is valid" in verified.content.decode()


@pytest.mark.parametrize("amount", ["-5", "NaN", "1e400", "0"])
def test_application_refuses_what_is_no_amount_and_keeps_what_was_typed(amount: str) -> None:
    cast = people.cast()

    answer = page(cast.preparer).post(
        f"/schemes/{cast.scheme.code}/apply/",
        {"kind": "compute", "planned_spend_fen": amount},
    )

    assert answer.status_code == 422
    assert f'value="{amount}"' in answer.content.decode()
    assert not Application.objects.exists()


def test_nothing_is_handed_in_without_the_declaration() -> None:
    cast = people.cast()
    asked = write_and_hand_over(cast)

    answer = page(cast.signatory).post(f"/applications/{asked.code}/submit/", {})

    assert answer.status_code == 422
    assert Application.objects.get().status == "prepared"


def test_approval_by_a_member_of_the_applicant_is_refused_on_the_page() -> None:
    cast = people.cast()
    asked = people.submitted(cast)
    Membership.objects.create(
        user=cast.first.user, organization=cast.enterprise, role="viewer", created_at=NOW
    )
    client = page(cast.first)
    session = client.session
    session["organization_id"] = cast.scheme.bureau_id
    session.save()

    answer = client.post(f"/reviews/{asked.code}/", {"stage": "first", "outcome": "pass"})

    assert answer.status_code == 422
    assert "Another officer must decide" in answer.content.decode()
    assert not Review.objects.exists()


def test_double_click_on_approve_is_one_decision() -> None:
    cast = people.cast()
    asked = people.claimed(cast.first, people.submitted(cast))
    client = page(cast.first)

    answers = [
        client.post(f"/reviews/{asked.code}/", {"stage": "first", "outcome": "pass"})
        for _ in range(2)
    ]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert Review.objects.count() == 1


def test_refusal_without_a_reason_is_shown_at_the_field() -> None:
    cast = people.cast()
    asked = people.claimed(cast.first, people.submitted(cast))

    answer = page(cast.first).post(
        f"/reviews/{asked.code}/", {"stage": "first", "outcome": "refuse", "reason": ""}
    )

    assert answer.status_code == 422
    assert "reason" in answer.context["form"].errors


def test_issue_before_the_end_of_the_notice_is_a_page_with_the_reason() -> None:
    cast = people.cast()
    asked = people.noticed(cast)

    answer = page(cast.officer).post(f"/applications/{asked.code}/issue/")

    assert answer.status_code == 409
    assert "notice_running" in answer.content.decode()
    assert not Voucher.objects.exists()


def test_scheme_is_written_and_published_from_key_numbers() -> None:
    officer = accounts.officer()
    numbers = {
        "name": "庆阳算力券",
        "name_en": "Qingyang compute voucher",
        "slug": "qingyang-2026",
        "voucher_kinds": ["compute"],
        "region": "621000",
        "budget_fen": "10000",
        "opens_on": "2026-01-01",
        "closes_on": "2026-12-31",
        "source": "实施细则",
        "article": "第五条",
        "rate": "30%",
        "minimum_yuan": "5000",
        "firm_year_cap_yuan": "2000000",
        "rounding": "half_up_fen",
        "validity_months": "12",
        "notice_days": "7",
        "settlement_period": "quarterly",
        "sizes": ["small", "micro"],
        "token_only": "on",
    }
    client = page(officer)

    wrong = client.post("/schemes/new/", {**numbers, "rate": "130%", "minimum_yuan": "NaN"})
    client.post("/schemes/new/", numbers)
    scheme = Scheme.objects.get()
    alone = client.post(f"/schemes/{scheme.code}/publish/")
    page(accounts.officer(officer.own())).post(f"/schemes/{scheme.code}/publish/")
    shown = page().get(f"/schemes/{scheme.code}/").content.decode()

    assert wrong.status_code == 422
    assert alone.status_code == 403
    assert set(wrong.context["form"].errors) == {"rate", "minimum_yuan"}
    assert Scheme.objects.get().status == "published"
    for text in ("30%", "¥5,000.00", "¥2,000,000.00", "small, micro", "实施细则, 第五条"):
        assert text in shown


def test_unknown_and_malformed_numbers_look_the_same() -> None:
    grants.voucher()

    answers = {
        page()
        .post("/voucher-verification/", {"code": code, "number": "x"})
        .content.decode()
        .count("No voucher has")
        for code in ("VC-2222-2222", "hello", "' OR 1=1 --", "VC-" + "9" * 30)
    }

    assert answers == {1}


def test_frozen_and_unfrozen_on_pages() -> None:
    cast = people.cast()
    voucher = people.issued(cast)
    client = page(cast.officer)

    silent = client.post(f"/vouchers/{voucher.code}/freeze/", {"reason": ""})
    client.post(f"/vouchers/{voucher.code}/freeze/", {"reason": "核查"})

    assert silent.status_code == 422
    assert Voucher.objects.get().status == "frozen"
    assert "Unfreeze" in client.get(f"/vouchers/{voucher.code}/").content.decode()


@pytest.mark.parametrize(
    "address", ["applications/{0}", "wallet/{1}", "vouchers/{1}", "reviews/{0}"]
)
def test_strangers_get_404_or_403_and_never_the_thing(address: str) -> None:
    cast = people.cast()
    voucher = people.issued(cast)
    url = f"/{address.format(voucher.application.code, voucher.code)}/"
    strangers: list[Actor] = [
        accounts.preparer(),
        accounts.signatory(),
        accounts.officer(),
        accounts.officer(None, "reviewer"),
        accounts.member(accounts.organization("provider"), "operator"),
    ]

    statuses = {page(stranger).get(url).status_code for stranger in strangers}

    assert statuses <= {404, 403}
    assert 404 in statuses
    assert page().get(url).status_code == 302


def test_owner_and_colleague_see_the_application() -> None:
    cast = people.cast()
    asked = people.submitted(cast)
    colleague = accounts.member(cast.enterprise, "viewer")

    for person in (cast.preparer, cast.signatory, colleague, cast.first, cast.officer):
        answer = page(person).get(f"/applications/{asked.code}/")
        assert answer.status_code == 200
        assert cast.scheme.bureau.name in answer.content.decode()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_page_opens_in_both_languages(language: str) -> None:
    cast = people.cast()
    voucher = people.issued(cast)
    waiting = people.submitted(cast)
    code = waiting.code
    visits = [
        (None, ["/schemes/", f"/schemes/{cast.scheme.code}/", "/precheck/", "/notices/", "/"]),
        (None, ["/voucher-verification/"]),
        (cast.preparer, ["/applications/", f"/schemes/{cast.scheme.code}/apply/", "/wallet/", "/"]),
        (cast.preparer, [f"/applications/{code}/", f"/wallet/{voucher.code}/"]),
        (
            cast.signatory,
            [f"/applications/{code}/confirmation/", f"/applications/{code}/withdraw/"],
        ),
        (cast.first, ["/reviews/", "/reviews/?view=all&status=issued", f"/reviews/{code}/", "/"]),
        (cast.officer, ["/issuing/", "/schemes/new/", f"/vouchers/{voucher.code}/", "/"]),
    ]

    for person, urls in visits:
        for url in urls:
            assert page(person, language).get(url).status_code == 200, url


@pytest.mark.parametrize(
    "url", ["/schemes/", "/notices/", "/applications/", "/reviews/?view=all", "/wallet/"]
)
def test_lists_ask_a_constant_number_of_queries(url: str) -> None:
    cast = people.cast(grants.scheme(budget_fen=10**11))
    person = {"/applications/": cast.preparer, "/wallet/": cast.preparer}.get(url)
    client = page(cast.first if "reviews" in url else person)
    counts = []
    for round_number in range(2):
        for _ in range(1 + round_number):
            people.issued(cast)
            people.submitted(cast)
            grants.scheme(cast.scheme.bureau)
        client.get(url)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get(url)
        counts.append(len(queries))

    assert counts[0] == counts[1]
