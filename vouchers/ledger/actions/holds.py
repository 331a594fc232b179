"""Holds: place, capture, release, expire, extend. A hold is a row, so a crash leaks nothing."""

import uuid
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from common.errors import Conflict
from vouchers.ledger.actions import transfers
from vouchers.ledger.models import Account, Hold, Transfer, TransferKind


class HoldResolved(Conflict):
    """The hold was already captured, released or expired."""

    code = "hold_resolved"


class HoldTooSmall(Conflict):
    """More was to be captured than was held."""

    code = "hold_too_small"


@transaction.atomic
def place(*, entry: transfers.Entry, expires_at: datetime, at: datetime) -> Transfer:
    """Reserve `entry.amount_fen` on the debit account until `expires_at`.

    Locks the accounts. The same id and content returns the existing hold; other content raises TransferConflict.
    """
    locked = transfers.lock([entry.debit, entry.credit])
    existing = Transfer.objects.filter(pk=entry.id).first()
    if existing is not None:
        _require_equal_hold(existing, entry)
        return existing
    if entry.debit in locked and locked[entry.debit].available_fen < entry.amount_fen:
        raise transfers.InsufficientFunds(locked[entry.debit])
    held = Transfer.objects.create(
        id=entry.id,
        kind=TransferKind.HOLD,
        debit_account_id=entry.debit,
        credit_account_id=entry.credit,
        amount_fen=entry.amount_fen,
        reason=entry.reason,
        reference=entry.reference,
        at=at,
    )
    Hold.objects.create(transfer=held, expires_at=expires_at)
    _move_pending(held, locked, +entry.amount_fen)
    return held


@transaction.atomic
def capture(*, held: Transfer, amount_fen: int, at: datetime) -> Transfer:
    """Post a part or all of a hold; the rest returns. Raises HoldTooSmall or HoldResolved."""
    if amount_fen > held.amount_fen:
        raise HoldTooSmall(_("More than the reserved amount cannot be charged."))
    return _resolve(held, TransferKind.CAPTURE, amount_fen, at)


@transaction.atomic
def release(*, held: Transfer, at: datetime) -> Transfer:
    """Give the whole hold back."""
    return _resolve(held, TransferKind.RELEASE, held.amount_fen, at)


@transaction.atomic
def extend(*, held: Transfer, expires_at: datetime) -> None:
    """Move the expiry of an open hold."""
    if (
        Hold.objects.filter(transfer=held, resolved_with__isnull=True).update(expires_at=expires_at)
        != 1
    ):
        raise HoldResolved(_("This reservation has already ended."))


def expire_due(*, at: datetime, limit: int = 500) -> int:
    """Give back holds past their expiry; each in its own transaction. Returns how many."""
    due = Hold.objects.filter(resolved_with__isnull=True, expires_at__lte=at).order_by(
        "expires_at", "pk"
    )
    expired = 0
    for row in due.select_related("transfer")[:limit]:
        try:
            with transaction.atomic():
                _resolve(
                    row.transfer, TransferKind.EXPIRE, row.transfer.amount_fen, at, only_due=True
                )
        except HoldResolved:
            continue
        expired += 1
    return expired


def _resolve(
    held: Transfer, kind: TransferKind, amount_fen: int, at: datetime, *, only_due: bool = False
) -> Transfer:
    locked = transfers.lock([held.debit_account_id, held.credit_account_id])
    row = Hold.objects.select_for_update().get(transfer=held)
    if row.resolved_with_id is not None:
        previous = Transfer.objects.get(pk=row.resolved_with_id)
        if previous.kind == kind and previous.amount_fen == amount_fen:
            return previous
        raise HoldResolved(_("This reservation has already ended."))
    if only_due and row.expires_at > at:
        raise HoldResolved(_("This reservation was extended meanwhile."))
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
    _move_pending(held, locked, -held.amount_fen)
    if kind == TransferKind.CAPTURE:
        _move_posted(held, locked, amount_fen)
    return resolution


def _resolution_id(held_id: uuid.UUID) -> uuid.UUID:
    return transfers.derive_id("resolve", str(held_id))


def _move_pending(held: Transfer, locked: dict[int, Account], change_fen: int) -> None:
    if held.debit_account_id in locked:
        Account.objects.filter(pk=held.debit_account_id).update(
            debits_pending_fen=F("debits_pending_fen") + change_fen
        )
    if held.credit_account_id in locked:
        Account.objects.filter(pk=held.credit_account_id).update(
            credits_pending_fen=F("credits_pending_fen") + change_fen
        )


def _move_posted(held: Transfer, locked: dict[int, Account], amount_fen: int) -> None:
    if held.debit_account_id in locked:
        Account.objects.filter(pk=held.debit_account_id).update(
            debits_posted_fen=F("debits_posted_fen") + amount_fen
        )
    if held.credit_account_id in locked:
        Account.objects.filter(pk=held.credit_account_id).update(
            credits_posted_fen=F("credits_posted_fen") + amount_fen
        )


def _require_equal_hold(existing: Transfer, entry: transfers.Entry) -> None:
    same = (
        existing.kind == TransferKind.HOLD
        and existing.debit_account_id == entry.debit
        and existing.credit_account_id == entry.credit
        and existing.amount_fen == entry.amount_fen
        and existing.reference == entry.reference
    )
    if not same:
        raise transfers.TransferConflict(
            _("This reservation was already recorded with other content. Nothing was changed.")
        )
