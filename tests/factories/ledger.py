"""Dull accounts with money on them."""

import itertools
from datetime import datetime
from uuid import UUID

from tests.factories.accounts import NOW
from vouchers.ledger.actions import accounts, transfers
from vouchers.ledger.kinds import AccountKind
from vouchers.ledger.models import Account

_numbers = itertools.count(1)


def account(kind: AccountKind = AccountKind.VOUCHER, fen: int = 0) -> Account:
    """A new account of that kind, funded from the treasury."""
    opened = accounts.get_or_open(kind=kind, key=f"test-{next(_numbers)}")
    if fen:
        treasury = accounts.get_or_open(kind=AccountKind.TREASURY, key="test")
        transfers.post(entries=[entry(treasury, opened, fen)], at=NOW)
    return Account.objects.get(pk=opened.pk)


def payable() -> Account:
    """An account that never refuses."""
    return account(AccountKind.PROVIDER_PAYABLE)


def entry(
    debit: Account, credit: Account, fen: int, key: str = "", reason: str = "test"
) -> transfers.Entry:
    """An entry with an id of its own, or the id of `key`."""
    name = key or f"entry-{next(_numbers)}"
    return transfers.Entry(
        id=transfers.derive_id("test", name),
        debit=debit.pk,
        credit=credit.pk,
        amount_fen=fen,
        reason=reason,
        reference=name,
    )


def move(
    debit: Account, credit: Account, fen: int, at: datetime = NOW, reason: str = "test"
) -> UUID:
    """Post one movement; answers its id."""
    wanted = entry(debit, credit, fen, reason=reason)
    transfers.post(entries=[wanted], at=at)
    return wanted.id
