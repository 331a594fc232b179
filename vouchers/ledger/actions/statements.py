"""Reads what happened on accounts: lines of history and totals, as plain data."""

import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Sum

from vouchers.ledger.kinds import POSTED_KINDS, AccountKind, TransferKind
from vouchers.ledger.models import Account, Transfer


@dataclass(frozen=True, slots=True)
class Line:
    """One movement seen from an account: `change_fen` is above zero for money in.

    `counterpart` is the kind of the other account; a hold shows its amount with the kind `hold`.
    """

    id: uuid.UUID
    at: datetime
    kind: TransferKind
    counterpart: AccountKind
    counterpart_key: str
    change_fen: int
    reason: str
    reference: str


@dataclass(frozen=True, slots=True)
class Balance:
    """Where the money of one guarded account stands, in fen.

    `out_fen` is the net posted outflow by kind of counterpart and reason; reversals are counted back under the
    reason of their original.
    """

    available_fen: int
    held_fen: int
    out_fen: dict[tuple[AccountKind, str], int]

    def out_to(self, kind: AccountKind, reason: str | None = None) -> int:
        """Net posted outflow to accounts of that kind, in fen; of one reason or of all."""
        return sum(
            fen
            for (counterpart, named), fen in self.out_fen.items()
            if counterpart == kind and reason in (None, named)
        )


def lines(*, account_id: int, limit: int = 200) -> list[Line]:
    """The latest movements of an account, newest first. Two queries."""
    found: list[Line] = []
    for side, other, sign in (
        ("debit_account", "credit_account", -1),
        ("credit_account", "debit_account", 1),
    ):
        rows = (
            Transfer.objects.filter(**{side: account_id})
            .select_related(other)
            .order_by("-recorded_at", "-pk")[:limit]
        )
        found += [_line(row, getattr(row, other), sign) for row in rows]
    return sorted(found, key=lambda line: (line.at, str(line.id)), reverse=True)[:limit]


def balances(*, account_ids: Iterable[int]) -> dict[int, Balance]:
    """Balances of several guarded accounts by primary key. Three queries, however many accounts."""
    wanted = set(account_ids)
    outflow: dict[int, dict[tuple[AccountKind, str], int]] = defaultdict(lambda: defaultdict(int))
    for side, other, sign in (
        ("debit_account", "credit_account__kind", 1),
        ("credit_account", "debit_account__kind", -1),
    ):
        rows = (
            Transfer.objects.filter(**{f"{side}__in": wanted}, kind__in=POSTED_KINDS)
            .values_list(side, other, "reason", "reverses__reason")
            .annotate(total=Sum("amount_fen"))
            .order_by()
        )
        for account_id, kind, reason, original_reason, total in rows:
            outflow[account_id][AccountKind(kind), original_reason or reason] += sign * int(total)
    return {
        row.pk: Balance(row.available_fen, row.debits_pending_fen, dict(outflow[row.pk]))
        for row in Account.objects.filter(pk__in=wanted)
    }


def _line(row: Transfer, counterpart: Account, sign: int) -> Line:
    return Line(
        id=row.pk,
        at=row.at,
        kind=TransferKind(row.kind),
        counterpart=AccountKind(counterpart.kind),
        counterpart_key=counterpart.key,
        change_fen=sign * row.amount_fen,
        reason=row.reason,
        reference=row.reference,
    )
