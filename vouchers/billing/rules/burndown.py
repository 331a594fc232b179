"""Who pays a bill: vouchers in burn-down order, then own money, then an open receivable.

Amounts in integer fen, shares as exact fractions. Everything is figured from the cumulative bill
and booked as the difference to what was paid before, so the split does not lose a fen however often
it runs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType
from typing import NamedTuple

FEN_PER_YUAN = 100
NOTHING: Mapping[str, int] = MappingProxyType({})


class BillShrank(ValueError):
    """The cumulative bill is below what was already paid; undoing payments is another step."""


class Paid(NamedTuple):
    """What was booked before, by kind of payer; `voucher_fen` counts every voucher ever used."""

    voucher_fen: int = 0
    own_fen: int = 0
    receivable_fen: int = 0

    @property
    def total_fen(self) -> int:
        """All that was booked."""
        return self.voucher_fen + self.own_fen + self.receivable_fen

    def plus(self, change: "Split") -> "Paid":
        """What is booked when a change has been booked too."""
        return Paid(
            self.voucher_fen + change.voucher_fen,
            self.own_fen + change.own_fen,
            self.receivable_fen + change.receivable_fen,
        )


@dataclass(frozen=True, slots=True)
class Limit:
    """A cap on what is redeemed: all that draw on `key` together, held against this voucher's own limit.

    `cap` is its id in the voucher's scheme.
    """

    key: str
    limit_fen: int
    cap: str = ""


class VoucherMeans(NamedTuple):
    """A voucher that covers the bill: its share, its scheme's rounding and what is left on it.

    `limits` are the caps on what is redeemed that hold for it, each key once.
    """

    key: int
    share: Fraction
    rounding: str
    available_fen: int
    limits: tuple[Limit, ...] = ()

    def tightest(self, used_fen: Mapping[str, int]) -> Limit | None:
        """The cap that leaves least; the first of several."""
        return min(self.limits, key=lambda each: each.limit_fen - used_fen[each.key], default=None)


class VoucherPart(NamedTuple):
    """What one voucher pays of this change."""

    key: int
    amount_fen: int


class Bound(NamedTuple):
    """That a cap left a voucher less than it would have paid."""

    voucher: int
    limit: Limit


class Split(NamedTuple):
    """The change of a bill over its payers; the parts add up to the change exactly."""

    vouchers: tuple[VoucherPart, ...]
    own_fen: int
    receivable_fen: int
    bounds: tuple[Bound, ...] = ()

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
    *,
    total_fen: int,
    paid: Paid,
    vouchers: Sequence[VoucherMeans],
    own_available_fen: int,
    used_fen: Mapping[str, int] = NOTHING,
) -> Split:
    """Split what is new on a cumulative bill.

    `vouchers` stand in burn-down order. Each pays up to its share of the whole bill, less what
    vouchers have paid of it already: a second voucher continues where the first is exhausted or
    tops up to its own larger share, and no bill is subsidized twice. None pays more than its caps on
    redemptions leave: `used_fen` says what is redeemed under each, and vouchers that share one
    share its room; `bounds` names those that left a voucher less than it would have paid. Own money
    pays the rest as far as it reaches, by subtraction; what remains is
    receivable. Raises BillShrank when the total is below what was paid.
    """
    left = total_fen - paid.total_fen
    if left < 0:
        raise BillShrank(f"{total_fen} fen is below the {paid.total_fen} fen already paid")
    covered = paid.voucher_fen
    used = {limit.key: used_fen.get(limit.key, 0) for each in vouchers for limit in each.limits}
    parts, bounds = [], []
    for voucher in vouchers:
        room = share_fen(voucher.share, total_fen, voucher.rounding) - covered
        amount = min(room, voucher.available_fen, left)
        tightest = voucher.tightest(used)
        if tightest is not None and tightest.limit_fen - used[tightest.key] < amount:
            amount = tightest.limit_fen - used[tightest.key]  # below zero past a lowered cap
            bounds.append(Bound(voucher.key, tightest))
        if amount > 0:
            parts.append(VoucherPart(voucher.key, amount))
            for limit in voucher.limits:
                used[limit.key] += amount
            covered += amount
            left -= amount
    own = max(0, min(left, own_available_fen))
    return Split(tuple(parts), own, left - own, tuple(bounds))
