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
from vouchers.billing.rules import plans
from vouchers.billing.rules.burndown import VoucherMeans
from vouchers.billing.rules.plans import Month, Planned

LONGEST = 12
"""Months looked ahead for the month in which vouchers run out."""


class Binding(StrEnum):
    """What keeps vouchers from paying more: their share, a cap, what is left, or there are none."""

    SHARE = "share"
    CAP = "cap"
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


class BillsOf:
    """The bills that each row of a catalog brings, in columns; compiled once and asked often."""

    def __init__(self, of: Sequence[Sequence[int]]) -> None:
        self._flat = np.array([bill for row in of for bill in row], dtype=np.int64)
        self._ends = np.cumsum(np.array([len(row) for row in of], dtype=np.int64), dtype=np.int64)
        self._starts = self._ends - np.array([len(row) for row in of], dtype=np.int64)

    def __getitem__(self, row: int) -> list[int]:
        found: list[int] = self._flat[self._starts[row] : self._ends[row]].tolist()
        return found

    def of(self, rows: IntArray) -> IntArray:
        """All bills of those rows, ascending, each once."""
        is_meant = np.zeros(len(self._ends), dtype=np.bool_)
        is_meant[rows] = True
        found: IntArray = np.unique(self._flat[np.repeat(is_meant, self._ends - self._starts)])
        return found

    def sums(self, rows: IntArray, figures: IntArray) -> IntArray:
        """A figure of bills added up by row. Running sums may wrap around; their differences do not."""
        running = np.concatenate(([0], np.cumsum(figures[self._flat])))
        found: IntArray = running[self._ends[rows]] - running[self._starts[rows]]
        return found


class Wallet:
    """Vouchers burnt down over a chain's bills, one bill for each offering, in the bills' order.

    `amounts_fen` by bill; `covers`: voucher key -> which bills it pays for; `bills_of`: row -> its
    bills, by default a row is its own bill; `later`: the months after the first, by default like
    it. The same rule as the tick's (`plans.split`).
    """

    def __init__(
        self,
        amounts_fen: IntArray,
        vouchers: Sequence[VoucherMeans] = (),
        covers: Mapping[int, np.ndarray] | None = None,
        *,
        used_fen: Mapping[str, int] | None = None,
        later: Sequence[Month] | None = None,
        bills_of: BillsOf | None = None,
    ) -> None:
        self._amounts = amounts_fen
        self._covers = covers or {}
        first = Month(tuple(vouchers), used_fen or {})
        self._months = [first, *(later if later is not None else [first] * (LONGEST - 1))]
        self._bills_of = bills_of
        self._alike = _alike(self._months)
        self.relief_fen = sum(max(0, voucher.available_fen) for voucher in vouchers)

    def gross_fen(self, rows: IntArray) -> IntArray:
        """What each offering costs."""
        bills = self._bills_of
        return self._amounts[rows] if bills is None else bills.sums(rows, self._amounts)

    def floor_fen(self, rows: IntArray) -> IntArray:
        """Price less the largest share of a voucher that covers it, that share rounded up."""
        bills = rows if self._bills_of is None else np.arange(len(self._amounts))
        amounts = self._amounts[bills]
        relief = np.zeros(len(bills), dtype=np.int64)
        for voucher in self._months[0].vouchers:
            top, bottom = voucher.share.numerator, voucher.share.denominator
            whole, rest = amounts // bottom, amounts % bottom
            share = whole * top + -(-rest * top // bottom)
            covered = self._covers.get(voucher.key)
            relief = np.maximum(relief, share if covered is None else share * covered[bills])
        least = amounts - np.minimum(relief, amounts)
        return least if self._bills_of is None else self._bills_of.sums(rows, least)

    def price(self, rows: Sequence[int]) -> Price:
        """The exact split of a whole chain's month."""
        return _paid(self._bills(rows), self._months[0])[0]

    def outlook(self, rows: Sequence[int]) -> Price:
        """The exact split, what binds it, and for how many months it stays so."""
        bills = self._bills(rows)
        first, left = _paid(bills, self._months[0])
        if not first.voucher_fen:
            return first
        binding = self._binding(bills, first, left)
        again, left = self._again(left)
        months = 1 + again
        for month in self._months[months:]:
            later, left = _paid(bills, month.after(left))
            if later.voucher_fen < first.voucher_fen:
                break
            months += 1
        return replace(first, binding=binding, full_months=months)

    def months(self, rows: Sequence[int]) -> list[Price]:
        """The same use month after month, LONGEST months: what each leaves is there for the next."""
        return self._months_of(self._bills(rows))

    def months_of(self, bills: Sequence[int]) -> list[Price]:
        """The same for bills that need not make a chain."""
        return self._months_of([self._planned(bill) for bill in sorted(bills)])

    def _months_of(self, bills: Sequence[Planned]) -> list[Price]:
        found, left = [], None
        for month in self._months:
            price, left = _paid(bills, month if left is None else month.after(left))
            found.append(price)
        return found

    def _again(self, left: Month) -> tuple[int, Month]:
        """In how many months after the first each voucher pays the same once more; what they leave.

        Without caps only what is left on a voucher changes from month to month. While that is at
        least what it paid in the first month, it cannot bind in the next.
        """
        first = self._months[0].vouchers
        paid = [
            had.available_fen - has.available_fen
            for had, has in zip(first, left.vouchers, strict=True)
        ]
        times = min(
            [
                self._alike,
                *(
                    has.available_fen // fen
                    for has, fen in zip(left.vouchers, paid, strict=True)
                    if fen
                ),
            ]
        )
        return times, Month(
            tuple(
                has._replace(available_fen=has.available_fen - times * fen)
                for has, fen in zip(left.vouchers, paid, strict=True)
            ),
            left.used_fen,
        )

    def _binding(self, bills: Sequence[Planned], first: Price, left: Month) -> Binding:
        """What, if it were ample, would make vouchers pay more; caps before what is left."""
        month = self._months[0]
        if any(each.limits for each in month.vouchers):
            free = Month(tuple(each._replace(limits=()) for each in month.vouchers))
            if _paid(bills, free)[0].voucher_fen > first.voucher_fen:
                return Binding.CAP
        if all(each.available_fen > 0 for each in left.vouchers):
            return Binding.SHARE  # what is left bound nobody, or it would be gone
        ample = [each._replace(available_fen=first.price_fen) for each in month.vouchers]
        more = _paid(bills, Month(tuple(ample), month.used_fen))[0].voucher_fen
        return Binding.BALANCE if more > first.voucher_fen else Binding.SHARE

    def _bills(self, rows: Sequence[int]) -> list[Planned]:
        """The bills of a chain in their order."""
        of = self._bills_of
        bills = rows if of is None else [bill for row in rows for bill in of[row]]
        return [self._planned(bill) for bill in sorted(bills)]

    def _planned(self, bill: int) -> Planned:
        covering = [
            voucher.key
            for voucher in self._months[0].vouchers
            if voucher.key not in self._covers or self._covers[voucher.key][bill]
        ]
        return Planned(int(self._amounts[bill]), covering)


def _paid(bills: Sequence[Planned], month: Month) -> tuple[Price, Month]:
    paid, left = plans.split(month, bills)
    price, voucher = sum(bill.amount_fen for bill in bills), sum(paid)
    return Price(price, voucher, price - voucher), left


def _alike(months: Sequence[Month]) -> int:
    """How many months after the first have the same vouchers without any cap."""
    first, *later = (month.vouchers for month in months)
    if any(each.limits for each in first):
        return 0
    return next((number for number, each in enumerate(later) if each != first), len(later))
