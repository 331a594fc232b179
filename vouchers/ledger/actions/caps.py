"""Caps and pools: what may be used of a limit, kept on guarded accounts so that it holds under concurrency.

An account of kind `cap` is credited with the limit from `cap_source` and debited with what is used to `cap_used`, both
under the same key. A limit that rises is topped up; one that falls is held by the check behind the lock. A cap that
counts decisions moves units of one.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from common.errors import Conflict
from vouchers.ledger.actions import accounts, transfers
from vouchers.ledger.kinds import AccountKind
from vouchers.ledger.models import Account, Transfer


class CapFull(Conflict):
    """A cap leaves less than is asked of it; `name` is the cap's."""

    code = "cap_full"

    def __init__(self, name: str) -> None:
        super().__init__(_("What is left of a limit is less than this amount."))
        self.name = name


@dataclass(frozen=True, slots=True)
class Draw:
    """What one decision takes of one cap: fen, or one when decisions are counted."""

    name: str
    key: str
    limit: int
    amount: int


def used(*, keys: Collection[str]) -> dict[str, int]:
    """What is gone of each cap, by key; unopened ones have 0. Two queries."""
    found = {each.key: each for each in Account.objects.filter(kind=AccountKind.CAP, key__in=keys)}
    limits = _credited(list(found.values()))
    gone = {key: limits.get(each.pk, 0) - each.available_fen for key, each in found.items()}
    return {key: gone.get(key, 0) for key in keys}


@transaction.atomic
def draw(
    *, draws: Sequence[Draw], entries: Sequence[transfers.Entry], reference: str, at: datetime
) -> None:
    """Post the entries and take the draws from their caps as one set: all or none.

    Locks every guarded account concerned in primary-key order before anything is checked. Each reference draws once
    from a key. Raises CapFull, transfers.InsufficientFunds.
    """
    opened = {
        each.key: accounts.get_or_open(kind=AccountKind.CAP, key=each.key)
        for each in sorted(draws, key=lambda each: each.key)
    }
    touched = [pk for entry in entries for pk in (entry.debit, entry.credit)]
    locked = transfers.lock([*touched, *(each.pk for each in opened.values())])
    limits = _credited([locked[each.pk] for each in opened.values()])
    movements: list[transfers.Entry] = []
    for each in draws:
        account = locked[opened[each.key].pk]
        movements += _movements(each, account, limits.get(account.pk, 0), reference)
    transfers.post(entries=[*movements, *entries], at=at)


def _movements(
    drawn: Draw, account: Account, credited: int, reference: str
) -> list[transfers.Entry]:
    drawing = transfers.Entry(
        id=transfers.derive_id("cap-used", drawn.key, reference),
        debit=account.pk,
        credit=accounts.get_or_open(kind=AccountKind.CAP_USED, key=drawn.key).pk,
        amount_fen=drawn.amount,
        reason="issue",
        reference=reference,
    )
    if Transfer.objects.filter(pk=drawing.id).exists():
        return [drawing]
    gone = credited - account.available_fen
    if drawn.limit - gone < drawn.amount:
        raise CapFull(drawn.name)
    if drawn.limit <= credited:
        return [drawing]
    source = accounts.get_or_open(kind=AccountKind.CAP_SOURCE, key=drawn.key)
    opening = transfers.Entry(
        id=transfers.derive_id("cap", drawn.key, credited, drawn.limit),
        debit=source.pk,
        credit=account.pk,
        amount_fen=drawn.limit - credited,
        reason="cap",
        reference=drawn.key,
    )
    return [opening, drawing]


def _credited(caps: Sequence[Account]) -> dict[int, int]:
    """The limit that each cap was credited with, by primary key."""
    rows = (
        Transfer.objects.filter(
            credit_account__in=[each.pk for each in caps],
            debit_account__kind=AccountKind.CAP_SOURCE,
        )
        .values("credit_account")
        .annotate(total=Sum("amount_fen"))
    )
    return {row["credit_account"]: int(row["total"]) for row in rows}
