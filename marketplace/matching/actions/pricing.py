"""What the stock costs for one need, and who would pay: asked of billing's quotes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from accounts.models import Organization
from common.money import MAX_FEN
from marketplace.matching.actions.slots import Sold
from marketplace.matching.actions.stock import Stock
from marketplace.matching.rules.compose_pricing import LONGEST, Price, Wallet
from vouchers.billing.actions.charging import quotes

MOST_FEN = MAX_FEN + 1
"""What is dearer than any amount that may be booked counts as this, so that sums stay small."""


@dataclass(frozen=True, slots=True)
class Priced:
    """A need's month over the stock: units by bill and meter, and the wallet that splits them."""

    stock: Stock
    units: Mapping[str, int]
    wallet: Wallet

    def lines(self, rows: Sequence[int]) -> list[tuple[Sold, dict[str, tuple[int, int]]]]:
        """Each offering of a chain, bottom first, with units and fen by meter that it bills."""
        found = []
        for row in reversed(rows):
            for number in self.stock.bills_of[row]:
                sold = self.stock.sold[number]
                wanted = _wanted(sold, self.units)
                fen = quotes.priced(wanted, sold.price_list, self.stock.day, sold.offering.name)
                by_meter = {meter: (wanted[meter], fen.get(meter, 0)) for meter in sorted(wanted)}
                found.append((sold, by_meter))
        return found

    def months(self, bills: Sequence[int]) -> list[Price]:
        """The month of those bills again and again, a year ahead."""
        return self.wallet.months_of(bills)


def price(
    *,
    stock: Stock,
    enterprise: Organization,
    units: Mapping[str, int],
    bills: Sequence[int],
    at: datetime,
) -> Priced:
    """Price those of the bills that sell a meter of the need. At most three queries. Raises NotPriced.

    Bills that were not asked for count as dearer than anything.
    """
    payers = quotes.payers(enterprise=enterprise, at=at, months=LONGEST)
    amounts = np.full(len(stock.sold), MOST_FEN, dtype=np.int64)
    amounts[bills] = 0
    covered: dict[int, np.ndarray] = {
        voucher.key: np.zeros(len(stock.sold), dtype=np.bool_)
        for voucher in payers.months[0].vouchers
    }
    known: dict[tuple[object, frozenset[str]], frozenset[int]] = {}
    selling = {number for meter in units for number in stock.selling.get(meter, ())}
    for number in sorted(selling.intersection(bills)):
        sold = stock.sold[number]
        amounts[number] = min(MOST_FEN, _amount(sold, units, stock))
        asked = sold.facts, sold.meters
        if asked not in known:
            known[asked] = payers.covering(*asked)
        for key in known[asked]:
            covered[key][number] = True
    first, *later = payers.months
    wallet = Wallet(
        amounts,
        first.vouchers,
        covered,
        used_fen=first.used_fen,
        later=later,
        bills_of=stock.bills_of,
    )
    return Priced(stock, units, wallet)


def _amount(sold: Sold, units: Mapping[str, int], stock: Stock) -> int:
    wanted = _wanted(sold, units)
    return sum(quotes.priced(wanted, sold.price_list, stock.day, sold.offering.name).values())


def _wanted(sold: Sold, units: Mapping[str, int]) -> dict[str, int]:
    """Every meter that an offering sells is metered on it, also where another one sells it too."""
    return {meter: units[meter] for meter in sold.meters if meter in units}
