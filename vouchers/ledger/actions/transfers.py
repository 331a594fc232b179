"""Posts transfers: lock, look for the id, check funds, write."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from common.errors import Conflict, DomainError
from vouchers.ledger.models import Account, Transfer, TransferKind

NAMESPACE = uuid.UUID("5b1f4c0e-7a52-5c11-9d3e-0d5f2a7c8e61")


class InsufficientFunds(DomainError):
    """A guarded account cannot pay the amount; `account` names it."""

    code = "insufficient_funds"
    status = 409

    def __init__(self, account: Account) -> None:
        super().__init__(
            _("The balance is not enough for this amount. Check it and choose a smaller amount.")
        )
        self.account = account


class TransferConflict(Conflict):
    """The id was already used with other content."""

    code = "transfer_conflict"


@dataclass(frozen=True, slots=True)
class Entry:
    """One transfer to post. Accounts by primary key, amount in fen; `id` from `derive_id`."""

    id: uuid.UUID
    debit: int
    credit: int
    amount_fen: int
    reason: str
    reference: str
    reverses: uuid.UUID | None = None


def derive_id(*parts: str | int) -> uuid.UUID:
    """The id of a movement, from its business key: a retry derives the same one."""
    return uuid.uuid5(NAMESPACE, "\x1f".join(str(part) for part in parts))


def lock(account_ids: Iterable[int]) -> dict[int, Account]:
    """Lock guarded accounts in primary-key order and return them. Inside a transaction."""
    rows = Account.objects.filter(pk__in=set(account_ids), is_guarded=True)
    return {row.pk: row for row in rows.select_for_update().order_by("pk")}


def post(*, entries: Sequence[Entry], at: datetime) -> list[Transfer]:
    """Post a linked set of single transfers: all or none. Returns the newly written ones.

    Locks the guarded accounts. An entry whose id exists with equal content counts as done and is left out of
    the answer; with other content TransferConflict is raised. Raises InsufficientFunds when a guarded account
    would be overdrawn by the set.
    """
    try:
        with transaction.atomic():
            return _post(entries, at)
    except IntegrityError:
        # Two posts of one id between unguarded accounts share no lock: the loser looks again.
        with transaction.atomic():
            return _post(entries, at)


def _post(entries: Sequence[Entry], at: datetime) -> list[Transfer]:
    locked = lock(pk for entry in entries for pk in (entry.debit, entry.credit))
    done = Transfer.objects.in_bulk([entry.id for entry in entries])
    fresh = []
    for entry in entries:
        if entry.id in done:
            _require_equal(done[entry.id], entry)
        else:
            fresh.append(entry)
    debits: dict[int, int] = defaultdict(int)
    credits: dict[int, int] = defaultdict(int)
    for entry in fresh:
        debits[entry.debit] += entry.amount_fen
        credits[entry.credit] += entry.amount_fen
    for pk, amount in debits.items():
        if pk in locked and locked[pk].available_fen + credits.get(pk, 0) < amount:
            raise InsufficientFunds(locked[pk])
    written = Transfer.objects.bulk_create(
        [
            Transfer(
                id=entry.id,
                kind=TransferKind.SINGLE,
                debit_account_id=entry.debit,
                credit_account_id=entry.credit,
                amount_fen=entry.amount_fen,
                reason=entry.reason,
                reference=entry.reference,
                reverses_id=entry.reverses,
                at=at,
            )
            for entry in fresh
        ]
    )
    for pk in locked.keys() & (debits.keys() | credits.keys()):
        Account.objects.filter(pk=pk).update(
            debits_posted_fen=F("debits_posted_fen") + debits.get(pk, 0),
            credits_posted_fen=F("credits_posted_fen") + credits.get(pk, 0),
        )
    return written


def reverse(*, original: Transfer, at: datetime, reference: str) -> list[Transfer]:
    """Post the opposite of a single transfer, at most once per original."""
    entry = Entry(
        id=derive_id("reverse", str(original.pk)),
        debit=original.credit_account_id,
        credit=original.debit_account_id,
        amount_fen=original.amount_fen,
        reason="reversal",
        reference=reference,
        reverses=original.pk,
    )
    return post(entries=[entry], at=at)


def _require_equal(existing: Transfer, entry: Entry) -> None:
    same = (
        existing.kind == TransferKind.SINGLE
        and existing.debit_account_id == entry.debit
        and existing.credit_account_id == entry.credit
        and existing.amount_fen == entry.amount_fen
        and existing.reason == entry.reason
        and existing.reference == entry.reference
        and existing.reverses_id == entry.reverses
    )
    if not same:
        raise TransferConflict(
            _("This movement was already recorded with other content. Nothing was changed.")
        )
