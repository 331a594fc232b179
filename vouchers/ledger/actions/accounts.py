"""Opens accounts and reads balances."""

from django.db.models import Sum

from vouchers.ledger.models import (
    GUARDED_KINDS,
    Account,
    AccountKind,
    Transfer,
    TransferKind,
)


def get_or_open(*, kind: AccountKind, key: str) -> Account:
    """Return the one account of that kind and key, opening it when new. Safe under races."""
    account, _created = Account.objects.get_or_create(
        kind=kind, key=key, defaults={"is_guarded": kind in GUARDED_KINDS}
    )
    return account


def available_fen(*, kind: AccountKind, key: str) -> int:
    """What a guarded account can still pay in fen; 0 when it was never opened."""
    account = Account.objects.filter(kind=kind, key=key).first()
    return account.available_fen if account else 0


def balance_fen(*, account: Account) -> int:
    """Posted credits minus posted debits in fen, folded from transfers: for accounts that never refuse."""
    posted = Transfer.objects.filter(kind__in=[TransferKind.SINGLE, TransferKind.CAPTURE])
    credits = posted.filter(credit_account=account).aggregate(total=Sum("amount_fen"))["total"] or 0
    debits = posted.filter(debit_account=account).aggregate(total=Sum("amount_fen"))["total"] or 0
    return int(credits) - int(debits)
