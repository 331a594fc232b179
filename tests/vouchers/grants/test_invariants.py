"""I10 and I11 hold on honest work and name what was broken on purpose."""

import pytest

from tests.factories import grants
from tests.vouchers.ledger.sql import Row, rows, tamper
from vouchers.grants.actions import invariants
from vouchers.grants.models import Voucher
from vouchers.ledger.kinds import AccountKind
from vouchers.ledger.models import Account

from . import people

pytestmark = pytest.mark.django_db


def broken(name: str) -> list[Row]:
    return rows(invariants.QUERIES[name])


@pytest.fixture
def voucher() -> Voucher:
    return people.issued(people.cast())


def budget(voucher: Voucher) -> Account:
    return Account.objects.get(kind=AccountKind.SCHEME_BUDGET, key=voucher.scheme.code)


@pytest.mark.usefixtures("voucher")
def test_both_hold_after_honest_work() -> None:
    assert {name: broken(name) for name in invariants.QUERIES} == {"I10": [], "I11": []}


def test_i10_names_a_voucher_whose_face_was_changed(voucher: Voucher) -> None:
    tamper("UPDATE vouchers_voucher SET face_fen = face_fen + 1 WHERE id = %s", voucher.pk)

    assert [row[0] for row in broken("I10")] == [voucher.code]


def test_i10_names_a_voucher_whose_balance_was_changed(voucher: Voucher) -> None:
    tamper("UPDATE vouchers_account SET debits_posted_fen = 1 WHERE id = %s", voucher.account_id)

    assert [row[0] for row in broken("I10")] == [voucher.code]


def test_i10_names_a_voucher_that_pays_from_another_account(voucher: Voucher) -> None:
    tamper(
        "UPDATE vouchers_voucher SET account_id = %s WHERE id = %s", budget(voucher).pk, voucher.pk
    )

    assert [row[0] for row in broken("I10")] == [voucher.code]


def test_i11_names_a_scheme_whose_budget_was_changed(voucher: Voucher) -> None:
    tamper(
        "UPDATE vouchers_scheme SET budget_fen = budget_fen * 2 WHERE id = %s", voucher.scheme_id
    )

    assert [row[0] for row in broken("I11")] == [voucher.scheme.code]


def test_i11_names_a_scheme_that_issued_more_than_it_has(voucher: Voucher) -> None:
    tamper(
        "UPDATE vouchers_transfer SET amount_fen = 200000000 WHERE credit_account_id = %s",
        voucher.account_id,
    )

    assert [row[0] for row in broken("I11")] == [voucher.scheme.code]


def test_i11_names_a_scheme_whose_voucher_was_deleted() -> None:
    voucher = grants.voucher()

    tamper("DELETE FROM vouchers_voucher WHERE id = %s", voucher.pk)

    assert [row[0] for row in broken("I11")] == [voucher.scheme.code]
