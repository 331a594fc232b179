"""Opens accounts and reads balances."""

from collections.abc import Collection

from django.db.models import F, QuerySet, Sum

from vouchers.ledger.kinds import GUARDED_KINDS, POSTED_KINDS, AccountKind
from vouchers.ledger.models import Account, Transfer


def get_or_open(*, kind: AccountKind, key: str) -> Account:
    """Return the one account of that kind and key, opening it when new. Safe under races."""
    account, _created = Account.objects.get_or_create(
        kind=kind, key=key, defaults={"is_guarded": kind in GUARDED_KINDS}
    )
    return account


def numbers(*, names: Collection[tuple[AccountKind, str]]) -> dict[tuple[AccountKind, str], int]:
    """Primary keys of the accounts of those kinds and keys, opening the new ones.

    One query when all exist, three otherwise. Safe under races.
    """
    found = _numbers(names)
    missing = [name for name in names if name not in found]
    if missing:
        Account.objects.bulk_create(
            [
                Account(kind=kind, key=key, is_guarded=kind in GUARDED_KINDS)
                for kind, key in sorted(missing)
            ],
            ignore_conflicts=True,
        )
        found |= _numbers(missing)
    return found


def _numbers(names: Collection[tuple[AccountKind, str]]) -> dict[tuple[AccountKind, str], int]:
    kinds, keys = {kind for kind, _ in names}, {key for _, key in names}
    rows = Account.objects.filter(kind__in=kinds, key__in=keys)
    return {(AccountKind(kind), key): pk for kind, key, pk in rows.values_list("kind", "key", "pk")}


def find(*, kind: AccountKind, key: str) -> Account | None:
    """The account of that kind and key; None when it was never opened."""
    return Account.objects.filter(kind=kind, key=key).first()


def available_fen(*, kind: AccountKind, key: str) -> int:
    """What a guarded account can still pay in fen; 0 when it was never opened."""
    account = find(kind=kind, key=key)
    return account.available_fen if account else 0


def balances_fen(*, kind: AccountKind, keys: list[str]) -> dict[str, int]:
    """What several guarded accounts can still pay in fen, by key; missing ones have 0. One query."""
    found = {row.key: row.available_fen for row in Account.objects.filter(kind=kind, key__in=keys)}
    return {key: found.get(key, 0) for key in keys}


def balance_fen(*, account: Account) -> int:
    """Posted credits minus posted debits in fen, folded from transfers.

    For accounts that never refuse, which keep no live counters.
    """
    posted = Transfer.objects.filter(kind__in=POSTED_KINDS)
    paid_in = posted.filter(credit_account=account).aggregate(total=Sum("amount_fen"))
    paid_out = posted.filter(debit_account=account).aggregate(total=Sum("amount_fen"))
    return int(paid_in["total"] or 0) - int(paid_out["total"] or 0)


def with_money(*, kind: AccountKind) -> QuerySet[Account, int]:
    """Primary keys of the guarded accounts of a kind that can still pay something."""
    spent = F("debits_posted_fen") + F("debits_pending_fen")
    found = Account.objects.filter(kind=kind, is_guarded=True, credits_posted_fen__gt=spent)
    return found.values_list("pk", flat=True)
