"""Room for exactly k gives exactly k; a double click has one effect."""

from functools import partial

import pytest

from tests.factories import grants, plans
from tests.factories.accounts import NOW
from tests.threads import together
from tests.vouchers.ledger.sql import broken
from vouchers.grants.actions import issuing, notices, reviews, schemes, wallets
from vouchers.grants.models import PublicNotice, Review, Voucher, VoucherStatus
from vouchers.ledger.actions import accounts as ledger_accounts
from vouchers.ledger.actions import transfers
from vouchers.ledger.kinds import AccountKind
from vouchers.ledger.models import Account

from . import people

pytestmark = pytest.mark.django_db(transaction=True)


def test_room_for_exactly_k_applications_gives_exactly_k() -> None:
    scheme = grants.scheme(rules=plans.BEIJING, budget_fen=3_000_000 * 5 + 2_999_999)
    casts = [people.cast(scheme) for _ in range(16)]
    asked = [(cast, people.approved(cast)) for cast in casts]

    answers = together(
        [
            partial(issuing.issue, by=cast.officer, application=application, at=NOW)
            for cast, application in asked
        ]
    )

    issued = [answer for answer in answers if isinstance(answer, Voucher)]
    refused = [answer for answer in answers if isinstance(answer, issuing.BudgetExhausted)]
    left = ledger_accounts.available_fen(kind=AccountKind.SCHEME_BUDGET, key=scheme.code)
    assert (len(issued), len(refused), left) == (5, 11, 2_999_999)
    assert Voucher.objects.count() == 5
    assert not any(broken(name) for name in ("I1", "I2", "I3"))


def test_yearly_cap_of_one_firm_is_kept_under_threads() -> None:
    cast = people.cast(grants.scheme(rules=plans.BEIJING, budget_fen=10**12))
    asked = [people.approved(cast, spend_fen=20_000_000) for _ in range(8)]

    answers = together(
        [
            partial(issuing.issue, by=cast.officer, application=application, at=NOW)
            for application in asked
        ]
    )

    issued = [answer for answer in answers if isinstance(answer, Voucher)]
    refused = [answer for answer in answers if isinstance(answer, issuing.CapReached)]
    assert (len(issued), len(refused)) == (3, 5)


def test_double_click_on_issue_is_one_voucher() -> None:
    cast = people.cast(grants.scheme(rules=plans.BEIJING))
    asked = people.approved(cast)

    answers = together([lambda: issuing.issue(by=cast.officer, application=asked, at=NOW)] * 16)

    assert len({answer.pk for answer in answers if isinstance(answer, Voucher)}) == 1
    assert not [answer for answer in answers if isinstance(answer, Exception)]
    assert Voucher.objects.count() == 1


def test_double_click_on_approve_is_one_review() -> None:
    cast = people.cast()
    asked = people.claimed(cast.first, people.submitted(cast))

    answers = together(
        [
            lambda: reviews.decide(
                by=cast.first, application=asked, stage="first", outcome="pass", at=NOW
            )
        ]
        * 8
    )

    assert not [answer for answer in answers if isinstance(answer, Exception)]
    assert Review.objects.count() == 1


def test_pass_against_refuse_has_one_winner() -> None:
    cast = people.cast()
    asked = people.claimed(cast.first, people.submitted(cast))
    verdicts = [{"outcome": "pass"}, {"outcome": "refuse", "reason": "bad_record"}]

    answers = together(
        [
            partial(
                reviews.decide, by=cast.first, application=asked, stage="first", at=NOW, **verdict
            )
            for verdict in verdicts
        ]
    )

    assert len([answer for answer in answers if isinstance(answer, Review)]) == 1
    assert Review.objects.count() == 1


def test_double_click_on_notice_and_publish_is_one_effect() -> None:
    cast = people.cast()
    asked = people.approved(cast)

    answers = together([lambda: notices.publish(by=cast.officer, application=asked, at=NOW)] * 8)

    assert not [answer for answer in answers if isinstance(answer, Exception)]
    assert PublicNotice.objects.count() == 1


def test_two_publications_appropriate_once() -> None:
    cast = people.cast()
    draft = grants.scheme(cast.scheme.bureau, status="draft", published_at=None, published_by=None)

    answers = together([lambda: schemes.publish(by=cast.officer, scheme=draft, at=NOW)] * 8)

    assert not [answer for answer in answers if isinstance(answer, Exception)]
    assert (
        ledger_accounts.available_fen(kind=AccountKind.SCHEME_BUDGET, key=draft.code)
        == draft.budget_fen
    )


def test_revocation_against_payments_loses_no_fen() -> None:
    cast = people.cast(grants.scheme(rules=plans.BEIJING))
    voucher = issuing.issue(by=cast.officer, application=people.approved(cast), at=NOW)
    payable = ledger_accounts.get_or_open(
        kind=AccountKind.PROVIDER_PAYABLE, key=f"{cast.scheme.code}/PV-TEST"
    )

    def pay(number: int) -> object:
        entry = transfers.Entry(
            id=transfers.derive_id("pay", number),
            debit=voucher.account_id,
            credit=payable.pk,
            amount_fen=100_000,
            reason="usage",
            reference=str(number),
        )
        return transfers.post(entries=[entry], at=NOW)

    together(
        [partial(pay, number) for number in range(12)]
        + [lambda: wallets.revoke(by=cast.officer, voucher=voucher, reason="x", at=NOW)]
    )

    entry = wallets.entry(voucher=Voucher.objects.get(pk=voucher.pk))
    assert entry.voucher.status == VoucherStatus.REVOKED
    assert entry.redeemed_fen + entry.revoked_fen == entry.face_fen
    assert Account.objects.get(pk=voucher.account_id).available_fen == 0
