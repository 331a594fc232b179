"""Holds: place, capture, release, expire, extend. A hold is a row, so a crash leaks nothing."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from django.db.models import F, Value
from django.db.models.functions import Greatest
from django.utils.translation import gettext_lazy as _

from common.errors import Conflict
from vouchers.ledger.actions import procedures, transfers
from vouchers.ledger.kinds import TransferKind
from vouchers.ledger.models import Hold, Transfer

PLACE = "SELECT * FROM vouchers_place_hold(%s, %s, %s, %s, %s, %s, %s, %s)"
RESOLVE = "SELECT vouchers_resolve_hold(%s, %s, %s, %s, %s)"
EXPIRE = "SELECT vouchers_expire_holds(%s, %s, %s)"


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
    transfers.require_valid(entry)
    _require_later(expires_at, at)
    [(outcome, account_id)] = procedures.call(
        PLACE,
        (
            entry.id,
            entry.debit,
            entry.credit,
            entry.amount_fen,
            entry.reason,
            entry.reference,
            expires_at,
            at,
        ),
    )
    if outcome == transfers.Outcome.EXISTS:
        return Transfer.objects.get(pk=entry.id)
    transfers.Answer(transfers.Outcome(outcome), account_id).require()
    return transfers.row(entry, TransferKind.HOLD, at)


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
    _require_later(expires_at, at)
    return transfers.write_sets(kind=TransferKind.HOLD, sets=sets, at=at, expires_at=expires_at)


def capture(*, held: Transfer, amount_fen: int, at: datetime) -> Transfer:
    """Post a part or all of a hold; the rest returns.

    Locks the accounts, then the hold. The same capture again answers the first one. Raises HoldTooSmall,
    HoldResolved, HoldLapsed, InvalidMovement.
    """
    transfers.require_whole(amount_fen)
    return _resolve(held, TransferKind.CAPTURE, amount_fen, at)


def release(*, held: Transfer, at: datetime) -> Transfer:
    """Give the whole hold back. The same release again answers the first one. Raises HoldResolved."""
    return _resolve(held, TransferKind.RELEASE, held.amount_fen, at)


def release_all(*, reference: str, reason: str, at: datetime) -> int:
    """Give back every open hold of a reference and reason, lapsed ones too. Returns how many.

    Each locks its accounts as `release` does, in the order of the debit accounts' primary keys.
    """
    found = Transfer.objects.filter(
        kind=TransferKind.HOLD,
        reference=reference,
        reason=reason,
        hold_row__resolved_with__isnull=True,
    )
    held = list(found.order_by("debit_account_id", "pk"))
    for each in held:
        release(held=each, at=at)
    return len(held)


def extend(*, held: Transfer, expires_at: datetime, at: datetime) -> None:
    """Move the expiry of an open hold to a later moment; an earlier one changes nothing.

    One conditional UPDATE, which waits for whoever ends the hold. Raises HoldResolved, HoldLapsed.
    """
    usable = Hold.objects.filter(transfer=held, resolved_with__isnull=True, expires_at__gt=at)
    if usable.update(expires_at=Greatest(F("expires_at"), Value(expires_at))):
        return
    if Hold.objects.get(transfer=held).resolved_with_id is not None:
        raise HoldResolved(_("This reservation has already ended."))
    raise HoldLapsed(_("This reservation has lapsed. Make a new one."))


def expire_due(*, at: datetime, limit: int = 500) -> int:
    """Give back up to `limit` holds past their expiry, in one statement. Returns how many.

    Locks their accounts, then the holds. One that was resolved or extended since the list was read is left alone.
    """
    due = Hold.objects.filter(resolved_with__isnull=True, expires_at__lte=at)
    found = list(due.order_by("expires_at", "pk").values_list("pk", flat=True)[:limit])
    if not found:
        return 0
    ends = [_resolution_id(pk) for pk in found]
    [(expired,)] = procedures.call(EXPIRE, (procedures.array(found), procedures.array(ends), at))
    return int(expired)


def _resolve(held: Transfer, kind: TransferKind, amount_fen: int, at: datetime) -> Transfer:
    end = _resolution_id(held.pk)
    [(answer,)] = procedures.call(RESOLVE, (held.pk, end, kind.value, amount_fen, at))
    if answer == "resolved":
        raise HoldResolved(_("This reservation has already ended."))
    if answer == "small":
        raise HoldTooSmall(_("More than the reserved amount cannot be charged."))
    if answer == "lapsed":
        raise HoldLapsed(_("This reservation has lapsed. Make a new one."))
    if answer == "unknown":
        raise Hold.DoesNotExist
    if answer == "exists":
        return Transfer.objects.get(pk=end)
    entry = transfers.Entry(
        id=end,
        debit=held.debit_account_id,
        credit=held.credit_account_id,
        amount_fen=amount_fen,
        reason=held.reason,
        reference=held.reference,
    )
    return transfers.row(entry, kind, at, hold=held.pk)


def _require_later(expires_at: datetime, at: datetime) -> None:
    if expires_at <= at:
        raise HoldLapsed(_("The reservation would end before it begins. Choose a later end."))


def _resolution_id(held_id: uuid.UUID) -> uuid.UUID:
    return transfers.derive_id("resolve", str(held_id))
