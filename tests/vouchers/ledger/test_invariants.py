"""Each invariant holds on honest work and names what was broken on purpose."""

from datetime import timedelta

import pytest

from tests.factories import ledger
from tests.factories.accounts import NOW
from vouchers.ledger.actions import holds, invariants, transfers
from vouchers.ledger.models import Account, Transfer

from .sql import broken, tamper

pytestmark = pytest.mark.django_db

IN_FUTURE = NOW + timedelta(days=36_500)


@pytest.fixture
def voucher() -> Account:
    return ledger.account(fen=1000)


@pytest.fixture
def payable() -> Account:
    return ledger.payable()


def hold(voucher: Account, payable: Account) -> Transfer:
    return holds.place(entry=ledger.entry(voucher, payable, 400), expires_at=IN_FUTURE, at=NOW)


def test_all_hold_after_honest_work(voucher: Account, payable: Account) -> None:
    moved = Transfer.objects.get(pk=ledger.move(voucher, payable, 100))
    transfers.reverse(original=moved, at=NOW, reference="mistake")
    holds.capture(held=hold(voucher, payable), amount_fen=150, at=NOW)
    holds.release(held=hold(voucher, payable), at=NOW)
    hold(voucher, payable)

    found = {name: broken(name) for name in invariants.QUERIES}

    assert found == {"I1": [], "I2": [], "I3": [], "I4": []}


def test_i1_names_money_from_nowhere(voucher: Account) -> None:
    tamper(
        "UPDATE vouchers_account SET credits_posted_fen = credits_posted_fen + 7 WHERE id = %s",
        voucher.pk,
    )

    [row] = broken("I1")

    assert row[3] - row[2] == 7


def test_i1_names_a_pending_side_that_was_lost(voucher: Account, payable: Account) -> None:
    hold(voucher, payable)

    tamper("UPDATE vouchers_account SET debits_pending_fen = 0 WHERE id = %s", voucher.pk)

    [row] = broken("I1")
    assert (row[0], row[1]) == (0, 400)


def test_i2_names_an_account_whose_counter_was_changed(voucher: Account, payable: Account) -> None:
    ledger.move(voucher, payable, 100)

    tamper("UPDATE vouchers_account SET debits_posted_fen = 50 WHERE id = %s", voucher.pk)

    [row] = broken("I2")
    assert row[:2] == ("voucher", voucher.key)


def test_i2_names_both_accounts_of_a_changed_transfer(voucher: Account, payable: Account) -> None:
    cap = ledger.account(fen=0)
    moved = ledger.move(voucher, cap, 100)

    tamper("UPDATE vouchers_transfer SET amount_fen = 1 WHERE id = %s", moved)

    assert {row[1] for row in broken("I2")} == {voucher.key, cap.key}


def test_i2_names_a_deleted_transfer(voucher: Account, payable: Account) -> None:
    moved = ledger.move(voucher, payable, 100)

    tamper("DELETE FROM vouchers_transfer WHERE id = %s", moved)

    assert [row[1] for row in broken("I2")] == [voucher.key]


def test_i3_names_an_overdrawn_account(voucher: Account, payable: Account) -> None:
    tamper(
        "UPDATE vouchers_account SET debits_posted_fen = 1001 WHERE id = %s",
        voucher.pk,
        without=("vouchers_account", "vouchers_account_not_overdrawn"),
    )

    assert [row[1] for row in broken("I3")] == [voucher.key]


def test_i3_names_an_account_overdrawn_by_a_smuggled_transfer(
    voucher: Account, payable: Account
) -> None:
    moved = ledger.move(voucher, payable, 100)

    tamper("UPDATE vouchers_transfer SET amount_fen = 1001 WHERE id = %s", moved)

    assert [row[1] for row in broken("I3")] == [voucher.key]


def test_i4_names_a_hold_resolved_twice(voucher: Account, payable: Account) -> None:
    held = hold(voucher, payable)
    holds.capture(held=held, amount_fen=400, at=NOW)

    tamper(
        "INSERT INTO vouchers_transfer (id, kind, debit_account_id, credit_account_id, amount_fen, hold_id,"
        " reason, reference, at) VALUES (gen_random_uuid(), 'release', %s, %s, 400, %s, 'x', 'x', now())",
        voucher.pk,
        payable.pk,
        held.pk,
        without=("vouchers_transfer", "vouchers_transfer_hold_once"),
    )

    assert (held.pk, "resolved more than once") in broken("I4")


def test_i4_names_a_capture_above_its_hold(voucher: Account, payable: Account) -> None:
    captured = holds.capture(held=hold(voucher, payable), amount_fen=400, at=NOW)

    tamper("UPDATE vouchers_transfer SET amount_fen = 401 WHERE id = %s", captured.pk)

    assert broken("I4") == [(captured.pk, "resolves something else than its hold")]


def test_i4_names_a_resolution_that_its_row_forgot(voucher: Account, payable: Account) -> None:
    held = hold(voucher, payable)
    holds.release(held=held, at=NOW)

    tamper("UPDATE vouchers_hold SET resolved_with_id = NULL WHERE transfer_id = %s", held.pk)

    assert (held.pk, "hold and its row disagree") in broken("I4")


def test_i4_names_a_hold_left_open_past_its_expiry(voucher: Account, payable: Account) -> None:
    held = hold(voucher, payable)

    tamper("UPDATE vouchers_hold SET expires_at = '2020-01-01' WHERE transfer_id = %s", held.pk)

    assert broken("I4") == [(held.pk, "open past its expiry and the grace of 15 minutes")]
