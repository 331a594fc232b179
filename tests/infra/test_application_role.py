"""The role of the running product: it works, and cannot change facts, whatever the triggers say."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection, transaction
from django.db.utils import ProgrammingError

from common.management.commands.application_role import is_fact
from tests.factories import ledger
from tests.factories.accounts import NOW
from vouchers.ledger.actions import holds, transfers

pytestmark = pytest.mark.django_db

ROLE = "test_application_role"
FACTS = {
    model._meta.db_table: model._meta.pk.column for model in apps.get_models() if is_fact(model)
}


@pytest.fixture
def role() -> str:
    """Made inside the test's transaction, which takes it back."""
    call_command("application_role", ROLE, verbosity=0)
    return ROLE


@contextmanager
def as_role(role: str) -> Iterator[None]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE {role}")
        yield
        cursor.execute("RESET ROLE")  # after a refusal the rollback does it


def test_facts_are_known() -> None:
    assert {"vouchers_transfer", "vouchers_usageevent", "accounts_event"} <= FACTS.keys()


def test_role_moves_money(role: str) -> None:
    voucher, payable = ledger.account(fen=1000), ledger.payable()

    with as_role(role):
        transfers.post(entries=[ledger.entry(voucher, payable, 100)], at=NOW)
        held = holds.place(
            entry=ledger.entry(voucher, payable, 200), expires_at=NOW.replace(year=2126), at=NOW
        )
        holds.capture(held=held, amount_fen=50, at=NOW)

    voucher.refresh_from_db()
    assert voucher.available_fen == 850


@pytest.mark.parametrize("table", FACTS)
@pytest.mark.parametrize(
    "statement", ["UPDATE {table} SET {key} = {key}", "DELETE FROM {table}", "TRUNCATE {table}"]
)
def test_role_cannot_change_facts(role: str, table: str, statement: str) -> None:
    with (
        pytest.raises(ProgrammingError, match=f"permission denied for table {table}"),
        as_role(role),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement.format(table=table, key=FACTS[table]))


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE vouchers_transfer DISABLE TRIGGER ALL",
        "SET session_replication_role = replica",
        "DROP TABLE vouchers_hold",
        "CREATE OR REPLACE FUNCTION vouchers_place_hold() RETURNS void LANGUAGE sql AS ''",
    ],
)
def test_role_cannot_get_around_the_triggers(role: str, statement: str) -> None:
    with (
        pytest.raises(ProgrammingError, match=r"must be owner|permission denied"),
        as_role(role),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
