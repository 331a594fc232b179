"""Posting: effect, replay, linked sets, refusals, reversal."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import ProgrammingError

from tests.factories import ledger
from tests.factories.accounts import NOW
from vouchers.ledger.actions import accounts, transfers
from vouchers.ledger.kinds import AccountKind
from vouchers.ledger.models import Account, Transfer

pytestmark = pytest.mark.django_db


def test_post_moves_money_between_accounts() -> None:
    voucher, payable = ledger.account(fen=1000), ledger.payable()

    [written] = transfers.post(entries=[ledger.entry(voucher, payable, 300)], at=NOW)

    voucher.refresh_from_db()
    assert (voucher.available_fen, voucher.debits_posted_fen) == (700, 300)
    assert accounts.balance_fen(account=payable) == 300
    assert written.at == NOW


def test_post_keeps_no_counters_on_accounts_that_never_refuse() -> None:
    voucher, payable = ledger.account(fen=1000), ledger.payable()

    transfers.post(entries=[ledger.entry(voucher, payable, 300)], at=NOW)

    payable.refresh_from_db()
    assert payable.credits_posted_fen == 0


def test_replay_with_equal_content_has_no_second_effect() -> None:
    voucher, payable = ledger.account(fen=1000), ledger.payable()
    entry = ledger.entry(voucher, payable, 300, key="once")
    transfers.post(entries=[entry], at=NOW)

    again = transfers.post(entries=[entry], at=NOW)

    voucher.refresh_from_db()
    assert again == []
    assert voucher.available_fen == 700


@pytest.mark.parametrize("change", ["amount", "credit", "reason", "reference"])
def test_replay_with_other_content_conflicts(change: str) -> None:
    voucher, payable, other = ledger.account(fen=1000), ledger.payable(), ledger.payable()
    first = ledger.entry(voucher, payable, 300, key="once")
    transfers.post(entries=[first], at=NOW)
    changed = transfers.Entry(
        id=first.id,
        debit=first.debit,
        credit=other.pk if change == "credit" else first.credit,
        amount_fen=301 if change == "amount" else 300,
        reason="else" if change == "reason" else first.reason,
        reference="else" if change == "reference" else first.reference,
    )

    with pytest.raises(transfers.TransferConflict):
        transfers.post(entries=[changed], at=NOW)

    voucher.refresh_from_db()
    assert voucher.available_fen == 700


def test_linked_set_is_written_whole() -> None:
    budget, voucher = ledger.account(AccountKind.SCHEME_BUDGET, 1000), ledger.account()
    cap, used = ledger.account(AccountKind.CAP, 500), ledger.account(AccountKind.CAP_USED)

    written = transfers.post(
        entries=[ledger.entry(budget, voucher, 400), ledger.entry(cap, used, 400)], at=NOW
    )

    assert len(written) == 2
    assert Account.objects.get(pk=voucher.pk).available_fen == 400
    assert Account.objects.get(pk=cap.pk).available_fen == 100


def test_linked_set_with_one_refusal_leaves_nothing() -> None:
    budget, voucher = ledger.account(AccountKind.SCHEME_BUDGET, 1000), ledger.account()
    cap, used = ledger.account(AccountKind.CAP, 300), ledger.account(AccountKind.CAP_USED)
    before = Transfer.objects.count()

    with pytest.raises(transfers.InsufficientFunds) as refused:
        transfers.post(
            entries=[ledger.entry(budget, voucher, 400), ledger.entry(cap, used, 400)], at=NOW
        )

    assert refused.value.account == cap
    assert Transfer.objects.count() == before
    assert Account.objects.get(pk=budget.pk).available_fen == 1000


def test_linked_set_partly_posted_before_adds_only_the_rest() -> None:
    voucher, payable = ledger.account(fen=1000), ledger.payable()
    first = ledger.entry(voucher, payable, 300, key="first")
    second = ledger.entry(voucher, payable, 200, key="second")
    transfers.post(entries=[first], at=NOW)

    written = transfers.post(entries=[first, second], at=NOW)

    assert [row.pk for row in written] == [second.id]
    assert Account.objects.get(pk=voucher.pk).available_fen == 500


def test_linked_set_naming_one_id_twice_posts_it_once() -> None:
    voucher, payable = ledger.account(fen=1000), ledger.payable()
    entry = ledger.entry(voucher, payable, 300, key="twice")

    written = transfers.post(entries=[entry, entry], at=NOW)

    assert len(written) == 1
    assert Account.objects.get(pk=voucher.pk).available_fen == 700


def test_linked_set_naming_one_id_with_two_contents_conflicts() -> None:
    voucher, payable = ledger.account(fen=1000), ledger.payable()

    with pytest.raises(transfers.TransferConflict):
        transfers.post(
            entries=[
                ledger.entry(voucher, payable, 300, key="twice"),
                ledger.entry(voucher, payable, 200, key="twice"),
            ],
            at=NOW,
        )


def test_guarded_account_refuses_one_fen_too_much() -> None:
    voucher, payable = ledger.account(fen=1000), ledger.payable()

    with pytest.raises(transfers.InsufficientFunds) as refused:
        transfers.post(entries=[ledger.entry(voucher, payable, 1001)], at=NOW)

    assert refused.value.code == "insufficient_funds"
    assert refused.value.account == voucher


def test_unguarded_account_never_refuses() -> None:
    bank, funds = ledger.account(AccountKind.BANK), ledger.account(AccountKind.ENTERPRISE_FUNDS)

    transfers.post(entries=[ledger.entry(bank, funds, 10**12)], at=NOW)

    assert accounts.balance_fen(account=bank) == -(10**12)


@pytest.mark.parametrize("fen", [0, -1, True, 10**15 + 1, 1.5, float("nan")])
def test_amounts_that_are_no_whole_fen_are_refused(fen: int) -> None:
    voucher, payable = ledger.account(fen=1000), ledger.payable()

    with pytest.raises(transfers.InvalidMovement):
        transfers.post(entries=[ledger.entry(voucher, payable, fen)], at=NOW)


def test_account_cannot_pay_itself() -> None:
    voucher = ledger.account(fen=1000)

    with pytest.raises(transfers.InvalidMovement):
        transfers.post(entries=[ledger.entry(voucher, voucher, 1)], at=NOW)


def test_reverse_gives_the_money_back_once() -> None:
    voucher, payable = ledger.account(fen=1000), ledger.payable()
    original = Transfer.objects.get(pk=ledger.move(voucher, payable, 300))

    [back] = transfers.reverse(original=original, at=NOW, reference="mistake")
    again = transfers.reverse(original=original, at=NOW, reference="mistake")

    assert back.reverses_id == original.pk
    assert again == []
    assert Account.objects.get(pk=voucher.pk).available_fen == 1000
    assert accounts.balance_fen(account=payable) == 0


def test_reverse_under_another_reference_conflicts() -> None:
    voucher, payable = ledger.account(fen=1000), ledger.payable()
    original = Transfer.objects.get(pk=ledger.move(voucher, payable, 300))
    transfers.reverse(original=original, at=NOW, reference="mistake")

    with pytest.raises(transfers.TransferConflict):
        transfers.reverse(original=original, at=NOW, reference="other mistake")


def test_second_reversal_under_another_id_is_refused() -> None:
    voucher, payable = ledger.account(fen=1000), ledger.payable()
    original = Transfer.objects.get(pk=ledger.move(voucher, payable, 300))
    transfers.reverse(original=original, at=NOW, reference="mistake")
    second = transfers.Entry(
        id=transfers.derive_id("elsewhere"),
        debit=payable.pk,
        credit=voucher.pk,
        amount_fen=300,
        reason="reversal",
        reference="again",
        reverses=original.pk,
    )

    with pytest.raises(transfers.AlreadyReversed):
        transfers.post(entries=[second], at=NOW)


def test_reversal_of_spent_money_is_refused() -> None:
    budget, voucher, payable = (
        ledger.account(AccountKind.SCHEME_BUDGET, 1000),
        ledger.account(),
        ledger.payable(),
    )
    issued = Transfer.objects.get(pk=ledger.move(budget, voucher, 500))
    ledger.move(voucher, payable, 1)

    with pytest.raises(transfers.InsufficientFunds):
        transfers.reverse(original=issued, at=NOW, reference="mistake")


def test_derived_ids_depend_on_every_part_and_its_borders() -> None:
    assert transfers.derive_id("a", "bc") != transfers.derive_id("ab", "c")
    assert transfers.derive_id("a", 1) == transfers.derive_id("a", "1")


@pytest.mark.parametrize(
    "statement",
    ["UPDATE vouchers_transfer SET amount_fen = amount_fen + 1", "DELETE FROM vouchers_transfer"],
)
def test_transfers_are_append_only(statement: str) -> None:
    ledger.account(fen=1000)

    with (
        pytest.raises(ProgrammingError, match="Cannot update or delete"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"amount_fen": 0}, "vouchers_transfer_amount"),
        ({"kind": "gift"}, "vouchers_transfer_kind"),
        ({"kind": "capture"}, "vouchers_transfer_resolves_hold"),
    ],
)
def test_constraints_stand_behind_the_action(values: dict[str, object], constraint: str) -> None:
    voucher, payable = ledger.account(fen=1000), ledger.payable()
    row = {
        "id": transfers.derive_id("raw"),
        "kind": "single",
        "debit_account": voucher,
        "credit_account": payable,
        "amount_fen": 1,
        "reason": "test",
        "reference": "test",
        "at": NOW,
    } | values

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Transfer.objects.create(**row)


def test_database_refuses_an_overdrawn_guarded_account() -> None:
    voucher = ledger.account(fen=1000)

    with (
        pytest.raises(IntegrityError, match="vouchers_account_not_overdrawn"),
        transaction.atomic(),
    ):
        Account.objects.filter(pk=voucher.pk).update(debits_pending_fen=1001)
