"""Caps that many movements draw from at once: locked together, posted with what drew.

They stand on the accounts of caps.py. For callers that post in bulk: the room is checked here, behind the lock.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Sum

from vouchers.ledger.actions import accounts, transfers
from vouchers.ledger.kinds import AccountKind
from vouchers.ledger.models import Transfer

REASON = "redeemed"


@dataclass(frozen=True, slots=True)
class Draw:
    """What one movement takes of one cap in fen, or gives back of what `undoes` took.

    `opening` credits the cap before, where its limit has risen.
    """

    key: str
    cap: int
    used: int
    amount_fen: int
    undoes: UUID | None = None
    opening: transfers.Entry | None = None


@dataclass(slots=True)
class Room:
    """A locked cap: what it was credited with, and what was used of it when it was locked, both in fen."""

    key: str
    cap: int
    source: int
    used: int
    credited_fen: int
    used_fen: int

    def draw(self, amount_fen: int, limit_fen: int) -> Draw:
        """Take an amount that the limit leaves, topping the cap up where the limit has risen."""
        opening = None
        if limit_fen > self.credited_fen:
            opening = transfers.Entry(
                id=transfers.derive_id("cap", self.key, self.credited_fen, limit_fen),
                debit=self.source,
                credit=self.cap,
                amount_fen=limit_fen - self.credited_fen,
                reason="cap",
                reference=self.key,
            )
            self.credited_fen = limit_fen
        return Draw(self.key, self.cap, self.used, amount_fen, opening=opening)


def drawn(*, references: Collection[str]) -> dict[str, list[Draw]]:
    """What those movements took of caps, as draws that undo it, by reference. One query; draws never change."""
    rows = Transfer.objects.filter(
        reference__in=references, reason=REASON, debit_account__kind=AccountKind.CAP
    ).values_list(
        "reference", "pk", "debit_account__key", "debit_account", "credit_account", "amount_fen"
    )
    found: dict[str, list[Draw]] = {}
    for reference, pk, key, cap, used, amount in rows:
        found.setdefault(reference, []).append(Draw(key, cap, used, amount, undoes=pk))
    return found


def locked(*, keys: Collection[str]) -> dict[str, Room]:
    """The caps of those keys behind their locks, which are taken in primary-key order; new ones are opened.

    At most five queries. Whoever locks other guarded accounts too locks those first: only bills draw from these caps.
    """
    if not keys:
        return {}
    kinds = (AccountKind.CAP, AccountKind.CAP_SOURCE, AccountKind.CAP_USED)
    numbers = accounts.numbers(names=[(kind, key) for kind in kinds for key in keys])
    rows = transfers.lock(numbers[AccountKind.CAP, key] for key in keys)
    sources = {numbers[AccountKind.CAP_SOURCE, key]: key for key in keys}
    credited = {
        sources[row["debit_account"]]: int(row["total"])
        for row in Transfer.objects.filter(debit_account__in=sources)
        .values("debit_account")
        .annotate(total=Sum("amount_fen"))
    }
    found = {}
    for key in keys:
        row = rows[numbers[AccountKind.CAP, key]]
        given = credited.get(key, 0)
        found[key] = Room(
            key=key,
            cap=row.pk,
            source=numbers[AccountKind.CAP_SOURCE, key],
            used=numbers[AccountKind.CAP_USED, key],
            credited_fen=given,
            used_fen=given - row.available_fen,
        )
    return found


def entries(*, draws: Sequence[Draw], reference: str) -> list[transfers.Entry]:
    """The transfers of a movement's draws; `reference` is the movement's id, from which theirs derive."""
    found = [each.opening for each in draws if each.opening is not None]
    for each in draws:
        if each.undoes is None:
            key, reason = transfers.derive_id(REASON, each.key, reference), REASON
            debit, credit = each.cap, each.used
        else:
            key, reason = transfers.derive_id("reverse", str(each.undoes)), "reversal"
            debit, credit = each.used, each.cap
        found.append(
            transfers.Entry(key, debit, credit, each.amount_fen, reason, reference, each.undoes)
        )
    return found
