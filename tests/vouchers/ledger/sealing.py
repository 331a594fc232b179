"""A small set of books, sealed in two blocks, with a third of rows that are not sealed yet."""

import subprocess
import sys
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection

from tests.factories import ledger, providers, usage
from tests.factories.accounts import NOW
from vouchers.billing.facts import USAGE_EVENTS
from vouchers.ledger.actions import exports, holds, seals
from vouchers.ledger.models import Account


@dataclass
class Books:
    """What the tests tamper with: ids in the order of writing."""

    voucher: Account
    payable: Account
    transfers: list[UUID]
    events: list[Any]


def books() -> Books:
    """Block 1: four transfers and three events; block 2: two of each; after it one of each."""
    voucher, payable = ledger.account(fen=100_000), ledger.payable()
    contract = providers.subscription()
    kept = Books(voucher, payable, [], [])

    def write(number: int) -> None:
        kept.transfers.append(ledger.move(voucher, payable, 100 + number))
        usage.use(contract, input_tokens=1_000 + number)

    for number in range(3):
        write(number)
    held = holds.place(
        entry=ledger.entry(voucher, payable, 400), expires_at=NOW + timedelta(days=1), at=NOW
    )
    holds.capture(held=held, amount_fen=150, at=NOW)
    seals.seal(at=NOW)
    for number in range(3, 5):
        write(number)
    seals.seal(at=NOW + timedelta(minutes=1))
    write(5)
    with connection.cursor() as cursor:
        key = USAGE_EVENTS.key_column
        cursor.execute(f"SELECT {key} FROM vouchers_usageevent ORDER BY transaction_number")
        kept.events = [key for (key,) in cursor.fetchall()]
    return kept


def as_owner(statement: str, *values: Any) -> None:
    """Run a statement as only the owner of the tables can: without triggers and foreign keys."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        try:
            cursor.execute(statement, values)
        finally:
            cursor.execute("SET session_replication_role = DEFAULT")


def exported(folder: Path) -> Path:
    """A fresh export of the present database."""
    exports.export(folder=folder, at=NOW)
    return folder


def verify(folder: Path, *words: str) -> tuple[int, str]:
    """Exit code and words of the verifier, run as an auditor would: alone, in its own process."""
    command = [sys.executable, "-I", str(folder / "verify.py"), str(folder), *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert not done.stderr, done.stderr
    return done.returncode, done.stdout


def first_bad_row(text: str) -> str:
    """What the verifier named first."""
    return next(
        line.removeprefix("FIRST BAD ROW ")
        for line in text.splitlines()
        if line.startswith("FIRST BAD ROW ")
    )
