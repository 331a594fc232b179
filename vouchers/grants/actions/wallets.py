"""Wallets: where each voucher's face stands; expiry, freezing, revocation."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.actions import trail
from accounts.models import Organization
from accounts.permissions import Permission
from common import states
from common.errors import DomainError, Forbidden
from vouchers.grants import notifying
from vouchers.grants.actions import letters, net_caps
from vouchers.grants.models import LetterKind, Voucher, VoucherStatus
from vouchers.ledger.actions import accounts, cap_returns, statements, transfers
from vouchers.ledger.kinds import PAYABLE_KINDS, AccountKind

TRANSITIONS: states.Transitions = {
    VoucherStatus.ACTIVE: frozenset(
        {VoucherStatus.FROZEN, VoucherStatus.EXPIRED, VoucherStatus.REVOKED}
    ),
    VoucherStatus.FROZEN: frozenset(
        {VoucherStatus.ACTIVE, VoucherStatus.EXPIRED, VoucherStatus.REVOKED}
    ),
}
RETURN_REASON = {VoucherStatus.EXPIRED: "expiry", VoucherStatus.REVOKED: "revocation"}


class WordsMissing(DomainError):
    """Freezing and revoking need a reason in words."""

    code = "reason_missing"


@dataclass(frozen=True, slots=True)
class WalletEntry:
    """One voucher and where its face stands, in fen: the five parts add up to the face."""

    voucher: Voucher
    face_fen: int
    available_fen: int
    held_fen: int
    redeemed_fen: int
    expired_fen: int
    revoked_fen: int


def entries(*, enterprise: Organization, at: datetime) -> list[WalletEntry]:
    """The enterprise's vouchers, usable ones first in burn-down order. Four queries, however many vouchers."""
    rows = list(
        Voucher.objects.filter(enterprise=enterprise)
        .select_related("scheme", "application")
        .order_by("priority", "expires_at", "issued_at", "pk")
    )
    rows.sort(key=lambda row: not (row.status == VoucherStatus.ACTIVE and row.expires_at > at))
    balances = statements.balances(account_ids=[row.account_id for row in rows])
    return [_entry(row, balances[row.account_id]) for row in rows]


def entry(*, voucher: Voucher) -> WalletEntry:
    """One voucher and where its face stands."""
    return _entry(
        voucher, statements.balances(account_ids=[voucher.account_id])[voucher.account_id]
    )


def history(*, voucher: Voucher) -> list[statements.Line]:
    """The voucher's movements on the ledger, newest first."""
    return statements.lines(account_id=voucher.account_id)


def expire_due(*, at: datetime, limit: int = 500) -> int:
    """Give what is left on vouchers past their validity back to the budget. Returns how many were touched.

    An idempotent tick: it also takes back money that reaches an ended voucher later, from a lapsed hold or a
    reversal. Each voucher in its own transaction.
    """
    due = Voucher.objects.filter(
        expires_at__lte=at, status__in=[VoucherStatus.ACTIVE, VoucherStatus.FROZEN]
    )
    late = Voucher.objects.filter(
        status__in=[VoucherStatus.EXPIRED, VoucherStatus.REVOKED],
        account__in=accounts.with_money(kind=AccountKind.VOUCHER),
    )
    keys = [*due.order_by("expires_at", "pk").values_list("pk", flat=True)[:limit]]
    keys += [*late.order_by("expires_at", "pk").values_list("pk", flat=True)[:limit]]
    return sum(_expire(pk, at) for pk in keys)


@transaction.atomic
def freeze(*, by: Actor, voucher: Voucher, reason: str, at: datetime) -> Voucher:
    """Stop a voucher from paying, until it is unfrozen. Locks the voucher, then its account."""
    by.require(Permission.VOUCHER_ISSUE)
    return _turn(by, voucher, VoucherStatus.FROZEN, LetterKind.FROZEN, reason, at)


@transaction.atomic
def unfreeze(*, by: Actor, voucher: Voucher, reason: str, at: datetime) -> Voucher:
    """Let a frozen voucher pay again."""
    by.require(Permission.VOUCHER_ISSUE)
    return _turn(by, voucher, VoucherStatus.ACTIVE, LetterKind.UNFROZEN, reason, at)


@transaction.atomic
def revoke(*, by: Actor, voucher: Voucher, reason: str, at: datetime) -> Voucher:
    """End a voucher for good; what is left returns to the scheme's budget.

    The second half of `revocations.approve`, which sees to it that two people signed: no edge calls this.
    """
    by.require(Permission.DECISION_COUNTERSIGN)
    turned = _turn(by, voucher, VoucherStatus.REVOKED, LetterKind.REVOKED, reason, at)
    _return_rest(turned, at)
    return turned


def lock(*, by: Actor, voucher: Voucher) -> Voucher:
    """The voucher, locked; Forbidden when another bureau issued it."""
    # Not its key: a charge that is being written refers to the voucher and must not wait for it, since its
    # transaction holds the account that comes next.
    locked = (
        Voucher.objects.select_for_update(of=("self",), no_key=True)
        .select_related(
            "scheme__bureau", "enterprise", "application__scheme__bureau", "application__enterprise"
        )
        .get(pk=voucher.pk)
    )
    if locked.scheme.bureau_id != by.own().pk:
        raise Forbidden(_("This voucher belongs to another bureau."))
    return locked


def require_reason(reason: str, *, field: str = "reason") -> str:
    """The reason without spaces around it; WordsMissing when nothing is left."""
    if not reason.strip():
        raise WordsMissing(_("Give the reason."), errors={field: _("Give the reason.")})
    return reason.strip()


def _turn(
    by: Actor, voucher: Voucher, to: VoucherStatus, kind: LetterKind, reason: str, at: datetime
) -> Voucher:
    locked = lock(by=by, voucher=voucher)
    if locked.status == to:
        return locked
    said = require_reason(reason)
    # A payment that holds the account finishes first; one that comes later sees the new status.
    ends = to == VoucherStatus.REVOKED
    touched = _moved_by_end(locked) if ends else [locked.account_id]
    account = transfers.lock(touched)[locked.account_id]
    states.move(locked, to=to, transitions=TRANSITIONS)
    event = trail.record(by=by, at=at, verb=kind, subject=locked, data={"reason": said})
    letters.send(
        kind=kind,
        application=locked.application,
        occasion=f"{locked.code}/{event.pk}",
        at=at,
        voucher=locked.code,
        reason=said,
        left=account.available_fen,
    )
    notifying.tell_holder(f"voucher_{kind}", voucher=locked, once=str(event.pk), reason=said, at=at)
    return locked


@transaction.atomic
def _expire(pk: int, at: datetime) -> int:
    locked = (
        Voucher.objects.select_for_update(of=("self",), no_key=True)
        .select_related("scheme", "enterprise", "application")
        .get(pk=pk)
    )
    open_status = locked.status in TRANSITIONS
    if open_status and locked.expires_at <= at:
        transfers.lock(_moved_by_end(locked))
        states.move(locked, to=VoucherStatus.EXPIRED, transitions=TRANSITIONS)
        trail.record(by=None, at=at, verb="expired", subject=locked)
    elif open_status:
        return 0
    returned_fen = _return_rest(locked, at)
    if open_status:
        notifying.tell_holder("voucher_expired", voucher=locked, returned_fen=returned_fen, at=at)
    return int(open_status or returned_fen > 0)


def _return_rest(voucher: Voucher, at: datetime) -> int:
    """Post what is available on an ended voucher back to its budget, and to caps that count net; returns the fen."""
    account = transfers.lock(_moved_by_end(voucher))[voucher.account_id]
    if account.available_fen == 0:
        return 0
    budget = accounts.get_or_open(kind=AccountKind.SCHEME_BUDGET, key=voucher.scheme.code)
    reason = RETURN_REASON[VoucherStatus(voucher.status)]
    entry = transfers.Entry(
        # What left the account before tells one return from the next.
        id=transfers.derive_id(reason, voucher.code, account.debits_posted_fen),
        debit=voucher.account_id,
        credit=budget.pk,
        amount_fen=account.available_fen,
        reason=reason,
        reference=voucher.code,
    )
    balance = statements.balances(account_ids=[voucher.account_id])[voucher.account_id]
    given = net_caps.given_back(
        voucher=voucher,
        drawn=net_caps.drawn(voucher=voucher),
        returned_fen=entry.amount_fen,
        is_unspent=not balance.held_fen and not _redeemed_fen(balance),
    )
    reference, once = voucher.application.code, str(account.debits_posted_fen)
    back = cap_returns.entries(given=given, reference=reference, once=once)
    transfers.post(entries=[entry, *back], at=at)
    return entry.amount_fen


def _moved_by_end(voucher: Voucher) -> list[int]:
    """The accounts that the end of a voucher may move, to be locked in one go as issuing does."""
    budget = accounts.get_or_open(kind=AccountKind.SCHEME_BUDGET, key=voucher.scheme.code)
    return [voucher.account_id, budget.pk, *(each.cap for each in net_caps.drawn(voucher=voucher))]


def _entry(voucher: Voucher, balance: statements.Balance) -> WalletEntry:
    return WalletEntry(
        voucher=voucher,
        face_fen=voucher.face_fen,
        available_fen=balance.available_fen,
        held_fen=balance.held_fen,
        redeemed_fen=_redeemed_fen(balance),
        expired_fen=balance.out_to(AccountKind.SCHEME_BUDGET, "expiry"),
        revoked_fen=balance.out_to(AccountKind.SCHEME_BUDGET, "revocation"),
    )


def _redeemed_fen(balance: statements.Balance) -> int:
    return sum(balance.out_to(kind) for kind in PAYABLE_KINDS)
