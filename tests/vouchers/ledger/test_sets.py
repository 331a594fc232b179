"""Many linked sets in one statement: each is written whole or not at all, and answers for itself."""

from datetime import timedelta

import pytest
from django.db import transaction

from tests.factories import ledger
from tests.factories.accounts import NOW
from vouchers.ledger.actions import accounts, holds, invariants, transfers
from vouchers.ledger.actions.transfers import Outcome
from vouchers.ledger.kinds import AccountKind
from vouchers.ledger.models import Account, Hold, Transfer

from .sql import broken

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=1)


def outcomes(answers: list[transfers.Answer]) -> list[Outcome]:
    return [answer.outcome for answer in answers]


def available(account: Account) -> int:
    return Account.objects.get(pk=account.pk).available_fen


def test_post_sets_writes_all_that_can_be_paid() -> None:
    one, two, payable = ledger.account(fen=1000), ledger.account(fen=500), ledger.payable()
    sets = [
        [ledger.entry(one, payable, 300), ledger.entry(two, payable, 100)],
        [ledger.entry(one, payable, 700)],
        [ledger.entry(two, payable, 400)],
    ]

    answers = transfers.post_sets(sets=sets, at=NOW)

    assert outcomes(answers) == [Outcome.WRITTEN] * 3
    assert (available(one), available(two)) == (0, 0)
    assert accounts.balance_fen(account=payable) == 1500
    assert not any(broken(name) for name in invariants.QUERIES)


def test_each_set_is_whole_or_refused_by_itself() -> None:
    one, two, payable = ledger.account(fen=1000), ledger.account(fen=500), ledger.payable()
    refused = [ledger.entry(one, payable, 300), ledger.entry(two, payable, 501)]
    paid = [ledger.entry(one, payable, 800), ledger.entry(two, payable, 500)]

    answers = transfers.post_sets(sets=[refused, paid], at=NOW)

    assert outcomes(answers) == [Outcome.INSUFFICIENT, Outcome.WRITTEN]
    assert answers[0].account_id == two.pk
    assert (available(one), available(two)) == (200, 0)
    assert not Transfer.objects.filter(pk__in=[entry.id for entry in refused]).exists()


def test_a_later_set_may_spend_what_an_earlier_one_paid_in() -> None:
    budget, voucher = ledger.account(AccountKind.SCHEME_BUDGET, 1000), ledger.account()
    payable = ledger.payable()

    answers = transfers.post_sets(
        sets=[[ledger.entry(budget, voucher, 400)], [ledger.entry(voucher, payable, 400)]], at=NOW
    )

    assert outcomes(answers) == [Outcome.WRITTEN] * 2
    assert (available(budget), available(voucher)) == (600, 0)


def test_known_ids_answer_exists_or_conflict_beside_new_ones() -> None:
    voucher, payable = ledger.account(fen=1000), ledger.payable()
    known = ledger.entry(voucher, payable, 100, key="known")
    transfers.post(entries=[known], at=NOW)
    changed = ledger.entry(voucher, payable, 101, key="known")
    fresh = ledger.entry(voucher, payable, 200)

    answers = transfers.post_sets(sets=[[known], [changed], [known, fresh], [fresh]], at=NOW)

    assert outcomes(answers) == [
        Outcome.EXISTS,
        Outcome.CONFLICT,
        Outcome.WRITTEN,
        Outcome.EXISTS,
    ]
    assert answers[2].known == {known.id}
    assert available(voucher) == 700


def test_an_original_is_taken_back_once_among_many_sets() -> None:
    voucher, payable = ledger.account(fen=1000), ledger.payable()
    original = Transfer.objects.get(pk=ledger.move(voucher, payable, 300))
    back = transfers.reversal(original=original, reference="mistake")
    again = transfers.Entry(
        id=transfers.derive_id("elsewhere"),
        debit=payable.pk,
        credit=voucher.pk,
        amount_fen=300,
        reason="reversal",
        reference="mistake",
        reverses=original.pk,
    )

    answers = transfers.post_sets(sets=[[back], [again]], at=NOW)

    assert outcomes(answers) == [Outcome.WRITTEN, Outcome.REVERSED]
    assert available(voucher) == 1000


def test_texts_are_stored_as_they_are() -> None:
    voucher, payable = ledger.account(fen=1000), ledger.payable()
    strange = 'a "b" \\ {c,d}, 券 NULL'

    transfers.post_sets(sets=[[ledger.entry(voucher, payable, 1, key=strange)]], at=NOW)

    assert Transfer.objects.get(debit_account=voucher).reference == strange


def test_place_each_answers_for_each_hold() -> None:
    voucher, payable = ledger.account(fen=1000), ledger.payable()
    known = ledger.entry(voucher, payable, 100, key="known")
    holds.place(entry=known, expires_at=LATER, at=NOW)
    changed = ledger.entry(voucher, payable, 101, key="known")
    dear, cheap = ledger.entry(voucher, payable, 901), ledger.entry(voucher, payable, 900)

    answers = holds.place_each(entries=[known, changed, dear, cheap], expires_at=LATER, at=NOW)

    assert outcomes(answers) == [
        Outcome.EXISTS,
        Outcome.CONFLICT,
        Outcome.INSUFFICIENT,
        Outcome.WRITTEN,
    ]
    assert available(voucher) == 0
    assert (
        Hold.objects.filter(resolved_with__isnull=True, transfer__debit_account=voucher).count()
        == 2
    )


def test_place_linked_reserves_on_all_or_on_none() -> None:
    voucher, payable = ledger.account(fen=1000), ledger.payable()
    cap, used = ledger.account(AccountKind.CAP, 300), ledger.account(AccountKind.CAP_USED)
    too_much = [ledger.entry(voucher, payable, 400), ledger.entry(cap, used, 400)]
    fits = [ledger.entry(voucher, payable, 300), ledger.entry(cap, used, 300)]

    with pytest.raises(transfers.InsufficientFunds) as refused:
        holds.place_linked(entries=too_much, expires_at=LATER, at=NOW)
    untouched = available(voucher)
    placed = holds.place_linked(entries=fits, expires_at=LATER, at=NOW)
    again = holds.place_linked(entries=fits, expires_at=LATER, at=NOW)

    assert refused.value.account == cap
    assert untouched == 1000
    assert placed == again
    assert (available(voucher), available(cap)) == (700, 0)


def test_refusal_leaves_the_callers_transaction_usable() -> None:
    voucher, payable = ledger.account(fen=100), ledger.payable()

    with transaction.atomic():
        [answer] = transfers.post_sets(sets=[[ledger.entry(voucher, payable, 101)]], at=NOW)
        transfers.post(entries=[ledger.entry(voucher, payable, 100)], at=NOW)

    assert answer.outcome == Outcome.INSUFFICIENT
    assert available(voucher) == 0
