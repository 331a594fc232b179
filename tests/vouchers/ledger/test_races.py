"""Many threads on one account: exactly what the money allows, whoever comes first."""

import os
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from django.db import transaction
from django.db.models import F, Sum

from tests.factories import ledger
from tests.factories.accounts import NOW
from tests.threads import in_rounds, together
from vouchers.ledger.actions import accounts, holds, transfers
from vouchers.ledger.models import Account, Hold, Transfer

from .sql import broken

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 64
ROUNDS = int(os.environ.get("RACE_ROUNDS", "12"))
PAIR_ROUNDS = int(os.environ.get("RACE_PAIRS", "100")) // 4 or 1
"""Rounds of 64 threads, and rounds of each of the four opposite pairs; `make chaos` plays 1,000 and 10,000."""

END = NOW + timedelta(hours=1)


def spend_without_lock(entry: transfers.Entry) -> None:
    """How it is often written: read the balance, compare, write. No lock, no counters."""
    with transaction.atomic():
        paid_in = Transfer.objects.filter(credit_account=entry.debit).aggregate(t=Sum("amount_fen"))
        paid_out = Transfer.objects.filter(debit_account=entry.debit).aggregate(t=Sum("amount_fen"))
        if (paid_in["t"] or 0) - (paid_out["t"] or 0) < entry.amount_fen:
            raise ValueError("not enough")
        Transfer.objects.create(
            id=entry.id,
            kind="single",
            debit_account_id=entry.debit,
            credit_account_id=entry.credit,
            amount_fen=entry.amount_fen,
            reason=entry.reason,
            reference=entry.reference,
            at=NOW,
        )


def spend(entry: transfers.Entry) -> None:
    transfers.post(entries=[entry], at=NOW)


def successes(spender: Callable[[transfers.Entry], None], affordable: int) -> int:
    voucher, payable = ledger.account(fen=affordable * 100), ledger.payable()
    entries = [ledger.entry(voucher, payable, 100) for _ in range(THREADS)]

    answers = together([partial(spender, entry) for entry in entries])

    return sum(answer is None for answer in answers)


def test_without_the_lock_a_voucher_is_overspent() -> None:
    assert max(successes(spend_without_lock, 5) for _ in range(5)) > 5


@pytest.mark.parametrize("affordable", [0, 1, 63])
def test_voucher_worth_k_is_spent_exactly_k_times(affordable: int) -> None:
    assert successes(spend, affordable) == affordable
    assert {name: broken(name) for name in ("I1", "I2", "I3")} == {"I1": [], "I2": [], "I3": []}


def test_voucher_worth_k_in_many_rounds_is_held_exactly_k_times() -> None:
    """RACE_ROUNDS rounds; the threads stay, so that a round costs little more than its 64 calls."""
    affordable = [1 + number * 7 % 20 for number in range(ROUNDS)]
    payable = ledger.payable()
    vouchers = [ledger.account(fen=100 * k) for k in affordable]

    def hold(voucher: Account) -> Transfer:
        entry = ledger.entry(voucher, payable, 100)
        return holds.place(entry=entry, expires_at=NOW + timedelta(hours=1), at=NOW)

    rounds = in_rounds([partial(hold, voucher) for voucher in vouchers], threads=THREADS)

    placed = [sum(isinstance(answer, Transfer) for answer in answers) for answers in rounds]
    refused = [
        sum(isinstance(answer, transfers.InsufficientFunds) for answer in answers)
        for answers in rounds
    ]
    assert placed == affordable
    assert refused == [THREADS - k for k in affordable]
    assert not any(broken(name) for name in ("I1", "I2", "I3"))


def test_every_loser_hears_that_the_balance_is_not_enough() -> None:
    voucher, payable = ledger.account(fen=300), ledger.payable()
    entries = [ledger.entry(voucher, payable, 100) for _ in range(THREADS)]

    answers = together([partial(spend, entry) for entry in entries])

    refusals = [answer for answer in answers if answer is not None]
    assert len(refusals) == THREADS - 3
    assert all(isinstance(refusal, transfers.InsufficientFunds) for refusal in refusals)


def test_one_id_from_many_threads_has_one_effect() -> None:
    voucher, payable = ledger.account(fen=10_000), ledger.payable()
    entry = ledger.entry(voucher, payable, 100)

    answers = together([lambda: transfers.post(entries=[entry], at=NOW)] * THREADS)
    answers += together([lambda: transfers.post(entries=[entry], at=NOW)] * THREADS)

    assert not [answer for answer in answers if isinstance(answer, Exception)]
    assert sum(len(answer) for answer in answers if isinstance(answer, list)) == 1
    assert accounts.balance_fen(account=payable) == 100


def test_one_id_between_accounts_without_lock_has_one_effect() -> None:
    income, paid = ledger.payable(), ledger.payable()
    entry = ledger.entry(income, paid, 100)

    answers = together([lambda: transfers.post(entries=[entry], at=NOW)] * THREADS)

    assert not [answer for answer in answers if isinstance(answer, Exception)]
    assert Transfer.objects.filter(pk=entry.id).count() == 1


def test_one_id_with_two_contents_has_one_winner() -> None:
    voucher, payable = ledger.account(fen=10_000), ledger.payable()
    entries = [ledger.entry(voucher, payable, fen, key="same") for fen in (100, 200)]

    answers = together([partial(transfers.post, entries=[entry], at=NOW) for entry in entries * 8])

    amount = Transfer.objects.get(pk=entries[0].id).amount_fen
    conflicts = [answer for answer in answers if isinstance(answer, transfers.TransferConflict)]
    assert len(conflicts) == 8
    assert Account.objects.get(pk=voucher.pk).debits_posted_fen == amount


def test_one_hold_from_many_threads_is_placed_once() -> None:
    voucher, payable = ledger.account(fen=10_000), ledger.payable()
    entry = ledger.entry(voucher, payable, 100)

    answers = together(
        [lambda: holds.place(entry=entry, expires_at=NOW + timedelta(hours=1), at=NOW)] * THREADS
    )

    assert not [answer for answer in answers if isinstance(answer, Exception)]
    assert Account.objects.get(pk=voucher.pk).debits_pending_fen == 100


def end_without_lock(reservation: Transfer, fen: int) -> None:
    """How it is often written: look whether the hold is open, change the balance in memory, save it, record."""
    if Transfer.objects.filter(hold=reservation).exists():
        raise holds.HoldResolved("ended")
    account = Account.objects.get(pk=reservation.debit_account_id)
    account.debits_pending_fen -= reservation.amount_fen
    account.debits_posted_fen += fen
    time.sleep(0.01)  # what else a request does meanwhile
    account.save()
    time.sleep(0.01)
    Transfer.objects.create(
        id=transfers.derive_id("careless", str(reservation.pk), fen),
        kind="capture" if fen else "release",
        debit_account_id=reservation.debit_account_id,
        credit_account_id=reservation.credit_account_id,
        amount_fen=fen or reservation.amount_fen,
        hold=reservation,
        reason="test",
        reference="test",
        at=NOW,
    )


def pair_of(reservation: Transfer, name: str) -> list[Callable[[], object]]:
    """Two ends that exclude each other."""
    pairs: dict[str, list[Callable[[], object]]] = {
        "capture/release": [
            lambda: holds.capture(held=reservation, amount_fen=400, at=NOW),
            lambda: holds.release(held=reservation, at=NOW),
        ],
        "capture/capture of less": [
            lambda: holds.capture(held=reservation, amount_fen=400, at=NOW),
            lambda: holds.capture(held=reservation, amount_fen=300, at=NOW),
        ],
        "capture/expire": [
            lambda: holds.capture(held=reservation, amount_fen=400, at=END - timedelta(seconds=1)),
            lambda: 1 / holds.expire_due(at=END),  # nothing left to expire is no win
        ],
        "extend/expire": [
            lambda: holds.extend(
                held=reservation, expires_at=END + timedelta(hours=1), at=END - timedelta(seconds=1)
            ),
            lambda: 1 / holds.expire_due(at=END),
        ],
    }
    return pairs[name]


PAIRS = ("capture/release", "capture/capture of less", "capture/expire", "extend/expire")


def reserved() -> Transfer:
    voucher, payable = ledger.account(fen=1000), ledger.payable()
    return holds.place(entry=ledger.entry(voucher, payable, 400), expires_at=END, at=NOW)


def test_without_the_lock_a_hold_leaves_wrong_counters() -> None:
    """Even with the unique index in place: the loser has saved its balance before it is stopped."""
    for _ in range(20):
        reservation = reserved()
        together([partial(end_without_lock, reservation, fen) for fen in (400, 0)])

    assert broken("I2")


@pytest.mark.parametrize("name", PAIRS)
def test_opposite_ends_of_a_hold_have_one_winner(name: str) -> None:
    for number in range(PAIR_ROUNDS):
        reservation = reserved()
        pair = pair_of(reservation, name)

        answers = together(pair[:: 1 if number % 2 else -1])

        losers = [answer for answer in answers if isinstance(answer, Exception)]
        assert len(losers) == 1, answers
        assert isinstance(losers[0], holds.HoldResolved | holds.HoldLapsed | ZeroDivisionError), (
            losers
        )
        holds.expire_due(at=END + timedelta(days=1))  # what was extended

    assert not any(broken(name) for name in ("I1", "I2", "I3"))
    assert Hold.objects.filter(resolved_with__isnull=True).count() == 0


def test_opposite_transfers_between_two_vouchers_do_not_deadlock() -> None:
    one, other = ledger.account(fen=10_000), ledger.account(fen=10_000)
    entries = [ledger.entry(*pair, 100) for _ in range(32) for pair in ((one, other), (other, one))]

    answers = together([partial(spend, entry) for entry in entries])

    assert [answer for answer in answers if answer is not None] == []
    total = Account.objects.filter(pk__in=[one.pk, other.pk]).aggregate(
        t=Sum(F("credits_posted_fen") - F("debits_posted_fen"))
    )
    assert total["t"] == 20_000
