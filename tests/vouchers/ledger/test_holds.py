"""Holds: place, capture, release, expire, extend."""

from datetime import timedelta

import pytest

from tests.factories import ledger
from tests.factories.accounts import NOW
from vouchers.ledger.actions import accounts, holds, transfers
from vouchers.ledger.models import Account, Hold, Transfer

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=1)


def held(voucher: Account, payable: Account, fen: int, key: str = "") -> Transfer:
    return holds.place(entry=ledger.entry(voucher, payable, fen, key), expires_at=LATER, at=NOW)


def test_place_reserves_without_spending() -> None:
    voucher, payable = ledger.account(fen=1000), ledger.payable()

    held(voucher, payable, 400)

    voucher.refresh_from_db()
    assert (voucher.available_fen, voucher.debits_pending_fen, voucher.debits_posted_fen) == (
        600,
        400,
        0,
    )
    assert accounts.balance_fen(account=payable) == 0


def test_place_refuses_more_than_is_available() -> None:
    voucher, payable = ledger.account(fen=1000), ledger.payable()
    held(voucher, payable, 700)

    with pytest.raises(transfers.InsufficientFunds):
        held(voucher, payable, 301)


def test_place_again_answers_the_same_hold() -> None:
    voucher, payable = ledger.account(fen=1000), ledger.payable()
    first = held(voucher, payable, 400, key="once")

    again = held(voucher, payable, 400, key="once")

    assert again == first
    assert Account.objects.get(pk=voucher.pk).available_fen == 600


def test_place_with_a_used_id_conflicts() -> None:
    voucher, payable = ledger.account(fen=1000), ledger.payable()
    held(voucher, payable, 400, key="once")

    with pytest.raises(transfers.TransferConflict):
        held(voucher, payable, 401, key="once")
    with pytest.raises(transfers.TransferConflict):
        transfers.post(entries=[ledger.entry(voucher, payable, 400, key="once")], at=NOW)


def test_place_that_lapses_at_once_is_refused() -> None:
    voucher, payable = ledger.account(fen=1000), ledger.payable()

    with pytest.raises(holds.HoldLapsed):
        holds.place(entry=ledger.entry(voucher, payable, 1), expires_at=NOW, at=NOW)


@pytest.mark.parametrize("captured", [1, 250, 400])
def test_capture_posts_a_part_and_returns_the_rest(captured: int) -> None:
    voucher, payable = ledger.account(fen=1000), ledger.payable()
    reservation = held(voucher, payable, 400)

    resolution = holds.capture(held=reservation, amount_fen=captured, at=NOW)

    voucher.refresh_from_db()
    assert (voucher.available_fen, voucher.debits_pending_fen) == (1000 - captured, 0)
    assert accounts.balance_fen(account=payable) == captured
    assert Hold.objects.get(pk=reservation.pk).resolved_with_id == resolution.pk


def test_capture_again_answers_the_first_one() -> None:
    voucher, payable = ledger.account(fen=1000), ledger.payable()
    reservation = held(voucher, payable, 400)
    first = holds.capture(held=reservation, amount_fen=250, at=NOW)

    again = holds.capture(held=reservation, amount_fen=250, at=NOW)

    assert again == first
    assert accounts.balance_fen(account=payable) == 250


def test_capture_of_another_amount_after_capture_is_refused() -> None:
    voucher, payable = ledger.account(fen=1000), ledger.payable()
    reservation = held(voucher, payable, 400)
    holds.capture(held=reservation, amount_fen=250, at=NOW)

    with pytest.raises(holds.HoldResolved):
        holds.capture(held=reservation, amount_fen=100, at=NOW)


def test_capture_above_the_hold_is_refused() -> None:
    reservation = held(ledger.account(fen=1000), ledger.payable(), 400)

    with pytest.raises(holds.HoldTooSmall):
        holds.capture(held=reservation, amount_fen=401, at=NOW)


@pytest.mark.parametrize("fen", [0, -1, float("nan")])
def test_capture_of_nothing_is_refused(fen: int) -> None:
    reservation = held(ledger.account(fen=1000), ledger.payable(), 400)

    with pytest.raises(transfers.InvalidMovement):
        holds.capture(held=reservation, amount_fen=fen, at=NOW)


def test_capture_past_the_expiry_is_refused() -> None:
    voucher, payable = ledger.account(fen=1000), ledger.payable()
    reservation = held(voucher, payable, 400)

    with pytest.raises(holds.HoldLapsed):
        holds.capture(held=reservation, amount_fen=400, at=LATER)

    assert Account.objects.get(pk=voucher.pk).debits_pending_fen == 400


def test_release_gives_everything_back_and_ends_the_hold() -> None:
    voucher, payable = ledger.account(fen=1000), ledger.payable()
    reservation = held(voucher, payable, 400)

    released = holds.release(held=reservation, at=NOW)

    assert holds.release(held=reservation, at=NOW) == released
    assert Account.objects.get(pk=voucher.pk).available_fen == 1000
    with pytest.raises(holds.HoldResolved):
        holds.capture(held=reservation, amount_fen=400, at=NOW)


def test_expire_due_gives_back_lapsed_holds_once() -> None:
    voucher, payable = ledger.account(fen=1000), ledger.payable()
    held(voucher, payable, 400)
    open_one = holds.place(
        entry=ledger.entry(voucher, payable, 100), expires_at=LATER + timedelta(hours=1), at=NOW
    )

    counts = [holds.expire_due(at=LATER), holds.expire_due(at=LATER)]

    voucher.refresh_from_db()
    assert counts == [1, 0]
    assert (voucher.available_fen, voucher.debits_pending_fen) == (900, 100)
    assert Hold.objects.get(pk=open_one.pk).resolved_with_id is None


def test_extend_keeps_a_hold_open() -> None:
    voucher, payable = ledger.account(fen=1000), ledger.payable()
    reservation = held(voucher, payable, 400)

    holds.extend(held=reservation, expires_at=LATER + timedelta(hours=1), at=NOW)

    assert holds.expire_due(at=LATER) == 0
    holds.capture(held=reservation, amount_fen=400, at=LATER)
    assert Account.objects.get(pk=voucher.pk).available_fen == 600


def test_extend_to_an_earlier_moment_changes_nothing() -> None:
    reservation = held(ledger.account(fen=1000), ledger.payable(), 400)

    holds.extend(held=reservation, expires_at=NOW + timedelta(minutes=1), at=NOW)

    assert Hold.objects.get(pk=reservation.pk).expires_at == LATER


def test_extend_of_an_ended_or_lapsed_hold_is_refused() -> None:
    voucher, payable = ledger.account(fen=1000), ledger.payable()
    ended, lapsed = held(voucher, payable, 400), held(voucher, payable, 400)
    holds.release(held=ended, at=NOW)

    with pytest.raises(holds.HoldResolved):
        holds.extend(held=ended, expires_at=LATER + timedelta(hours=1), at=NOW)
    with pytest.raises(holds.HoldLapsed):
        holds.extend(held=lapsed, expires_at=LATER + timedelta(hours=1), at=LATER)


def test_reservation_cannot_be_reversed() -> None:
    reservation = held(ledger.account(fen=1000), ledger.payable(), 400)

    with pytest.raises(transfers.NotReversible):
        transfers.reverse(original=reservation, at=NOW, reference="mistake")


def test_captured_money_can_be_reversed() -> None:
    voucher, payable = ledger.account(fen=1000), ledger.payable()
    captured = holds.capture(held=held(voucher, payable, 400), amount_fen=300, at=NOW)

    transfers.reverse(original=captured, at=NOW, reference="mistake")

    assert Account.objects.get(pk=voucher.pk).available_fen == 1000
