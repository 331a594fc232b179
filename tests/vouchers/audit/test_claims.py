"""Claims are pre-filled once, sent with a real invoice, and decided by people who stand apart."""

import hashlib
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction

from accounts.access import Actor
from accounts.actions import actors
from accounts.models import Event, Membership, Role
from common.errors import DomainError, Forbidden
from common.models import StoredFile
from common.states import WrongState
from tests.factories import accounts, audit, billing, grants
from tests.factories.accounts import NOW
from tests.factories.audit import City
from vouchers.audit.actions import claims, invoices, prefilling, relations
from vouchers.audit.models import Claim, ClaimLine, ClaimStatus
from vouchers.billing.models import BillStatus

pytestmark = pytest.mark.django_db


@pytest.fixture
def city() -> City:
    return City()


def upload(name: str, content: bytes) -> SimpleUploadedFile:
    return audit.invoice(content, name)


def submit(city: City, claim: Claim, **changes: object) -> Claim:
    values: dict[str, object] = {
        "by": city.finance,
        "claim": claim,
        "invoice_number": "24312000000012345678",
        "invoice_fen": claim.amount_fen,
        "invoice_file": audit.invoice(),
        "at": NOW,
        **changes,
    }
    return claims.submit(**values)  # type: ignore[arg-type]


def test_prefill_takes_voucher_payments_of_confirmed_bills(city: City) -> None:
    first, second = city.bill(3_000), city.bill(6_000)
    billing.charge(first, city.voucher, 300)

    [claim] = prefilling.prefill(by=city.finance, month=billing.MONTH, at=NOW)

    assert (claim.status, claim.amount_fen) == (ClaimStatus.DRAFT, 9_300)
    assert claim.scheme == city.scheme
    assert claim.provider == city.provider
    assert set(claim.lines.values_list("bill", "amount_fen")) == {
        (first.pk, 3_000),
        (first.pk, 300),
        (second.pk, 6_000),
    }


def test_prefill_makes_one_claim_for_each_scheme(city: City) -> None:
    other = grants.voucher(city.voucher.enterprise, grants.scheme(city.scheme.bureau), 100_000)
    both = city.bill(3_000)
    billing.charge(both, other, 900)

    made = prefilling.prefill(by=city.finance, month=billing.MONTH, at=NOW)

    assert {(claim.scheme, claim.amount_fen) for claim in made} == {
        (city.scheme, 3_000),
        (other.scheme, 900),
    }


@pytest.mark.parametrize("status", [BillStatus.OPEN, BillStatus.CLOSED, BillStatus.DISPUTED])
def test_prefill_leaves_bills_out_that_are_not_confirmed(city: City, status: str) -> None:
    city.bill(3_000, status=status)

    assert prefilling.prefill(by=city.finance, month=billing.MONTH, at=NOW) == []


def test_prefill_leaves_other_months_out(city: City) -> None:
    city.bill(3_000, month=date(2026, 8, 1))

    assert prefilling.prefill(by=city.finance, month=date(2026, 9, 30), at=NOW) == []
    assert len(prefilling.prefill(by=city.finance, month=date(2026, 8, 9), at=NOW)) == 1


def test_prefill_twice_adds_only_what_is_new(city: City) -> None:
    [claim] = [city.draft(3_000)]
    assert prefilling.prefill(by=city.finance, month=billing.MONTH, at=NOW) == [claim]
    city.bill(900)

    [again] = prefilling.prefill(by=city.finance, month=billing.MONTH, at=NOW)

    assert again == claim
    again.refresh_from_db()
    assert again.amount_fen == 3_900
    assert again.lines.count() == 2


def test_prefill_never_touches_a_submitted_claim(city: City) -> None:
    sent = city.submitted(3_000)
    city.bill(900)

    [fresh] = prefilling.prefill(by=city.finance, month=billing.MONTH, at=NOW)

    sent.refresh_from_db()
    assert fresh != sent
    assert (fresh.amount_fen, sent.amount_fen) == (900, 3_000)


def test_prefill_never_takes_another_providers_payments(city: City) -> None:
    audit.other_provider(city).bill(3_000)

    assert prefilling.prefill(by=city.finance, month=billing.MONTH, at=NOW) == []


def test_a_payment_cannot_stand_on_two_claims(city: City) -> None:
    first = city.draft()
    [line] = first.lines.all()
    other = Claim.objects.create(
        code="CL-2",
        scheme=city.scheme,
        provider=city.provider,
        month=date(2026, 8, 1),
        amount_fen=1,
        created_at=NOW,
    )

    with pytest.raises(DatabaseError), transaction.atomic():
        ClaimLine.objects.bulk_create(
            [ClaimLine(transfer_id=line.transfer_id, claim=other, bill=line.bill, amount_fen=1)]
        )


def test_a_submitted_claim_takes_no_line_at_the_database(city: City) -> None:
    sent = city.submitted()
    paid = billing.charge(city.bill(3_000), city.voucher, 100)

    with pytest.raises(DatabaseError), transaction.atomic():
        ClaimLine.objects.create(
            transfer_id=paid.transfer_id, claim=sent, bill=paid.bill, amount_fen=100
        )


def test_submit_keeps_number_amount_and_file(city: City) -> None:
    claim = city.draft(3_000)

    submit(city, claim, invoice_number=" ２４３12000000012345678 ", invoice_fen=10_000)

    claim.refresh_from_db()
    assert (claim.status, claim.invoice_fen) == (ClaimStatus.SUBMITTED, 10_000)
    assert claim.invoice_number == "24312000000012345678"
    assert claim.submitted_by == city.finance.user
    stored = claim.invoice_file
    assert stored is not None
    assert stored.content_type == "application/pdf"
    assert stored.size_bytes == len(audit.PDF)
    assert stored.sha256 == hashlib.sha256(audit.PDF).hexdigest()


def test_submit_twice_is_refused(city: City) -> None:
    claim = city.submitted()

    with pytest.raises(WrongState):
        submit(city, claim)

    assert StoredFile.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"invoice_number": "12"}, "invoice_number"),
        ({"invoice_number": "=HYPERLINK(1)"}, "invoice_number"),
        ({"invoice_fen": 2_999}, "invoice_amount"),
        ({"invoice_file": None}, "invoice_file"),
        ({"invoice_file": upload("a.pdf", b"")}, "invoice_file"),
        ({"invoice_file": upload("a.pdf", b"<html>%PDF-")}, "invoice_file"),
        ({"invoice_file": upload("a.pdf", b"MZ" + audit.PDF)}, "invoice_file"),
        ({"invoice_file": upload("a.png", audit.PDF)}, "invoice_file"),
        ({"invoice_file": upload("a.exe", audit.PDF)}, "invoice_file"),
        ({"invoice_file": upload("a.pdf", audit.PDF + b"/Encrypt %%EOF")}, "invoice_file"),
        ({"invoice_file": upload("a.ofd", b"PK\x03\x04" + b"x" * 90)}, "invoice_file"),
        ({"invoice_file": upload("a.pdf", audit.PDF * 200_000)}, "invoice_file"),
    ],
)  # fmt: skip
def test_submit_refuses_what_is_no_invoice(
    city: City, changes: dict[str, object], field: str
) -> None:
    claim = city.draft(3_000)

    with pytest.raises(invoices.InvoiceRefused) as refusal:
        submit(city, claim, **changes)

    claim.refresh_from_db()
    assert list(refusal.value.errors) == [field]
    assert claim.status == ClaimStatus.DRAFT
    assert not StoredFile.objects.exists()


def test_submit_takes_an_ofd(city: City) -> None:
    claim = submit(city, city.draft(), invoice_file=audit.invoice(audit.ofd(), "票.ofd"))

    assert claim.invoice_file is not None
    assert claim.invoice_file.content_type == "application/ofd"


def test_one_invoice_is_used_once_across_schemes_and_providers(city: City) -> None:
    submit(city, city.draft())
    elsewhere = City()
    claim = elsewhere.draft()

    with pytest.raises(invoices.InvoiceUsed):
        submit(elsewhere, claim)

    claim.refresh_from_db()
    assert claim.status == ClaimStatus.DRAFT


def test_only_finance_of_the_provider_submits(city: City) -> None:
    claim = city.draft()
    colleague = accounts.member(city.provider.organization, Role.OPERATOR)
    stranger = City().finance

    for actor in (colleague, stranger, city.auditor):
        with pytest.raises(Forbidden):
            submit(city, claim, by=actor)

    claim.refresh_from_db()
    assert claim.status == ClaimStatus.DRAFT


def test_prefill_needs_a_provider(city: City) -> None:
    misplaced = accounts.organization("provider")
    actor = accounts.member(misplaced, Role.PROVIDER_FINANCE)

    with pytest.raises(claims.NotYours):
        prefilling.prefill(by=actor, month=billing.MONTH, at=NOW)
    with pytest.raises(Forbidden):
        prefilling.prefill(by=city.auditor, month=billing.MONTH, at=NOW)


def test_pass_says_who_and_when(city: City) -> None:
    claim = claims.pass_claim(
        by=city.auditor, claim=city.submitted(), finding="  用量一致 ", at=NOW
    )

    claim.refresh_from_db()
    assert (claim.status, claim.finding) == (ClaimStatus.PASSED, "用量一致")
    assert (claim.audited_at, claim.audited_by) == (NOW, city.auditor.user)
    verbs = Event.objects.filter(subject_code=claim.code).order_by("pk")
    assert [event.verb for event in verbs] == ["prefill", "submit", "pass"]


def test_pass_twice_has_one_effect(city: City) -> None:
    claim = city.passed()

    with pytest.raises(WrongState):
        claims.pass_claim(by=city.auditor, claim=claim, at=NOW)

    assert Event.objects.filter(subject_code=claim.code, verb="pass").count() == 1


def test_return_needs_words(city: City) -> None:
    claim = city.submitted()

    with pytest.raises(claims.FindingMissing):
        claims.return_claim(by=city.auditor, claim=claim, finding=" 　", at=NOW)

    claim.refresh_from_db()
    assert claim.status == ClaimStatus.SUBMITTED


def test_a_returned_claim_comes_back_with_its_file(city: City) -> None:
    claim = city.submitted()
    first_file = claim.invoice_file_id
    claims.return_claim(by=city.auditor, claim=claim, finding="发票号码有误", at=NOW)

    again = submit(city, claim, invoice_file=None, invoice_number="24312000000087654321")

    again.refresh_from_db()
    assert (again.status, again.invoice_file_id) == (ClaimStatus.SUBMITTED, first_file)
    assert (again.audited_at, again.finding) == (None, "")


def related(city: City) -> dict[str, Actor]:
    """Auditors of the right bureau who stand too near."""
    member_of_provider = accounts.member(city.scheme.bureau, Role.AUDITOR)
    Membership.objects.create(
        user=member_of_provider.user,
        organization=city.provider.organization,
        role=Role.VIEWER,
        created_at=NOW,
    )
    twin = accounts.member(city.scheme.bureau, Role.AUDITOR, person_key="k1")
    accounts.member(city.provider.organization, Role.VIEWER, person_key="k1")
    applicant = accounts.member(city.scheme.bureau, Role.AUDITOR, person_key="k2")
    accounts.member(city.voucher.enterprise, Role.PREPARER, person_key="k2")
    left = accounts.member(city.scheme.bureau, Role.AUDITOR, person_key="k3")
    former = accounts.member(city.provider.organization, Role.VIEWER, person_key="k3")
    Membership.objects.filter(user=former.user).update(
        ended_at=NOW - timedelta(days=20), ended_by=former.user
    )
    return {
        "of the provider": member_of_provider,
        "other account": twin,
        "of the applicant": applicant,
        "left lately": left,
    }


@pytest.mark.parametrize(
    "who", ["of the provider", "other account", "of the applicant", "left lately"]
)
def test_a_related_auditor_decides_nothing(city: City, who: str) -> None:
    claim = city.submitted()
    auditor = related(city)[who]

    with pytest.raises(relations.Related):
        claims.pass_claim(by=auditor, claim=claim, at=NOW)
    with pytest.raises(relations.Related):
        claims.return_claim(by=auditor, claim=claim, finding="不符", at=NOW)

    claim.refresh_from_db()
    assert claim.status == ClaimStatus.SUBMITTED


def test_who_left_the_provider_before_the_claimed_month_may_audit(city: City) -> None:
    auditor = accounts.member(city.scheme.bureau, Role.AUDITOR, person_key="k")
    former = accounts.member(city.provider.organization, Role.VIEWER, person_key="k")
    Membership.objects.filter(user=former.user).update(
        ended_at=NOW - timedelta(days=60), ended_by=former.user
    )

    claim = claims.pass_claim(by=auditor, claim=city.submitted(), at=NOW)

    assert claim.status == ClaimStatus.PASSED


def test_auditors_of_other_bureaus_and_other_roles_are_refused(city: City) -> None:
    claim = city.submitted()
    elsewhere = accounts.member(accounts.bureau(name="兰州市"), Role.AUDITOR)
    dismissed = accounts.member(city.scheme.bureau, Role.AUDITOR)
    Membership.objects.filter(user=dismissed.user).update(ended_at=NOW, ended_by=city.officer.user)
    role_ended = actors.for_member(user=dismissed.user, organization=city.scheme.bureau)

    for actor in (elsewhere, city.officer, city.finance, role_ended):
        with pytest.raises(DomainError):
            claims.pass_claim(by=actor, claim=claim, at=NOW)

    claim.refresh_from_db()
    assert claim.status == ClaimStatus.SUBMITTED
