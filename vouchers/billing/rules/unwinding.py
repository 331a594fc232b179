"""What of a bill's payments may stand when its total has fallen, and what is taken back.

Payments are undone whole and from the last one back, so that what stands is what the bill's payers
had paid at some earlier moment. The rest of the new total is then split anew.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from vouchers.billing.rules.burndown import Paid

VOUCHER, OWN, RECEIVABLE = "voucher", "own", "receivable"


@dataclass(frozen=True, slots=True)
class Booked:
    """A payment of a bill that nothing has undone yet; `voucher` is the key of the one that paid.

    One that `pays_outstanding` moved an amount from receivable to own and added nothing.
    """

    key: UUID
    payer: str
    amount_fen: int
    voucher: int | None = None
    pays_outstanding: bool = False


def kept(booked: Sequence[Booked], total_fen: int, share_fen: Callable[[int], int]) -> int:
    """How many payments, from the first, may stand on a bill of `total_fen`.

    `booked` stand in the order of booking. A payment may stand when all before it do, when together
    they do not pass the total, and when no voucher has then paid beyond its share of it:
    `share_fen` tells that share by the voucher's key.
    """
    paid = covered = 0
    for position, each in enumerate(booked):
        if each.pays_outstanding:
            continue
        paid += each.amount_fen
        if paid > total_fen:
            return position
        if each.voucher is not None:
            covered += each.amount_fen
            if covered > share_fen(each.voucher):
                return position
    return len(booked)


def paid_by(booked: Sequence[Booked]) -> Paid:
    """What those payments add up to, by kind of payer."""
    sums = {VOUCHER: 0, OWN: 0, RECEIVABLE: 0}
    for each in booked:
        sums[each.payer] += each.amount_fen
        if each.pays_outstanding:
            sums[RECEIVABLE] -= each.amount_fen
    return Paid(sums[VOUCHER], sums[OWN], sums[RECEIVABLE])
