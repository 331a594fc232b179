"""Who pays a bill: vouchers in burn-down order, then own money, then an open receivable.

Amounts in integer fen, shares as exact fractions. Everything is figured from the cumulative bill
and booked as the difference to what was paid before, so the split does not lose a fen however often
it runs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

FEN_PER_YUAN = 100


class BillShrank(ValueError):
    """The cumulative bill is below what was already paid; undoing payments is another step."""


@dataclass(frozen=True, slots=True)
class Paid:
    """What was booked before, by kind of payer; `voucher_fen` counts every voucher ever used."""

    voucher_fen: int = 0
    own_fen: int = 0
    receivable_fen: int = 0

    @property
    def total_fen(self) -> int:
        """All that was booked."""
        return self.voucher_fen + self.own_fen + self.receivable_fen


@dataclass(frozen=True, slots=True)
class VoucherMeans:
    """A voucher that covers the bill: its share, its scheme's rounding and what is left on it."""

    key: int
    share: Fraction
    rounding: str
    available_fen: int


@dataclass(frozen=True, slots=True)
class VoucherPart:
    """What one voucher pays of this change."""

    key: int
    amount_fen: int


@dataclass(frozen=True, slots=True)
class Split:
    """The change of a bill over its payers; the parts add up to the change exactly."""

    vouchers: tuple[VoucherPart, ...]
    own_fen: int
    receivable_fen: int

    @property
    def voucher_fen(self) -> int:
        """What all vouchers pay together."""
        return sum(part.amount_fen for part in self.vouchers)


def share_fen(share: Fraction, total_fen: int, rounding: str) -> int:
    """The share of a bill in fen, by the scheme's rule: to the fen or yuan, half up or down.

    In whole numbers only: half up is floor((2·n·total + d) / (2·d)).
    """
    over, under = share.numerator * total_fen, share.denominator
    if rounding == "half_up_fen":
        return (2 * over + under) // (2 * under)
    if rounding == "floor_fen":
        return over // under
    under *= FEN_PER_YUAN
    if rounding == "half_up_yuan":
        return (2 * over + under) // (2 * under) * FEN_PER_YUAN
    if rounding == "floor_yuan":
        return over // under * FEN_PER_YUAN
    raise ValueError(f"unknown rounding {rounding!r}")


def split(
    *, total_fen: int, paid: Paid, vouchers: Sequence[VoucherMeans], own_available_fen: int
) -> Split:
    """Split what is new on a cumulative bill.

    `vouchers` stand in burn-down order. Each pays up to its share of the whole bill, less what
    vouchers have paid of it already: a second voucher continues where the first is exhausted or
    tops up to its own larger share, and no bill is subsidized twice. Own money pays the rest as far
    as it reaches, by subtraction; what remains is receivable. Raises BillShrank when the total is
    below what was paid.
    """
    left = total_fen - paid.total_fen
    if left < 0:
        raise BillShrank(f"{total_fen} fen is below the {paid.total_fen} fen already paid")
    covered = paid.voucher_fen
    parts = []
    for voucher in vouchers:
        room = share_fen(voucher.share, total_fen, voucher.rounding) - covered
        amount = min(room, voucher.available_fen, left)
        if amount > 0:
            parts.append(VoucherPart(voucher.key, amount))
            covered += amount
            left -= amount
    own = max(0, min(left, own_available_fen))
    return Split(tuple(parts), own, left - own)
