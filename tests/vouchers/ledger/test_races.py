"""Many threads on one account: exactly what the money allows, whoever comes first."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from django.db import transaction
from django.db.models import F, Sum

from tests.factories import ledger
from tests.factories.accounts import NOW
from tests.threads import together
from vouchers.ledger.actions import accounts, holds, invariants, transfers
from vouchers.ledger.models import Account, Hold, Transfer

from .sql import broken

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 64


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


@pytest.mark.parametrize("affordable", [0, 1, 5, 20, 63])
def test_voucher_worth_k_is_spent_exactly_k_times(affordable: int) -> None:
    assert successes(spend, affordable) == affordable
    assert {name: broken(name) for name in ("I1", "I2", "I3")} == {"I1": [], "I2": [], "I3": []}


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


@pytest.mark.parametrize("round_number", range(8))
def test_capture_against_release_has_one_winner(round_number: int) -> None:
    voucher, payable = ledger.account(fen=1000), ledger.payable()
    reservation = holds.place(
        entry=ledger.entry(voucher, payable, 400), expires_at=NOW + timedelta(hours=1), at=NOW
    )
    pair: list[Callable[[], Transfer]] = [
        lambda: holds.capture(held=reservation, amount_fen=400, at=NOW),
        lambda: holds.release(held=reservation, at=NOW),
    ]

    answers = together(pair[:: 1 if round_number % 2 else -1])

    winners = [answer for answer in answers if isinstance(answer, Transfer)]
    losers = [answer for answer in answers if isinstance(answer, holds.HoldResolved)]
    available = Account.objects.get(pk=voucher.pk).available_fen
    assert (len(winners), len(losers)) == (1, 1)
    assert available == (600 if winners[0].kind == "capture" else 1000)
    assert not any(broken(name) for name in invariants.QUERIES)


def test_capture_against_expiry_has_one_winner() -> None:
    voucher, payable = ledger.account(fen=1000), ledger.payable()
    end = NOW + timedelta(hours=1)
    reservation = holds.place(entry=ledger.entry(voucher, payable, 400), expires_at=end, at=NOW)

    def capture_just_in_time() -> int:
        holds.capture(held=reservation, amount_fen=400, at=end - timedelta(seconds=1))
        return 1

    captured, expired = together([capture_just_in_time, lambda: holds.expire_due(at=end)])

    assert Transfer.objects.filter(hold=reservation).count() == 1
    assert (captured == 1) is not (expired == 1)
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
