"""The wing's API: shapes, keys, refusals as problem documents, one effect for one key."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Role
from tests.factories import accounts, audit
from tests.factories.audit import City
from tests.vouchers.audit.test_pages import signed_in
from vouchers.audit.actions import checks
from vouchers.audit.models import ClaimStatus
from vouchers.audit.rules.masking import masked
from vouchers.ledger.models import Transfer

pytestmark = pytest.mark.django_db


@pytest.fixture
def city() -> City:
    return City()


def url(name: str, *args: str) -> str:
    return reverse(f"api-{name}", args=args)


def post(client: Client, address: str, body: Any = None, key: str = "") -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    return client.post(address, body or {}, content_type="application/json", headers=headers)


def test_the_way_from_bills_to_payment(city: City) -> None:
    city.bill(3_000)
    finance, auditor = signed_in(city.finance), signed_in(city.auditor)
    first, second = signed_in(city.officer), signed_in(city.second)

    [claim] = post(finance, url("claim-prefill"), {"month": "2026-09"}).json()
    code = claim["code"]
    assert claim["amount"] == {"amount": "30.00", "currency": "CNY"}
    sent = finance.post(
        url("claim-submit", code),
        {
            "invoice_number": "24312000000012345678",
            "invoice_amount": "30.00",
            "invoice_file": audit.invoice(),
        },
    )
    assert sent.json()["status"] == "submitted"
    [mine] = finance.get(url("claim-lines", code)).json()["results"]
    [theirs] = auditor.get(url("audit-lines", code)).json()["results"]
    assert (mine["voucher"], theirs["voucher"]) == (masked(city.voucher.code), city.voucher.code)
    assert post(auditor, url("audit-pass", code)).json()["status"] == "passed"
    made = post(first, url("settlement-list"), {"scheme": city.scheme.code}, "create-1")
    assert made.status_code == 201
    batch = made.json()
    for signer in (first, second):
        signed = post(
            signer,
            url("settlement-sign", batch["code"]),
            {"content_sha256": batch["content_sha256"]},
        )
        assert signed.status_code == 200
    file = first.get(url("settlement-file", batch["code"]))
    assert file.content.startswith(b"\xef\xbb\xbf")
    paid = post(first, url("settlement-pay", batch["code"]), key="pay-1")
    again = post(first, url("settlement-pay", batch["code"]), key="pay-1")

    assert paid.json()["status"] == "paid"
    assert again.json() == paid.json()
    assert Transfer.objects.filter(reference=batch["code"]).count() == 1
    [payment] = finance.get(url("payment-list")).json()["results"]
    assert payment["amount"] == {"amount": "30.00", "currency": "CNY"}


def test_paying_needs_an_idempotency_key(city: City) -> None:
    batch = city.signed()

    answer = post(signed_in(city.officer), url("settlement-pay", batch.code))

    assert answer.status_code == 400
    assert answer.json()["code"] == "idempotency_key_missing"
    batch.refresh_from_db()
    assert batch.status == "signed"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"invoice_amount": "NaN"}, 422, "invalid_amount"),
        ({"invoice_amount": "-1.00"}, 422, "invalid_amount"),
        ({"invoice_amount": "29.99"}, 422, "invoice_refused"),
        ({"invoice_number": ""}, 400, "invalid"),
        ({"invoice_number": "1"}, 422, "invoice_refused"),
        ({"invoice_file": audit.invoice(b"", "a.pdf")}, 422, "invoice_refused"),
    ],
)
def test_bad_invoices_are_problem_documents(
    city: City, body: dict[str, Any], status: int, code: str
) -> None:
    claim = city.draft()
    good = {
        "invoice_number": "24312000000012345678",
        "invoice_amount": "30.00",
        "invoice_file": audit.invoice(),
    }

    answer = signed_in(city.finance).post(url("claim-submit", claim.code), {**good, **body})

    assert answer.status_code == status
    assert answer["Content-Type"].startswith("application/problem+json")
    assert answer.json()["code"] == code
    claim.refresh_from_db()
    assert claim.status == ClaimStatus.DRAFT


def test_a_return_without_words_points_at_the_field(city: City) -> None:
    claim = city.submitted()

    answer = post(signed_in(city.auditor), url("audit-return", claim.code))

    assert answer.status_code == 422
    assert answer.json()["code"] == "finding_missing"
    assert "/finding" in answer.json()["errors"]


def test_a_wrong_hash_is_a_conflict(city: City) -> None:
    batch = city.settlement()

    answer = post(
        signed_in(city.officer), url("settlement-sign", batch.code), {"content_sha256": "0" * 64}
    )

    assert (answer.status_code, answer.json()["code"]) == (409, "wrong_content")


def reads(city: City) -> dict[str, tuple[set[str], str]]:
    batch = city.settlement()
    code = batch.claims.get().code
    return {
        "claims": ({"finance"}, url("claim-list")),
        "claim": ({"finance"}, url("claim-read", code)),
        "claim lines": ({"finance"}, url("claim-lines", code)),
        "audits": ({"auditor"}, url("audit-list")),
        "audit": ({"auditor"}, url("audit-read", code)),
        "audit lines": ({"auditor"}, url("audit-lines", code)),
        "settlements": ({"finance", "auditor", "officer"}, url("settlement-list")),
        "settlement": ({"auditor", "officer"}, url("settlement-read", batch.code)),
        "payments": ({"finance", "auditor", "officer"}, url("payment-list")),
        "invariants": ({"auditor", "officer"}, url("invariant-list")),
    }


def test_each_operation_is_for_its_role_only(city: City) -> None:
    checks.run(at=accounts.NOW)
    people = {
        "finance": city.finance,
        "colleague": accounts.member(city.provider.organization, Role.OPERATOR),
        "auditor": city.auditor,
        "officer": city.officer,
        "enterprise": accounts.signatory(city.voucher.enterprise),
    }
    claims_too = {"claims", "settlements", "payments"}  # of schemes that pay back; here it has none

    for name, (allowed, address) in reads(city).items():
        for who, actor in people.items():
            found = signed_in(actor).get(address).status_code
            may_list = who == "enterprise" and name in claims_too
            expected = {200} if who in allowed or may_list else {403, 404}
            assert found in expected, (name, who, found)
        assert Client().get(address).status_code in {401, 403}, name


def test_other_tenants_find_nothing(city: City) -> None:
    elsewhere = City()
    strangers = {"finance": elsewhere.finance, "auditor": elsewhere.auditor}

    for name, (allowed, address) in reads(city).items():
        client = signed_in(strangers["finance" if "finance" in allowed else "auditor"])
        answer = client.get(address)
        if name in {"claims", "audits", "settlements", "payments"}:
            assert answer.json()["results"] == [], name
        elif name != "invariants":
            assert answer.status_code == 404, name


def test_a_providers_session_reaches_no_settlement_of_others(city: City) -> None:
    batch = city.settlement()

    assert signed_in(city.finance).get(url("settlement-read", batch.code)).status_code == 404


@pytest.mark.parametrize(
    ("who", "name", "grow"),
    [
        ("finance", "claim-list", "submitted"),
        ("auditor", "audit-list", "submitted"),
        ("officer", "settlement-list", "settlement"),
        ("finance", "payment-list", "settlement"),
    ],
)
def test_lists_take_as_many_queries_for_three_rows_as_for_one(
    city: City, who: str, name: str, grow: str
) -> None:
    client = signed_in(getattr(city, who))

    def count() -> tuple[int, int]:
        client.get(url(name))
        with CaptureQueriesContext(connection) as queries:
            rows = client.get(url(name)).json()["results"]
        return len(rows), len(queries)

    getattr(city, grow)()
    one = count()
    getattr(city, grow)()
    getattr(city, grow)()
    three = count()

    assert (one[0], three[0]) == (1, 3)
    assert one[1] == three[1]
