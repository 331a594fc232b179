"""Gives back to caps what a decision drew from them and did not keep."""

from collections.abc import Sequence
from dataclasses import dataclass

from vouchers.ledger.actions import transfers
from vouchers.ledger.kinds import AccountKind
from vouchers.ledger.models import Transfer


@dataclass(frozen=True, slots=True)
class Drawn:
    """What one decision drew from one cap: fen, or one when decisions are counted; accounts by primary key."""

    key: str
    cap: int
    used: int
    amount: int


def drawn(*, reference: str) -> list[Drawn]:
    """What a decision drew from its caps, by key. One query, and no lock: draws never change."""
    rows = Transfer.objects.filter(
        reference=reference,
        debit_account__kind=AccountKind.CAP,
        credit_account__kind=AccountKind.CAP_USED,
    ).order_by("debit_account__key")
    return [
        Drawn(key, cap, used, amount)
        for key, cap, used, amount in rows.values_list(
            "debit_account__key", "debit_account", "credit_account", "amount_fen"
        )
    ]


def entries(
    *, given: Sequence[tuple[Drawn, int]], reference: str, once: str
) -> list[transfers.Entry]:
    """Movements from `cap_used` back to `cap`, to be posted with what sets them off; `once` tells two returns apart."""
    return [
        transfers.Entry(
            id=transfers.derive_id("cap-returned", each.key, reference, once),
            debit=each.used,
            credit=each.cap,
            amount_fen=amount,
            reason="cap_returned",
            reference=reference,
        )
        for each, amount in given
    ]
