"""Wallets: where the face stands; expiry, freezing, revocation."""

from datetime import timedelta

import pytest

from common.errors import Forbidden
from common.states import WrongState
from tests.factories import accounts, grants, ledger
from tests.factories.accounts import NOW
from tests.vouchers.ledger.sql import rows
from vouchers.grants.actions import invariants, wallets
from vouchers.grants.models import Voucher
from vouchers.ledger.actions import accounts as ledger_accounts
from vouchers.ledger.actions import holds, transfers
from vouchers.ledger.kinds import AccountKind
from vouchers.ledger.models import Account, Transfer

from . import people

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(days=400)


def parts(voucher: Voucher) -> tuple[int, int, int, int, int]:
    found = wallets.entry(voucher=voucher)
    assert found.face_fen == (
        found.available_fen
        + found.held_fen
        + found.redeemed_fen
        + found.expired_fen
        + found.revoked_fen
    )
    return (
        found.available_fen,
        found.held_fen,
        found.redeemed_fen,
        found.expired_fen,
        found.revoked_fen,
    )


def pay(voucher: Voucher, fen: int) -> Transfer:
    payable = ledger_accounts.get_or_open(
        kind=AccountKind.PROVIDER_PAYABLE, key=f"{voucher.scheme.code}/PV-TEST"
    )
    account = Account.objects.get(pk=voucher.account_id)
    return Transfer.objects.get(pk=ledger.move(account, payable, fen, reason="usage"))


def hold(voucher: Voucher, fen: int) -> Transfer:
    payable = ledger_accounts.get_or_open(
        kind=AccountKind.PROVIDER_PAYABLE, key=f"{voucher.scheme.code}/PV-TEST"
    )
    account = Account.objects.get(pk=voucher.account_id)
    entry = ledger.entry(account, payable, fen, reason="usage")
    return holds.place(entry=entry, expires_at=LATER + timedelta(days=1), at=NOW)


def test_parts_add_up_to_the_face() -> None:
    voucher = grants.voucher(face_fen=300_000)

    pay(voucher, 100_000)
    transfers.reverse(original=pay(voucher, 50_000), at=NOW, reference="mistake")
    holds.capture(held=hold(voucher, 30_000), amount_fen=20_000, at=NOW)
    hold(voucher, 5_000)

    assert parts(voucher) == (175_000, 5_000, 120_000, 0, 0)
    assert [rows(query) for query in invariants.QUERIES.values()] == [[], []]


def test_expiry_returns_the_rest_to_the_budget_once() -> None:
    voucher = grants.voucher(face_fen=300_000)
    pay(voucher, 100_000)
    before = ledger_accounts.available_fen(kind=AccountKind.SCHEME_BUDGET, key=voucher.scheme.code)

    counts = [wallets.expire_due(at=LATER) for _ in range(2)]

    after = ledger_accounts.available_fen(kind=AccountKind.SCHEME_BUDGET, key=voucher.scheme.code)
    assert counts == [1, 0]
    assert Voucher.objects.get(pk=voucher.pk).status == "expired"
    assert parts(voucher) == (0, 0, 100_000, 200_000, 0)
    assert after - before == 200_000


def test_expiry_takes_back_what_reaches_the_voucher_later() -> None:
    voucher = grants.voucher(face_fen=300_000)
    paid, held = pay(voucher, 100_000), hold(voucher, 50_000)
    wallets.expire_due(at=LATER)

    holds.release(held=held, at=LATER)
    first = wallets.expire_due(at=LATER)
    transfers.reverse(original=paid, at=LATER, reference="mistake")
    second = wallets.expire_due(at=LATER)

    assert (first, second) == (1, 1)
    assert parts(voucher) == (0, 0, 0, 300_000, 0)
    assert [rows(query) for query in invariants.QUERIES.values()] == [[], []]


def test_valid_vouchers_do_not_expire() -> None:
    grants.voucher()

    assert wallets.expire_due(at=NOW) == 0


def test_freeze_and_unfreeze() -> None:
    cast = people.cast()
    voucher = people.issued(cast)

    frozen = wallets.freeze(by=cast.officer, voucher=voucher, reason="核查", at=NOW)

    assert not Voucher.objects.usable_at(people.AFTER_NOTICE).exists()
    assert (
        wallets.unfreeze(by=cast.officer, voucher=frozen, reason="无异常", at=NOW).status
        == "active"
    )


def test_revoke_returns_the_rest_and_is_final() -> None:
    cast = people.cast()
    voucher = people.issued(cast)
    pay(voucher, 1_000_000)

    wallets.revoke(by=cast.officer, voucher=voucher, reason="骗取", at=NOW)
    wallets.revoke(by=cast.officer, voucher=voucher, reason="骗取", at=NOW)

    assert parts(voucher) == (0, 0, 1_000_000, 0, 2_000_000)
    with pytest.raises(WrongState):
        wallets.unfreeze(by=cast.officer, voucher=voucher, reason="x", at=NOW)


def test_freeze_needs_words() -> None:
    cast = people.cast()

    with pytest.raises(wallets.WordsMissing):
        wallets.freeze(by=cast.officer, voucher=people.issued(cast), reason=" ", at=NOW)


def test_holder_and_other_bureaus_cannot_freeze() -> None:
    cast = people.cast()
    voucher = people.issued(cast)

    for stranger in (cast.signatory, cast.first, accounts.officer()):
        with pytest.raises(Forbidden):
            wallets.freeze(by=stranger, voucher=voucher, reason="x", at=NOW)


def test_entries_list_usable_vouchers_first_with_a_constant_number_of_queries(
    django_assert_num_queries: object,
) -> None:
    firm = accounts.organization()
    plan = grants.scheme()
    expired = grants.voucher(firm, plan, expires_at=NOW - timedelta(days=1))
    late = grants.voucher(firm, plan, expires_at=NOW + timedelta(days=90))
    soon = grants.voucher(firm, plan, expires_at=NOW + timedelta(days=30))
    grants.voucher()

    with django_assert_num_queries(4):  # type: ignore[operator]
        found = wallets.entries(enterprise=firm, at=NOW)

    assert [entry.voucher for entry in found] == [soon, late, expired]


def test_history_shows_issue_and_payments() -> None:
    cast = people.cast()
    voucher = people.issued(cast)
    pay(voucher, 1_000_000)

    lines = {(line.counterpart, line.change_fen) for line in wallets.history(voucher=voucher)}

    assert lines == {("scheme_budget", 3_000_000), ("provider_payable", -1_000_000)}
