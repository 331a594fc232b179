"""Sixty-four clerks of one enterprise draw the last hours; many enterprises take the last supply."""

import threading

import pytest
from django.db import transaction

from providers.actions import bank_draws
from providers.models import BankDeposit, BankDraw, BankEntry
from tests.factories import bank
from tests.factories.accounts import NOW
from tests.factories.bank import HOUR, NOVEMBER
from tests.threads import together
from tests.vouchers.ledger import sql
from vouchers.audit.actions.invariants import QUERIES

pytestmark = pytest.mark.django_db(transaction=True)
THREADS = 64


def test_read_then_write_without_lock_draws_the_last_hour_many_times() -> None:
    """What would happen: all read the hour that is left before anybody writes.

    Writing the figure that was computed keeps even the database's CHECK silent.
    """
    here, there, saver = bank.exchange(), bank.exchange(), bank.firm()
    credit = bank.deposit(saver, here, HOUR)
    supply = bank.deposit(bank.firm(), there, THREADS * HOUR // 64)
    gate = threading.Barrier(THREADS, timeout=60)

    def naive() -> bool:
        with transaction.atomic():
            row = BankDeposit.objects.get(pk=credit.pk)
            gate.wait()
            if row.left_seconds < HOUR:
                return False
            spent = row.spent_seconds + HOUR
            BankDeposit.objects.filter(pk=row.pk).update(spent_seconds=spent)
            BankDeposit.objects.filter(pk=supply.pk).update(given_seconds=spent)
            return True

    answers = together([naive] * THREADS)

    credit.refresh_from_db()
    assert answers.count(True) == THREADS, "sixty-four draws of a single hour"
    assert credit.left_seconds == 0, "and the row looks fine"
    assert sql.rows(QUERIES["I12"]), "but no entry stands behind it"


def test_the_last_hour_of_a_credit_is_drawn_once() -> None:
    here, there, saver = bank.exchange(), bank.exchange(), bank.firm()
    bank.deposit(saver, here, HOUR)
    bank.deposit(bank.firm(), there, 100 * HOUR)

    def work(number: int) -> BankDraw:
        return bank_draws.draw(
            by=saver, offering=there, month=NOVEMBER, card_seconds=HOUR,
            reference=f"draw {number}", at=NOW,
        )  # fmt: skip

    answers = together([lambda number=n: work(number) for n in range(THREADS)])  # type: ignore[misc]

    won = [each for each in answers if isinstance(each, BankDraw)]
    lost = [each for each in answers if isinstance(each, bank_draws.InsufficientHours)]
    assert (len(won), len(lost)) == (1, THREADS - 1)
    assert BankEntry.objects.filter(kind="draw").count() == 1
    assert sql.rows(QUERIES["I12"]) == []


def test_the_last_hours_of_a_place_go_to_as_many_as_there_are() -> None:
    here, there = bank.exchange(), bank.exchange()
    firms = [bank.firm() for _number in range(24)]
    for each in firms:
        bank.deposit(each, here, HOUR)
    bank.deposit(bank.firm(), there, 5 * HOUR)

    answers = together(
        [
            lambda firm=each: bank_draws.draw(  # type: ignore[misc]
                by=firm, offering=there, month=NOVEMBER, card_seconds=HOUR, reference="x", at=NOW
            )
            for each in firms
        ]
    )

    won = [each for each in answers if isinstance(each, BankDraw)]
    lost = [each for each in answers if isinstance(each, bank_draws.NothingDeposited)]
    assert (len(won), len(lost)) == (5, 19)
    assert sql.rows(QUERIES["I12"]) == []


def test_one_reference_sent_by_many_is_one_draw() -> None:
    here, there, saver = bank.exchange(), bank.exchange(), bank.firm()
    bank.deposit(saver, here, 64 * HOUR)
    bank.deposit(bank.firm(), there, 64 * HOUR)

    answers = together(
        [
            lambda: bank_draws.draw(
                by=saver, offering=there, month=NOVEMBER, card_seconds=HOUR, reference="x", at=NOW
            )
        ]
        * THREADS
    )

    assert {each.pk for each in answers if isinstance(each, BankDraw)} == {
        BankDraw.objects.get().pk
    }
    assert not [each for each in answers if isinstance(each, Exception)]
    assert sql.rows(QUERIES["I12"]) == []
