"""Holds: place, capture, release, expire, extend. A hold is a row, so a crash leaks nothing."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from common.errors import Conflict
from vouchers.ledger.actions import transfers
from vouchers.ledger.kinds import TransferKind
from vouchers.ledger.models import Account, Hold, Transfer


class HoldResolved(Conflict):
    """The hold was already captured, released or expired."""

    code = "hold_resolved"


class HoldLapsed(Conflict):
    """The hold is past its expiry: it can only be given back."""

    code = "hold_lapsed"


class HoldTooSmall(Conflict):
    """More was to be captured than was held."""

    code = "hold_too_small"


def place(*, entry: transfers.Entry, expires_at: datetime, at: datetime) -> Transfer:
    """Reserve `entry.amount_fen` on the debit account until `expires_at`.

    Locks the accounts. The same id and content returns the existing hold, whatever became of it; other content
    raises TransferConflict. Raises InsufficientFunds, InvalidMovement, HoldLapsed when it would lapse at once.
    """
    [held] = place_linked(entries=[entry], expires_at=expires_at, at=at)
    return held


def place_linked(
    *, entries: Sequence[transfers.Entry], expires_at: datetime, at: datetime
) -> list[Transfer]:
    """Reserve on several accounts together or not at all, such as a voucher and its caps; in the order given.

    Locks the guarded accounts in primary-key order. Answers and raises as `place` does.
    """
    [answer] = place_sets(sets=[entries], expires_at=expires_at, at=at)
    answer.require()
    found = Transfer.objects.in_bulk(answer.known) if answer.known else {}
    return [found.get(entry.id) or transfers.row(entry, TransferKind.HOLD, at) for entry in entries]


def place_each(
    *, entries: Sequence[transfers.Entry], expires_at: datetime, at: datetime
) -> list[transfers.Answer]:
    """Reserve many amounts in one statement; each answers for itself, in the order given.

    Locks the guarded accounts of all in primary-key order. A hold that is refused does not touch the others.
    Raises InvalidMovement and HoldLapsed, before anything is written.
    """
    return place_sets(sets=[[entry] for entry in entries], expires_at=expires_at, at=at)


def place_sets(
    *, sets: Sequence[Sequence[transfers.Entry]], expires_at: datetime, at: datetime
) -> list[transfers.Answer]:
    """Reserve many linked sets in one statement; each set answers for itself, in the order given."""
    if expires_at <= at:
        raise HoldLapsed(_("The reservation would end before it begins. Choose a later end."))
    return transfers.write_sets(kind=TransferKind.HOLD, sets=sets, at=at, expires_at=expires_at)


@transaction.atomic
def capture(*, held: Transfer, amount_fen: int, at: datetime) -> Transfer:
    """Post a part or all of a hold; the rest returns.

    The same capture again answers the first one. Raises HoldTooSmall, HoldResolved, HoldLapsed, InvalidMovement.
    """
    if not amount_fen > 0:
        raise transfers.InvalidMovement(_("The amount must be a whole number of fen above zero."))
    if amount_fen > held.amount_fen:
        raise HoldTooSmall(_("More than the reserved amount cannot be charged."))
    return _resolve(held, TransferKind.CAPTURE, amount_fen, at)


@transaction.atomic
def release(*, held: Transfer, at: datetime) -> Transfer:
    """Give the whole hold back. The same release again answers the first one. Raises HoldResolved."""
    return _resolve(held, TransferKind.RELEASE, held.amount_fen, at)


@transaction.atomic
def extend(*, held: Transfer, expires_at: datetime, at: datetime) -> None:
    """Move the expiry of an open hold to a later moment; an earlier one changes nothing.

    Locks the hold. Raises HoldResolved, HoldLapsed.
    """
    row = Hold.objects.select_for_update().get(transfer=held)
    _require_open(row)
    if row.expires_at <= at:
        raise HoldLapsed(_("This reservation has lapsed. Make a new one."))
    if expires_at > row.expires_at:
        Hold.objects.filter(pk=row.pk).update(expires_at=expires_at)


def expire_due(*, at: datetime, limit: int = 500) -> int:
    """Give back holds past their expiry; each in its own transaction. Returns how many."""
    due = Hold.objects.filter(resolved_with__isnull=True, expires_at__lte=at)
    expired = 0
    for row in due.select_related("transfer").order_by("expires_at", "pk")[:limit]:
        try:
            with transaction.atomic():
                _resolve(row.transfer, TransferKind.EXPIRE, row.transfer.amount_fen, at)
        except (HoldResolved, HoldLapsed):
            continue  # resolved or extended since the list was read
        expired += 1
    return expired


def _resolve(held: Transfer, kind: TransferKind, amount_fen: int, at: datetime) -> Transfer:
    locked = transfers.lock([held.debit_account_id, held.credit_account_id])
    row = Hold.objects.select_for_update().get(transfer=held)
    if row.resolved_with_id is not None:
        previous = Transfer.objects.get(pk=row.resolved_with_id)
        if previous.kind == kind != TransferKind.EXPIRE and previous.amount_fen == amount_fen:
            return previous
        _require_open(row)
    if kind == TransferKind.CAPTURE and row.expires_at <= at:
        raise HoldLapsed(_("This reservation has lapsed. Make a new one."))
    if kind == TransferKind.EXPIRE and row.expires_at > at:
        raise HoldLapsed(_("This reservation has not lapsed yet."))
    resolution = Transfer.objects.create(
        id=_resolution_id(held.pk),
        kind=kind,
        debit_account_id=held.debit_account_id,
        credit_account_id=held.credit_account_id,
        amount_fen=amount_fen,
        hold=held,
        reason=held.reason,
        reference=held.reference,
        at=at,
    )
    Hold.objects.filter(pk=row.pk).update(resolved_with=resolution)
    posted_fen = amount_fen if kind == TransferKind.CAPTURE else 0
    _count(held, locked, pending_fen=-held.amount_fen, posted_fen=posted_fen)
    return resolution


def _require_open(row: Hold) -> None:
    if row.resolved_with_id is not None:
        raise HoldResolved(_("This reservation has already ended."))


def _resolution_id(held_id: uuid.UUID) -> uuid.UUID:
    return transfers.derive_id("resolve", str(held_id))


def _count(
    held: Transfer, locked: dict[int, Account], *, pending_fen: int, posted_fen: int = 0
) -> None:
    """Move the counters of the guarded accounts, in one UPDATE for each."""
    if held.debit_account_id in locked:
        Account.objects.filter(pk=held.debit_account_id).update(
            debits_pending_fen=F("debits_pending_fen") + pending_fen,
            debits_posted_fen=F("debits_posted_fen") + posted_fen,
        )
    if held.credit_account_id in locked:
        Account.objects.filter(pk=held.credit_account_id).update(
            credits_pending_fen=F("credits_pending_fen") + pending_fen,
            credits_posted_fen=F("credits_posted_fen") + posted_fen,
        )
