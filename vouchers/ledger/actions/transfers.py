"""Posts transfers: lock, look for the id, check funds, write."""

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from common.errors import Conflict, DomainError
from common.money import MAX_FEN
from vouchers.ledger.kinds import POSTED_KINDS, TransferKind
from vouchers.ledger.models import Account, Transfer

NAMESPACE = uuid.UUID("5b1f4c0e-7a52-5c11-9d3e-0d5f2a7c8e61")

Answer = TypeVar("Answer")


class InsufficientFunds(DomainError):
    """A guarded account cannot pay the amount; `account` names it."""

    code = "insufficient_funds"
    status = 409

    def __init__(self, account: Account) -> None:
        super().__init__(
            _("The balance is not enough for this amount. Check it and choose a smaller amount.")
        )
        self.account = account


class InvalidMovement(DomainError):
    """An amount that is no whole number of fen above zero, or one account on both sides."""

    code = "invalid_movement"


class TransferConflict(Conflict):
    """The id was already used with other content."""

    code = "transfer_conflict"


class AlreadyReversed(Conflict):
    """The original was already reversed under another id."""

    code = "already_reversed"


class NotReversible(Conflict):
    """Only posted movements can be reversed; a reservation is released instead."""

    code = "not_reversible"


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
    """The id of a movement, from its business key: a retry derives the same one.

    Each part is written with its length, so that ("a", "bc") and ("ab", "c") differ whatever they hold.
    """
    return uuid.uuid5(NAMESPACE, "".join(f"{len(str(part))}:{part}" for part in parts))


def lock(account_ids: Iterable[int]) -> dict[int, Account]:
    """Lock guarded accounts in primary-key order and return them. Inside a transaction."""
    rows = Account.objects.filter(pk__in=set(account_ids), is_guarded=True)
    return {row.pk: row for row in rows.select_for_update().order_by("pk")}


def post(*, entries: Sequence[Entry], at: datetime) -> list[Transfer]:
    """Post a linked set of single transfers: all or none. Returns the newly written ones.

    Locks the guarded accounts in primary-key order. An entry whose id exists with equal content counts as done
    and is left out of the answer. Raises TransferConflict when it exists with other content, InsufficientFunds
    when the set as a whole would overdraw a guarded account, InvalidMovement, AlreadyReversed.
    """
    for entry in entries:
        require_valid(entry)
    return retried(lambda: _post(entries, at))


def reversal(*, original: Transfer, reference: str) -> Entry:
    """The entry that takes a posted movement back whole; to be posted alone or in a linked set.

    Its id is derived from the original, so that an original is reversed at most once. Raises NotReversible.
    """
    if original.kind not in POSTED_KINDS:
        raise NotReversible(
            _("Only a completed movement can be taken back. Release the reservation.")
        )
    return Entry(
        id=derive_id("reverse", str(original.pk)),
        debit=original.credit_account_id,
        credit=original.debit_account_id,
        amount_fen=original.amount_fen,
        reason="reversal",
        reference=reference,
        reverses=original.pk,
    )


def reverse(*, original: Transfer, at: datetime, reference: str) -> list[Transfer]:
    """Post the opposite of a movement, at most once per original."""
    return post(entries=[reversal(original=original, reference=reference)], at=at)


def require_valid(entry: Entry) -> None:
    """Raise InvalidMovement for what the table's constraints would refuse."""
    whole = isinstance(entry.amount_fen, int) and not isinstance(entry.amount_fen, bool)
    if not whole or not 0 < entry.amount_fen <= MAX_FEN:
        raise InvalidMovement(_("The amount must be a whole number of fen above zero."))
    if entry.debit == entry.credit:
        raise InvalidMovement(_("Money cannot move from an account to the same account."))


def retried(write: Callable[[], Answer]) -> Answer:
    """Run `write` in a transaction; when it collides with a concurrent writer of the same id, once more.

    Two posts of one id whose guarded accounts differ share no lock: the loser of the unique index looks again,
    now sees the other's row, and answers that it exists or conflicts.
    """
    try:
        with transaction.atomic():
            return write()
    except IntegrityError:
        with transaction.atomic():
            return write()


def _post(entries: Sequence[Entry], at: datetime) -> list[Transfer]:
    locked = lock(pk for entry in entries for pk in (entry.debit, entry.credit))
    fresh = _unknown(entries)
    paid_out: dict[int, int] = defaultdict(int)
    paid_in: dict[int, int] = defaultdict(int)
    for entry in fresh:
        paid_out[entry.debit] += entry.amount_fen
        paid_in[entry.credit] += entry.amount_fen
    for pk in sorted(paid_out.keys() & locked.keys()):
        if locked[pk].available_fen + paid_in.get(pk, 0) < paid_out[pk]:
            raise InsufficientFunds(locked[pk])
    written = Transfer.objects.bulk_create([_row(entry, at) for entry in fresh])
    for pk in sorted(locked.keys() & (paid_out.keys() | paid_in.keys())):
        Account.objects.filter(pk=pk).update(
            debits_posted_fen=F("debits_posted_fen") + paid_out.get(pk, 0),
            credits_posted_fen=F("credits_posted_fen") + paid_in.get(pk, 0),
        )
    return written


def _unknown(entries: Sequence[Entry]) -> list[Entry]:
    """The entries not yet posted, each id once. Raises TransferConflict and AlreadyReversed."""
    done = Transfer.objects.in_bulk([entry.id for entry in entries])
    fresh: dict[uuid.UUID, Entry] = {}
    for entry in entries:
        if entry.id in done:
            _require_equal(done[entry.id], entry)
        elif fresh.setdefault(entry.id, entry) != entry:
            raise _conflict()
    originals = [entry.reverses for entry in fresh.values() if entry.reverses is not None]
    repeated = len(set(originals)) < len(originals)
    if repeated or (originals and Transfer.objects.filter(reverses__in=originals).exists()):
        raise AlreadyReversed(_("This movement was already taken back. Nothing was changed."))
    return list(fresh.values())


def _row(entry: Entry, at: datetime) -> Transfer:
    return Transfer(
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
        raise _conflict()


def _conflict() -> TransferConflict:
    return TransferConflict(
        _("This movement was already recorded with other content. Nothing was changed.")
    )
