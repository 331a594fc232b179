"""What the stock costs for one need, and who would pay: asked of billing's quotes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from accounts.models import Organization
from marketplace.matching.actions.slots import Sold
from marketplace.matching.actions.stock import MOST_FEN, Stock
from marketplace.matching.rules.compose_pricing import LONGEST, Price, Wallet
from marketplace.matching.rules.rounds import IntArray
from vouchers.billing.actions.charging import quotes


@dataclass(frozen=True, slots=True)
class Priced:
    """A need's month over the stock: units by bill and meter, and the wallet that splits them."""

    stock: Stock
    units: Mapping[str, int]
    wallet: Wallet

    def lines(self, rows: Sequence[int]) -> list[tuple[Sold, dict[str, tuple[int, int]]]]:
        """Each offering of a chain, bottom first, with units and fen by meter that it bills."""
        return [
            (self.stock.sold[number], _amounts(self.stock, number, self.units))
            for row in reversed(rows)
            for number in self.stock.bills_of[row]
        ]

    def months(self, bills: Sequence[int]) -> list[Price]:
        """The month of those bills again and again, a year ahead."""
        return self.wallet.months_of(bills)


def price(
    *,
    stock: Stock,
    enterprise: Organization,
    units: Mapping[str, int],
    bills: Sequence[int] | IntArray,
    at: datetime,
) -> Priced:
    """Price those of the bills that sell a meter of the need. At most three queries. Raises NotPriced.

    Bills that were not asked for count as dearer than anything.
    """
    payers = quotes.payers(enterprise=enterprise, at=at, months=LONGEST)
    for number in np.intersect1d(bills, stock.columns.unpriced(units)).tolist():
        _amounts(stock, number, units)
    amounts = np.full(len(stock.sold), MOST_FEN, dtype=np.int64)
    amounts[bills] = stock.columns.amounts_fen(units)[bills]
    first, *later = payers.months
    covered = {each.key: stock.coverings.of(*payers.coverage[each.key]) for each in first.vouchers}
    wallet = Wallet(
        amounts,
        first.vouchers,
        covered,
        used_fen=first.used_fen,
        later=later,
        bills_of=stock.bills_of,
    )
    return Priced(stock, units, wallet)


def _amounts(stock: Stock, number: int, units: Mapping[str, int]) -> dict[str, tuple[int, int]]:
    """Units and fen of an offering by meter. Raises NotPriced, which names the offering."""
    sold = stock.sold[number]
    wanted = _wanted(sold, units)
    fen = quotes.priced(wanted, sold.price_list, stock.day, sold.offering.name)
    return {meter: (wanted[meter], fen.get(meter, 0)) for meter in sorted(wanted)}


def _wanted(sold: Sold, units: Mapping[str, int]) -> dict[str, int]:
    """Every meter that an offering sells is metered on it, also where another one sells it too."""
    return {meter: units[meter] for meter in sold.meters if meter in units}
