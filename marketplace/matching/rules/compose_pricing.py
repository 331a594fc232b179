"""What a chain costs after vouchers: asked of whoever knows prices, scheme rules and the wallet.

The search asks for the exact price of few chains only. To know which, it needs three figures that
never promise too little: each offering's price, the least its firm pays itself when every voucher
were there for it alone, and the most that vouchers can pay for any one chain.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

import numpy as np

from marketplace.matching.rules.rounds import IntArray
from vouchers.billing.rules import burndown
from vouchers.billing.rules.burndown import VoucherMeans

LONGEST = 12
"""Months looked ahead for the month in which vouchers run out."""


class Binding(StrEnum):
    """What keeps vouchers from paying more: their share, what is left on them, or there are none."""

    SHARE = "share"
    BALANCE = "balance"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Price:
    """A chain's month in fen; price is voucher and own together.

    `full_months`: months in a row, the first included, in which vouchers pay as much as in the
    first; LONGEST means at least that many, 0 that they pay nothing.
    """

    price_fen: int
    voucher_fen: int
    own_fen: int
    binding: Binding = Binding.NONE
    full_months: int = 0


class Pricing(Protocol):
    """Prices of one need's month, for rows of one catalog."""

    relief_fen: int
    """The most vouchers can pay for one chain."""

    def gross_fen(self, rows: IntArray) -> IntArray:
        """What each offering costs."""

    def floor_fen(self, rows: IntArray) -> IntArray:
        """The least that is left to pay of it, whatever else is in the chain."""

    def price(self, rows: Sequence[int]) -> Price:
        """The exact split of a whole chain's month."""

    def outlook(self, rows: Sequence[int]) -> Price:
        """The same, with what binds the vouchers and for how many months it stays so."""


class Wallet:
    """Vouchers burnt down over a chain's bills, one bill for each offering, in row order.

    `amounts_fen` by row; `vouchers` in burn-down order; `covers`: voucher key -> which rows it pays
    for. The same rule as the tick's (`burndown.split`).
    """

    def __init__(
        self,
        amounts_fen: IntArray,
        vouchers: Sequence[VoucherMeans] = (),
        covers: Mapping[int, np.ndarray] | None = None,
    ) -> None:
        self._amounts = amounts_fen
        self._vouchers = tuple(vouchers)
        self._covers = covers or {}
        self.relief_fen = sum(voucher.available_fen for voucher in vouchers)

    def gross_fen(self, rows: IntArray) -> IntArray:
        """What each offering costs."""
        return self._amounts[rows]

    def floor_fen(self, rows: IntArray) -> IntArray:
        """Price less the largest share of a voucher that covers it, that share rounded up."""
        amounts = self._amounts[rows]
        relief = np.zeros(len(rows), dtype=np.int64)
        for voucher in self._vouchers:
            top, bottom = voucher.share.numerator, voucher.share.denominator
            whole, rest = amounts // bottom, amounts % bottom
            share = whole * top + -(-rest * top // bottom)
            covered = self._covers.get(voucher.key)
            relief = np.maximum(relief, share if covered is None else share * covered[rows])
        return amounts - np.minimum(relief, amounts)

    def price(self, rows: Sequence[int]) -> Price:
        """The exact split of a whole chain's month."""
        return self._month(rows, self._vouchers)[0]

    def outlook(self, rows: Sequence[int]) -> Price:
        """The exact split, what binds it, and for how many months it stays so."""
        first, left = self._month(rows, self._vouchers)
        if not first.voucher_fen:
            return first
        ample = [each._replace(available_fen=first.price_fen) for each in self._vouchers]
        is_balance = self._month(rows, ample)[0].voucher_fen > first.voucher_fen
        months = 1
        while months < LONGEST:
            later, left = self._month(rows, left)
            if later.voucher_fen < first.voucher_fen:
                break
            months += 1
        binding = Binding.BALANCE if is_balance else Binding.SHARE
        return replace(first, binding=binding, full_months=months)

    def _month(
        self, rows: Sequence[int], vouchers: Sequence[VoucherMeans]
    ) -> tuple[Price, list[VoucherMeans]]:
        available = {voucher.key: voucher.available_fen for voucher in vouchers}
        price = paid = 0
        for row in sorted(rows):
            amount = int(self._amounts[row])
            split = burndown.split(
                total_fen=amount,
                paid=burndown.Paid(),
                vouchers=[
                    each._replace(available_fen=available[each.key])
                    for each in vouchers
                    if each.key not in self._covers or self._covers[each.key][row]
                ],
                own_available_fen=amount,
            )
            for part in split.vouchers:
                available[part.key] -= part.amount_fen
            price += amount
            paid += split.voucher_fen
        left = [each._replace(available_fen=available[each.key]) for each in vouchers]
        return Price(price, paid, price - paid), left
