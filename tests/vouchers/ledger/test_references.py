"""Facts point to rows that exist: checked by the statement, in place of foreign keys row by row."""

import uuid
from datetime import date

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from tests.factories import grants, ledger, providers
from tests.factories import usage as metered
from tests.factories.accounts import NOW
from vouchers.billing.actions.charging import rating
from vouchers.billing.models import Bill, Charge
from vouchers.ledger.models import Account, Transfer

pytestmark = pytest.mark.django_db

NOWHERE = 10**12


def transfer(**changed: object) -> Transfer:
    debit, credit = ledger.account(fen=1000), ledger.account(fen=1000)
    known = {"debit_account": debit, "credit_account": credit, "amount_fen": 5, "kind": "single"}
    return Transfer(
        id=uuid.uuid4(), reason="test", reference="test", at=NOW, **{**known, **changed}
    )


def charged() -> Charge:
    contract = providers.subscription()
    grants.funds(contract.enterprise, 10_000)
    metered.use(contract, quantities={"input_tokens": 1_000_000})
    rating.rate(subscription=contract, month=date(2026, 10, 1), at=NOW)
    return Charge.objects.get()


@pytest.mark.parametrize("side", ["debit_account_id", "credit_account_id", "reverses_id"])
def test_transfers_that_point_to_nothing_are_refused_with_all_of_their_statement(side: str) -> None:
    sound, known = transfer(), Transfer.objects.count()
    nothing = uuid.uuid4() if side == "reverses_id" else NOWHERE
    broken = transfer()
    setattr(broken, side, nothing)
    known = Transfer.objects.count()

    with pytest.raises(IntegrityError, match=side), transaction.atomic():
        Transfer.objects.bulk_create([sound, broken])

    assert Transfer.objects.count() == known


@pytest.mark.parametrize("column", ["transfer_id", "bill_id", "voucher_id", "undoes_id"])
def test_charges_that_point_to_nothing_are_refused(column: str) -> None:
    charge, moved = charged(), transfer()
    moved.save(force_insert=True)
    charge.pk, charge.number = moved.pk, 2
    if column == "voucher_id":
        charge.payer = "voucher"
    nothing = NOWHERE if column in {"bill_id", "voucher_id"} else uuid.uuid4()
    setattr(charge, column, nothing)

    with pytest.raises(IntegrityError, match=column), transaction.atomic():
        charge.save(force_insert=True)


@pytest.mark.parametrize("table", ["vouchers_account", "vouchers_bill", "vouchers_voucher"])
def test_rows_that_facts_point_to_are_kept(table: str) -> None:
    grants.voucher(charged().bill.enterprise, grants.scheme())

    with (
        pytest.raises(ProgrammingError, match="Cannot delete"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"DELETE FROM {table}")

    assert Bill.objects.exists()
    assert Account.objects.exists()
