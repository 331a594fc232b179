"""Posts transfers: lock, look for the id, check funds, write; one statement (vouchers_write_sets)."""

import hashlib
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from common.errors import Conflict, DomainError
from common.money import MAX_FEN
from vouchers.ledger.actions import procedures
from vouchers.ledger.kinds import POSTED_KINDS, TransferKind
from vouchers.ledger.models import Account, Transfer

NAMESPACE = uuid.UUID("5b1f4c0e-7a52-5c11-9d3e-0d5f2a7c8e61")
_NAMESPACE = NAMESPACE.bytes

WRITE_SETS = "SELECT * FROM vouchers_write_sets(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
_COLUMNS = (
    "id",
    "kind",
    "debit_account_id",
    "credit_account_id",
    "amount_fen",
    "hold_id",
    "reverses_id",
    "reason",
    "reference",
    "at",
)


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


class Entry(NamedTuple):
    """One transfer to post. Accounts by primary key, amount in fen; `id` from `derive_id`."""

    id: uuid.UUID
    debit: int
    credit: int
    amount_fen: int
    reason: str
    reference: str
    reverses: uuid.UUID | None = None


class Outcome(StrEnum):
    """What became of a linked set."""

    WRITTEN = "written"
    EXISTS = "exists"
    CONFLICT = "conflict"
    REVERSED = "reversed"
    INSUFFICIENT = "insufficient"


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one linked set; `known` are its ids that were there before.

    `account_id` names the account that cannot pay. A set that was partly there is written when the rest of it is.
    """

    outcome: Outcome
    account_id: int | None = None
    known: frozenset[uuid.UUID] = frozenset()

    def require(self) -> None:
        """Raise what refused the set: TransferConflict, AlreadyReversed or InsufficientFunds."""
        if self.outcome == Outcome.CONFLICT:
            raise TransferConflict(
                _("This movement was already recorded with other content. Nothing was changed.")
            )
        if self.outcome == Outcome.REVERSED:
            raise AlreadyReversed(_("This movement was already taken back. Nothing was changed."))
        if self.account_id is not None:
            raise InsufficientFunds(Account.objects.get(pk=self.account_id))

    def require_new(self) -> None:
        """Raise what `require` does, and TransferConflict for a set that was there before, even in part."""
        self.require()
        if self.outcome != Outcome.WRITTEN or self.known:
            raise TransferConflict(
                _("This movement was already recorded. Nothing was changed; look at what it paid.")
            )


WRITTEN = Answer(Outcome.WRITTEN)


def derive_id(*parts: str | int) -> uuid.UUID:
    """The id of a movement, from its business key: a retry derives the same one.

    Each part is written with its length, so that ("a", "bc") and ("ab", "c") differ whatever they hold.
    """
    name = "".join([f"{len(str(part))}:{part}" for part in parts])
    digest = hashlib.sha1(_NAMESPACE + name.encode(), usedforsecurity=False).digest()
    return uuid.UUID(bytes=digest[:16], version=5)  # uuid.uuid5, at half its time


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
    if not entries:
        return []
    [answer] = post_sets(sets=[entries], at=at)
    answer.require()
    fresh = {entry.id: entry for entry in entries if entry.id not in answer.known}
    return [row(entry, TransferKind.SINGLE, at) for entry in fresh.values()]


def post_sets(*, sets: Sequence[Sequence[Entry]], at: datetime) -> list[Answer]:
    """Post many linked sets that do not depend on each other; each is written whole or not at all.

    One statement for all. Locks the guarded accounts of all sets in primary-key order. Answers in order, one for
    each set, and raises nothing for a set that is refused: `Answer.require` does. While the sets together can be
    paid without what they pay in, all are written at once; else one after the other in order. Raises
    InvalidMovement, before anything is written.
    """
    return write_sets(kind=TransferKind.SINGLE, sets=sets, at=at)


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
    require_whole(entry.amount_fen)
    if entry.debit == entry.credit:
        raise InvalidMovement(_("Money cannot move from an account to the same account."))


def require_whole(amount_fen: int) -> None:
    """Raise InvalidMovement for an amount that is no whole number of fen from 1 to MAX_FEN."""
    whole = isinstance(amount_fen, int) and not isinstance(amount_fen, bool)
    if not whole or not 0 < amount_fen <= MAX_FEN:
        raise InvalidMovement(_("The amount must be a whole number of fen above zero."))


def write_sets(
    *,
    kind: TransferKind,
    sets: Sequence[Sequence[Entry]],
    at: datetime,
    expires_at: datetime | None = None,
) -> list[Answer]:
    """What `post_sets` and batched holds share; `expires_at` is given for holds."""
    rows = [(number, entry) for number, entries in enumerate(sets) for entry in entries]
    for _number, entry in rows:
        require_valid(entry)
    array, texts = procedures.array, procedures.texts
    refused = procedures.call(
        WRITE_SETS,
        (
            kind.value,
            at,
            array(number for number, _ in rows),
            array(entry.id for _, entry in rows),
            array(entry.debit for _, entry in rows),
            array(entry.credit for _, entry in rows),
            array(entry.amount_fen for _, entry in rows),
            texts(entry.reason for _, entry in rows),
            texts(entry.reference for _, entry in rows),
            array(entry.reverses for _, entry in rows),
            array([expires_at] * len(rows)),
        ),
    )
    answers = [WRITTEN] * len(sets)
    for number, word, account_id, known in refused:
        answers[number] = Answer(Outcome(word), account_id, frozenset(known))
    return answers


def row(
    entry: Entry, kind: TransferKind, at: datetime, *, hold: uuid.UUID | None = None
) -> Transfer:
    """The transfer that an entry was written as; the moment it was recorded is read when asked for."""
    return Transfer.from_db(
        "default",
        _COLUMNS,
        (
            entry.id,
            kind.value,
            entry.debit,
            entry.credit,
            entry.amount_fen,
            hold,
            entry.reverses,
            entry.reason,
            entry.reference,
            at,
        ),
    )
