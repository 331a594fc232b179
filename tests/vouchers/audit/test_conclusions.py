"""A conclusion needs two humans over one content; what it recovers leaves the ledger true, at most once."""

from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from accounts.actions import actors, keys
from accounts.models import Membership, Role
from common.errors import Forbidden
from tests.factories import accounts, audit, grants
from tests.factories.accounts import NOW
from tests.factories.cases import Desk
from vouchers.audit.actions import (
    batching,
    case_entries,
    cases,
    claims,
    conclusions,
    contents,
    invariants,
    payment_results,
    recoveries,
    settlements,
)
from vouchers.audit.actions.relations import Related
from vouchers.audit.models import CaseOutcome, CaseStatus, ConclusionSignature, Recovery
from vouchers.grants.actions import suspensions
from vouchers.grants.models import Suspension
from vouchers.ledger.actions import accounts as ledger_accounts
from vouchers.ledger.kinds import AccountKind

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk() -> Desk:
    return Desk()


def balance(kind: AccountKind, key: str) -> int:
    return ledger_accounts.balance_fen(account=ledger_accounts.get_or_open(kind=kind, key=key))


def broken() -> dict[str, list[dict[str, object]]]:
    found = {each.name: each.rows for each in invariants.check(at=NOW) if each.name != "I9"}
    return {name: rows for name, rows in found.items() if rows}


def test_two_humans_sign_and_the_case_closes(desk: Desk) -> None:
    case = desk.case()
    conclusion = desk.concluded(case)

    conclusions.sign(by=desk.first, case=case, content_sha256=conclusion.content_sha256, at=NOW)
    case.refresh_from_db()
    once = case.status
    conclusions.sign(by=desk.second, case=case, content_sha256=conclusion.content_sha256, at=NOW)
    case.refresh_from_db()

    assert (once, case.status) == (CaseStatus.SIGNED_ONCE, CaseStatus.CLOSED)
    assert case.closed_by == desk.second.user
    assert not Recovery.objects.exists()


def test_same_human_never_signs_twice(desk: Desk) -> None:
    """The same account, a second account of the same human, and the officer who audited the claim."""
    claim = desk.city.submitted()
    claims.pass_claim(by=desk.second, claim=claim, at=NOW)
    case = desk.case(claim.lines.get().bill)
    sha256 = desk.concluded(case).content_sha256
    desk.first.user.person_key = "a" * 64
    desk.first.user.save(update_fields=["person_key"])
    twin = accounts.member(desk.city.scheme.bureau, Role.AUDITOR, person_key="a" * 64)
    conclusions.sign(by=desk.first, case=case, content_sha256=sha256, at=NOW)

    for signer in (desk.first, twin, desk.second):
        with pytest.raises(settlements.SamePerson):
            conclusions.sign(by=signer, case=case, content_sha256=sha256, at=NOW)
    signature = ConclusionSignature.objects.get()
    with pytest.raises(IntegrityError, match="casesignature_human"), transaction.atomic():
        ConclusionSignature.objects.create(
            conclusion=signature.conclusion, position=2, content_sha256=sha256,
            person_key="a" * 64, signed_at=NOW, signed_by=twin.user,
        )  # fmt: skip


def test_key_or_party_does_not_sign(desk: Desk) -> None:
    case = desk.case()
    sha256 = desk.concluded(case).content_sha256
    key, _secret = keys.create(
        by=accounts.member(desk.city.scheme.bureau, Role.AUDITOR, Role.SCHEME_OFFICER), name="k",
        scopes=["claim.audit"], expires_at=NOW.replace(year=2027), at=NOW,
    )  # fmt: skip

    with pytest.raises(Forbidden):
        conclusions.sign(by=actors.from_key(key=key), case=case, content_sha256=sha256, at=NOW)
    with pytest.raises(Forbidden):
        conclusions.sign(by=desk.provider, case=case, content_sha256=sha256, at=NOW)
    cousin = accounts.member(desk.city.scheme.bureau, Role.AUDITOR)
    Membership.objects.create(
        user=cousin.user, organization=desk.city.provider.organization, role=Role.OPERATOR,
        created_at=NOW,
    )  # fmt: skip
    with pytest.raises(Related):
        conclusions.sign(by=cousin, case=case, content_sha256=sha256, at=NOW)


def test_anything_new_makes_the_first_signature_void(desk: Desk) -> None:
    """A new version, and a party's answer: the second signer cannot sign what the first one saw."""
    case = desk.asked()
    first = desk.concluded(case)
    conclusions.sign(by=desk.first, case=case, content_sha256=first.content_sha256, at=NOW)

    case_entries.answer(by=desk.provider, case=case, text="请等一下。", at=NOW)
    case.refresh_from_db()
    after_answer = case.status
    with pytest.raises(settlements.WrongContent):
        conclusions.sign(by=desk.second, case=case, content_sha256=first.content_sha256, at=NOW)
    second = desk.concluded(case, text="已听取说明，用量属实。")
    with pytest.raises(settlements.WrongContent):
        conclusions.sign(by=desk.second, case=case, content_sha256=first.content_sha256, at=NOW)
    desk.signed(case, second)

    assert after_answer == CaseStatus.OPEN
    assert second.number == first.number + 1
    assert case.status == CaseStatus.CLOSED


def test_tampered_conclusion_is_not_signed(desk: Desk) -> None:
    case = desk.case()
    conclusion = desk.recovering(case, 2_000)
    with audit.unprotected():
        type(conclusion).objects.update(recover_fen=1)

    with pytest.raises(settlements.WrongContent):
        conclusions.sign(by=desk.first, case=case, content_sha256=conclusion.content_sha256, at=NOW)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"outcome": "recovery", "recover_fen": 3_001}, "recover_amount"),
        ({"outcome": "recovery", "recover_fen": 0}, "recover_amount"),
        ({"outcome": "recovery", "recover_fen": 5, "debtor": None}, "debtor"),
        ({"outcome": "nothing", "recover_fen": 5}, "recover_amount"),
        ({"text": "  "}, "text"),
        ({"outcome": "other"}, "outcome"),
        ({"outcome": "breach", "suspended_until": date(2026, 10, 12)}, "suspended_until"),
        ({"outcome": "breach", "suspended_until": date(2030, 1, 1)}, "suspended_until"),
        ({"outcome": "nothing", "suspended_until": date(2027, 1, 1)}, "suspended"),
    ],
)
def test_senseless_conclusion_is_refused(desk: Desk, values: dict[str, object], field: str) -> None:
    case = desk.case()
    who = desk.city.provider.organization
    given = {"debtor": who if values.get("outcome") == "recovery" else None, **values}
    if "suspended_until" in values:
        given["suspended"] = who

    with pytest.raises(conclusions.ConclusionInvalid) as refused:
        desk.concluded(case, **given)

    assert field in refused.value.errors


def test_recovery_comes_from_the_payable_first(desk: Desk) -> None:
    """3,000 fen wait unsettled, 2,000 are recovered: all of it is clawed back and the next batch pays 1,000."""
    claim = desk.city.passed(3_000)
    case = desk.case(claim.lines.get().bill)
    scheme, provider = desk.city.scheme, desk.city.provider

    desk.signed(case, desk.recovering(case, 2_000))
    recovery = Recovery.objects.get()
    batch = settlements.create(by=desk.city.officer, scheme=scheme, at=NOW)

    assert (recovery.clawed_fen, recovery.due_fen) == (2_000, 0)
    assert balance(AccountKind.PROVIDER_PAYABLE, f"{scheme.code}/{provider.code}") == 1_000
    assert balance(AccountKind.RECOVERED, scheme.code) == 2_000
    assert batch.total_fen == 1_000
    assert batch.content_sha256 == contents.sha256(batch)
    assert batch.recoveries.get() == recovery
    assert broken() == {}
    for signer in (desk.city.officer, desk.city.second):
        settlements.sign(by=signer, settlement=batch, content_sha256=batch.content_sha256, at=NOW)
    payment_results.pay(by=desk.city.officer, settlement=batch, at=NOW)
    assert balance(AccountKind.PROVIDER_PAYABLE, f"{scheme.code}/{provider.code}") == 0
    assert broken() == {}


def test_what_is_left_becomes_a_debt(desk: Desk) -> None:
    """3,000 fen were paid out, 600 wait: of 2,000 recovered 600 are clawed back and the firm owes 1,400."""
    paid = desk.city.paid(3_000)
    bill = paid.claims.get().lines.get().bill
    desk.city.bill(600)
    case = desk.case(bill)
    firm = desk.city.voucher.enterprise

    desk.signed(case, desk.recovering(case, 2_000, firm))
    recovery = Recovery.objects.get()

    assert (recovery.clawed_fen, recovery.due_fen, recovery.debtor) == (600, 1_400, firm)
    assert balance(AccountKind.RECEIVABLE, f"{desk.city.scheme.code}/{firm.code}") == -1_400
    assert balance(AccountKind.RECOVERED, desk.city.scheme.code) == 2_000
    assert [
        recovery.clawback and recovery.clawback.reference,
        recovery.debt and recovery.debt.reference,
    ] == [case.code] * 2
    assert broken() == {}
    letter = case.entries.filter(party=firm).get().letter
    assert "14.00" in letter.body_zh
    assert "20.00" in letter.body_zh


def test_what_a_batch_holds_is_not_clawed_back(desk: Desk) -> None:
    """A batch of 3,000 waits for signatures: nothing is free, so all of it becomes a debt."""
    batch = desk.city.settlement(3_000)
    case = desk.case(batch.claims.get().lines.get().bill)

    desk.signed(case, desk.recovering(case, 3_000))

    assert Recovery.objects.values_list("clawed_fen", "due_fen").get() == (0, 3_000)
    assert batch.content_sha256 == contents.sha256(batch)
    assert broken() == {}


def test_provider_of_whom_all_is_clawed_back_waits_for_more_claims(desk: Desk) -> None:
    claim = desk.city.passed(600)
    case = desk.case(claim.lines.get().bill)
    desk.signed(case, desk.recovering(case, 600))

    shown = batching.of(scheme=desk.city.scheme, at=NOW)
    with pytest.raises(settlements.NothingToSettle):
        settlements.create(by=desk.city.officer, scheme=desk.city.scheme, at=NOW)
    desk.city.passed(900)
    batch = settlements.create(by=desk.city.officer, scheme=desk.city.scheme, at=NOW)

    assert shown.offset == {batching.Payee(desk.city.provider, None): (600, 600)}
    assert batch.total_fen == 900
    assert broken() == {}


def test_redemption_is_recovered_at_most_once(desk: Desk) -> None:
    first = desk.case()
    bill = first.bill
    desk.signed(first, desk.recovering(first, 1_000))
    again = desk.case(bill)
    conclusion = desk.recovering(again, 1_000)
    conclusions.sign(by=desk.first, case=again, content_sha256=conclusion.content_sha256, at=NOW)

    with pytest.raises(recoveries.RecoveredAlready):
        conclusions.sign(
            by=desk.second, case=again, content_sha256=conclusion.content_sha256, at=NOW
        )

    again.refresh_from_db()
    assert again.status == CaseStatus.SIGNED_ONCE
    assert Recovery.objects.count() == 1
    assert balance(AccountKind.RECOVERED, desk.city.scheme.code) == 1_000
    with pytest.raises(Exception, match="pgtrigger"), transaction.atomic():
        Recovery.objects.update(amount_fen=1)


def test_invariant_names_a_recovery_that_differs_from_its_transfers(desk: Desk) -> None:
    case = desk.case()
    desk.signed(case, desk.recovering(case, 1_000))
    with audit.unprotected():
        Recovery.objects.update(amount_fen=900, clawed_fen=900)

    assert {row["subject"] for row in broken()["I8"]} == {"recovery", "recovered"}


def suspend(desk: Desk, who: object, until: date = date(2026, 12, 31)) -> None:
    case = desk.case()
    draft = desk.concluded(
        case, outcome=CaseOutcome.BREACH, text="提供虚假材料。", suspended=who,
        suspended_until=until,
    )  # fmt: skip
    desk.signed(case, draft)


def test_suspended_provider_is_in_no_settlement_until_it_ends(desk: Desk) -> None:
    other = audit.other_provider(desk.city)
    desk.city.passed(3_000)
    suspend(desk, desk.city.provider.organization)
    scheme, after = desk.city.scheme, datetime(2027, 1, 1, tzinfo=NOW.tzinfo)

    with pytest.raises(suspensions.Suspended) as refused:
        settlements.create(by=desk.city.officer, scheme=scheme, at=NOW)
    other.passed(900)
    without = settlements.create(by=desk.city.officer, scheme=scheme, at=NOW)
    later = batching.of(scheme=scheme, at=after - timedelta(hours=8))
    too_early = batching.of(scheme=scheme, at=after - timedelta(hours=8, microseconds=1))

    assert refused.value.code == "credit_suspended"
    assert without.total_fen == 900
    assert [each.amount_fen for each in later.payments] == [3_000]
    assert too_early.payments == []
    assert Suspension.objects.get().organization == desk.city.provider.organization


def test_batch_made_before_the_suspension_is_not_signed(desk: Desk) -> None:
    batch = desk.city.settlement(3_000)
    suspend(desk, desk.city.provider.organization)

    with pytest.raises(suspensions.Suspended):
        settlements.sign(
            by=desk.city.officer, settlement=batch, content_sha256=batch.content_sha256, at=NOW
        )


def test_organization_case_recovers_nothing(desk: Desk) -> None:
    desk.city.submitted()
    about = cases.open_by_hand(
        by=desk.first, subject=desk.city.provider.organization.code, question="资质", at=NOW
    )
    cases.take(by=desk.first, case=about, version=0, at=NOW)

    with pytest.raises(conclusions.ConclusionInvalid):
        desk.recovering(about, 100)
    assert grants.scheme().bureau != about.bureau
