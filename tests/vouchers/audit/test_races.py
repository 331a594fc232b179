"""Whoever comes at the same moment: one effect, and everybody else is told."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from accounts.models import Role
from tests.factories import accounts, billing
from tests.factories.accounts import NOW
from tests.factories.audit import City
from tests.threads import together
from vouchers.audit.actions import claims, payment_results, prefilling, settlements
from vouchers.audit.models import Claim, ClaimLine, Payment, Settlement, SettlementSignature
from vouchers.ledger.models import Transfer

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 64


def succeeded(answers: list[Any]) -> list[Any]:
    return [answer for answer in answers if not isinstance(answer, Exception)]


def test_pay_pressed_64_times_pays_once() -> None:
    city = City()
    batch = city.signed(3_000)

    answers = together(
        [partial(payment_results.pay, by=city.officer, settlement=batch, at=NOW)] * THREADS
    )

    assert {answer.status for answer in succeeded(answers)} == {"paid"}
    assert len(succeeded(answers)) == THREADS
    assert Transfer.objects.filter(reference=batch.code).count() == 1


def test_a_claim_comes_into_one_of_64_settlements() -> None:
    city = City()
    city.passed(3_000)
    city.passed(600)

    answers = together(
        [partial(settlements.create, by=city.officer, scheme=city.scheme, at=NOW)] * THREADS
    )

    assert len(succeeded(answers)) == 1
    refused = [answer for answer in answers if isinstance(answer, Exception)]
    assert {type(error) for error in refused} == {settlements.NothingToSettle}
    assert Settlement.objects.count() == 1
    assert Payment.objects.get().amount_fen == 3_600


def test_two_of_64_signers_get_through() -> None:
    city = City()
    batch = city.settlement()
    signers = [accounts.member(city.scheme.bureau, Role.SETTLEMENT_OFFICER) for _ in range(THREADS)]

    answers = together(
        [
            partial(
                settlements.sign,
                by=signer,
                settlement=batch,
                content_sha256=batch.content_sha256,
                at=NOW,
            )
            for signer in signers
        ]
    )

    assert len(succeeded(answers)) == 2
    assert SettlementSignature.objects.count() == 2
    batch.refresh_from_db()
    assert batch.status == "signed"


def test_one_human_with_64_accounts_signs_once() -> None:
    city = City()
    batch = city.settlement()
    signers = [
        accounts.member(city.scheme.bureau, Role.SETTLEMENT_OFFICER, person_key="one human")
        for _ in range(THREADS)
    ]

    answers = together(
        [
            partial(
                settlements.sign,
                by=signer,
                settlement=batch,
                content_sha256=batch.content_sha256,
                at=NOW,
            )
            for signer in signers
        ]
    )

    assert len(succeeded(answers)) == 1
    assert SettlementSignature.objects.count() == 1


def test_prefill_64_times_claims_each_payment_once() -> None:
    city = City()
    for fen in (3_000, 600, 900):
        city.bill(fen)

    answers = together(
        [partial(prefilling.prefill, by=city.finance, month=billing.MONTH, at=NOW)] * THREADS
    )

    assert len(succeeded(answers)) == THREADS
    assert Claim.objects.get().amount_fen == 4_500
    assert ClaimLine.objects.count() == 3


def test_pass_against_return_has_one_winner() -> None:
    city = City()
    for _round in range(10):
        claim = city.submitted()
        passing: Callable[[], Claim] = partial(
            claims.pass_claim, by=city.auditor, claim=claim, at=NOW
        )
        returning: Callable[[], Claim] = partial(
            claims.return_claim, by=city.auditor, claim=claim, finding="不符", at=NOW
        )

        answers = together([passing, returning])

        [winner] = succeeded(answers)
        claim.refresh_from_db()
        assert claim.status == winner.status
