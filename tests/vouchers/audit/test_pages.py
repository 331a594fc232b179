"""The wing's pages: who sees what, what is refused, how many queries; the way through HTTP."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.access import Actor
from accounts.models import Role
from tests.factories import accounts, audit, billing
from tests.factories.audit import City
from vouchers.audit.actions import evidence
from vouchers.audit.models import Claim, ClaimStatus, Settlement, SettlementStatus
from vouchers.audit.rules.masking import masked

pytestmark = pytest.mark.django_db


@pytest.fixture
def city() -> City:
    return City()


def signed_in(actor: Actor, *, confirmed: bool = True) -> Client:
    """A browser in which the person acts for the organization; it speaks English, and just said again who it is."""
    client = Client(headers={"accept-language": "en"})
    client.force_login(actor.user)
    session = client.session
    if actor.organization is not None:
        session["organization_id"] = actor.organization.pk
    if confirmed:
        accounts.confirm(session)
    session.save()
    return client


def url(name: str, *args: str) -> str:
    return reverse(f"vouchers:{name}", args=args)


def invoice(**changes: Any) -> dict[str, Any]:
    return {
        "invoice_number": "24312000000012345678",
        "invoice_amount": "30.00",
        "invoice_file": audit.invoice(),
        **changes,
    }


def test_the_way_from_bills_to_payment(city: City) -> None:
    bill = city.bill(3_000)
    finance, auditor = signed_in(city.finance), signed_in(city.auditor)
    first, second = signed_in(city.officer), signed_in(city.second)

    listed = finance.get(url("claim_list"))
    assert "¥30.00" in listed.content.decode()
    answer = finance.post(url("claim_prefill"), {"month": "2026-09-01"})
    claim = Claim.objects.get()
    assert answer["Location"] == url("claim_detail", claim.code)
    page = finance.get(answer["Location"]).content.decode()
    assert bill.code in page
    assert masked(city.voucher.code) in page
    assert city.voucher.code not in page
    answer = finance.post(url("claim_submit", claim.code), invoice())
    assert answer.status_code == 302

    queue = auditor.get(url("audit_list")).content.decode()
    assert claim.code in queue
    beside = auditor.get(url("audit_detail", claim.code)).content.decode()
    for proof in (bill.code, city.voucher.code, str(claim.lines.get().transfer_id), "3/10"):
        assert proof in beside
    answer = auditor.post(url("audit_decide", claim.code), {"outcome": "pass"})
    assert answer["Location"] == url("audit_list")

    preview = first.get(url("settlement_create", city.scheme.code))
    shown = preview.context["batch"].sha256
    first.post(url("settlement_create", city.scheme.code), {"preview_sha256": shown})
    batch = Settlement.objects.get()
    for signer in (first, second):
        page = signer.get(url("settlement_sign", batch.code)).content.decode()
        assert batch.content_sha256 in page
        signer.post(url("settlement_sign", batch.code), {"content_sha256": batch.content_sha256})
    file = first.get(url("settlement_file", batch.code))
    assert file["Content-Disposition"].startswith("attachment")
    assert b"30.00" in file.content
    assert first.post(url("settlement_pay", batch.code)).status_code == 302
    assert first.post(url("settlement_pay", batch.code)).status_code == 302

    batch.refresh_from_db()
    assert batch.status == SettlementStatus.PAID
    claim.refresh_from_db()
    assert claim.status == ClaimStatus.PAID
    paid = finance.get(url("settlement_list")).content.decode()
    assert "¥30.00" in paid
    assert batch.code in finance.get(url("claim_detail", claim.code)).content.decode()


def test_returned_claim_shows_the_finding_and_comes_back(city: City) -> None:
    claim = city.submitted()
    auditor, finance = signed_in(city.auditor), signed_in(city.finance)

    empty = auditor.post(url("audit_decide", claim.code), {"outcome": "return"})
    assert empty.status_code == 422
    auditor.post(
        url("audit_decide", claim.code),
        {"outcome": "return", "phrases": ["number"], "finding": "请核对第3行"},
    )
    page = finance.get(url("claim_detail", claim.code)).content.decode()
    again = finance.post(
        url("claim_submit", claim.code),
        {"invoice_number": "24312000000099999999", "invoice_amount": "30"},
    )

    assert "请核对第3行" in page
    assert "differs from the invoice file" in page
    assert again.status_code == 302
    claim.refresh_from_db()
    assert claim.status == ClaimStatus.SUBMITTED


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"invoice_amount": "NaN"}, "Enter an amount in yuan"),
        ({"invoice_amount": "-30"}, "Enter an amount in yuan"),
        ({"invoice_amount": "1e9"}, "Enter an amount in yuan"),
        ({"invoice_amount": "30.001"}, "Enter an amount in yuan"),
        ({"invoice_amount": "29.99"}, "smaller than the claim"),
        ({"invoice_number": "1"}, "as printed"),
        ({"invoice_file": audit.invoice(b"", "a.pdf")}, "The file is empty"),
        ({"invoice_file": audit.invoice(b"<svg>", "a.pdf")}, "Only a PDF, OFD, PNG or JPEG"),
        ({"invoice_file": ""}, "required"),
    ],
)
def test_bad_invoices_are_refused_at_their_field(
    city: City, changes: dict[str, Any], words: str
) -> None:
    claim = city.draft()

    answer = signed_in(city.finance).post(url("claim_submit", claim.code), invoice(**changes))

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "data-error-summary" in page
    assert words in page
    if "invoice_number" not in changes:
        assert "24312000000012345678" in page
    claim.refresh_from_db()
    assert claim.status == ClaimStatus.DRAFT


def test_submitting_twice_is_refused_in_words(city: City) -> None:
    claim = city.draft()
    finance = signed_in(city.finance)
    finance.post(url("claim_submit", claim.code), invoice())

    again = finance.post(url("claim_submit", claim.code), invoice())

    assert again.status_code == 422
    assert "not possible any more" in again.content.decode()


def test_signing_twice_is_refused_in_words(city: City) -> None:
    batch = city.settlement()
    officer = signed_in(city.officer)
    officer.post(url("settlement_sign", batch.code), {"content_sha256": batch.content_sha256})

    again = officer.post(
        url("settlement_sign", batch.code), {"content_sha256": batch.content_sha256}
    )

    assert again.status_code == 403
    assert "You have signed already" in again.content.decode()


def pages(city: City) -> dict[str, tuple[str, str]]:
    """Every page with who may see it: provider, auditor, officer, bureau or both."""
    batch = city.settlement()
    claim = batch.claims.get()
    return {
        "claim_list": ("provider", url("claim_list")),
        "claim_detail": ("provider", url("claim_detail", claim.code)),
        "claim_invoice": ("provider", url("claim_invoice", claim.code)),
        "audit_list": ("auditor", url("audit_list")),
        "audit_detail": ("auditor", url("audit_detail", claim.code)),
        "audit_invoice": ("auditor", url("audit_invoice", claim.code)),
        "settlement_list": ("all", url("settlement_list")),
        "settlement_detail": ("all", url("settlement_detail", batch.code)),
        "settlement_create": ("officer", url("settlement_create", city.scheme.code)),
        "settlement_sign": ("officer", url("settlement_sign", batch.code)),
        "settlement_pay": ("officer", url("settlement_pay", batch.code)),
        "settlement_results": ("officer", url("settlement_results", batch.code)),
        "operations": ("bureau", url("operations")),
    }


MAY = {
    "provider": {"finance"},
    "auditor": {"auditor"},
    "officer": {"officer"},
    "bureau": {"auditor", "officer"},
    "all": {"finance", "auditor", "officer"},
}


FIRMS = {"claim_list": 200, "settlement_list": 200, "payee_account": 200}


def test_each_page_is_for_its_role_only(city: City) -> None:
    people = {
        "finance": city.finance,
        "colleague": accounts.member(city.provider.organization, Role.OPERATOR),
        "auditor": city.auditor,
        "officer": city.officer,
        "viewer": accounts.member(city.scheme.bureau, Role.VIEWER),
        "enterprise": accounts.signatory(city.voucher.enterprise),
    }

    for name, (group, address) in pages(city).items():
        for who, actor in people.items():
            expected = 200 if who in MAY[group] else 403
            if who == "enterprise" and group in {"provider", "all"}:
                expected = FIRMS.get(
                    name, 404
                )  # it claims too, where a scheme pays back; here it did not
            assert signed_in(actor).get(address).status_code == expected, (name, who)
        assert Client().get(address).status_code == 302, name


def test_other_tenants_find_nothing(city: City) -> None:
    elsewhere = City()
    strangers = {
        "provider": elsewhere.finance,
        "auditor": elsewhere.auditor,
        "officer": elsewhere.officer,
        "all": elsewhere.officer,
    }

    for name, (group, address) in pages(city).items():
        if name.endswith("_list") or name == "operations":
            continue
        assert signed_in(strangers[group]).get(address).status_code == 404, name


def test_a_provider_sees_only_its_own_payment(city: City) -> None:
    other = audit.other_provider(city)
    other.passed(99_900)
    batch = city.settlement(3_000)

    page = signed_in(city.finance).get(url("settlement_detail", batch.code)).content.decode()

    assert "¥30.00" in page
    assert "¥999.00" not in page
    assert "¥1,029.00" not in page
    assert other.provider.organization.name not in page


def test_invoice_files_are_attachments_for_those_entitled(city: City) -> None:
    claim = city.submitted()
    mine = signed_in(city.finance).get(url("claim_invoice", claim.code))
    theirs = signed_in(city.auditor).get(url("audit_invoice", claim.code))

    for answer in (mine, theirs):
        assert answer.content == audit.PDF
        assert answer["Content-Disposition"].startswith("attachment")
        assert answer["X-Content-Type-Options"] == "nosniff"
    assert (
        signed_in(audit.other_provider(city).finance)
        .get(url("claim_invoice", claim.code))
        .status_code
        == 404
    )


def count(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


@pytest.mark.parametrize(
    ("who", "name", "grow"),
    [
        ("finance", "claim_list", "submitted"),
        ("auditor", "audit_list", "submitted"),
        ("officer", "settlement_list", "settlement"),
        ("finance", "settlement_list", "settlement"),
    ],
)
def test_lists_take_as_many_queries_for_three_rows_as_for_one(
    city: City, who: str, name: str, grow: str
) -> None:
    client = signed_in(getattr(city, who))
    more: Callable[[], object] = getattr(city, grow)
    more()
    one = count(client, url(name))

    more()
    more()

    assert count(client, url(name)) == one


def test_claim_pages_take_as_many_queries_for_three_bills_as_for_one(city: City) -> None:
    claim = city.submitted()
    finance, auditor = signed_in(city.finance), signed_in(city.auditor)
    one = (
        count(finance, url("claim_detail", claim.code)),
        count(auditor, url("audit_detail", claim.code)),
    )
    other = City()
    for _number in range(2):
        other.bill(3_000)
    bigger = other.submitted(3_000)
    assert evidence.bills_of(bigger).count() == 3

    three = (
        count(signed_in(other.finance), url("claim_detail", bigger.code)),
        count(signed_in(other.auditor), url("audit_detail", bigger.code)),
    )

    assert three == one


def test_evidence_of_another_bill_can_be_chosen(city: City) -> None:
    billing.used_bill(city.provider, city.voucher, 6_000)
    claim = city.submitted(3_000)
    auditor = signed_in(city.auditor)
    first, second = evidence.bills_of(claim)

    page = auditor.get(url("audit_detail", claim.code), {"bill": second.code})

    assert page.context["evidence"].bill == second
    assert auditor.get(url("audit_detail", claim.code)).context["evidence"].bill == first
