"""What one plan would cost at every offering of a stock: prices in columns, rated all at once.

The same figures as `rating.rate_usage` on a plan's single day, requests as short as can be: the
month's units climb the volume tiers, each tier is rounded half up once, and a least charge fills up.
"""

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
import numpy.typing as npt

from providers.rules import pricing
from vouchers.billing.rules.rating import PriceList, Unpriced

Integers = npt.NDArray[np.int64]

WORD = 2**62
"""What is below it can be doubled in a 64-bit integer."""

ENDLESS = 2**63 - 1
"""The end of a last tier; more than any number of units."""


class _Meter:
    """One meter's tiers over all bills that sell it, bill by bill; `begins`: the first tier of each."""

    def __init__(self) -> None:
        self.bills: list[int] = []
        self.begins: list[int] = []
        self.above: list[int] = []
        self.upto: list[int] = []
        self.ratios: list[tuple[int, int]] = []
        self.least: list[int] = []
        self.without: list[int] = []

    def add(self, bill: int, prices: PriceList, meter: str, day: date) -> None:
        try:
            rungs = prices.ladder(meter, day, 0).rungs
        except Unpriced:
            self.without.append(bill)
            return
        minimum = prices.minimum(meter, day)
        self.bills.append(bill)
        self.begins.append(len(self.above))
        self.least.append(minimum.minimum_fen if minimum else 0)
        for key, above, upto in rungs:
            self.above.append(above)
            self.upto.append(ENDLESS if upto is None else upto)
            self.ratios.append(prices.ratios[key])


class _Column:
    """The same, compiled."""

    def __init__(self, meter: _Meter) -> None:
        self.bills, self.begins = _integers(meter.bills), _integers(meter.begins)
        self.above, self.upto = _integers(meter.above), _integers(meter.upto)
        self.least = _integers(meter.least)
        self.without = _integers(meter.without)
        self.ratios = meter.ratios
        self.over = _integers([min(over, WORD) for over, _under in meter.ratios])
        self.under = _integers([min(under, WORD) for _over, under in meter.ratios])

    def amounts(self, units: int, most: int) -> Integers:
        """Fen by place in `bills`, `most` where it is more."""
        parts = np.clip(units, self.above, self.upto) - self.above
        fits = 2.0 * parts * self.over + self.under < WORD
        over, under = np.where(fits, self.over, 0), np.where(fits, self.under, 1)
        fen = np.minimum((2 * parts * over + under) // (2 * under), most)
        for row in np.flatnonzero(~fits).tolist():
            ratio = self.ratios[row]
            fen[row] = min(pricing.rounded(int(parts[row]) * ratio[0], ratio[1]), most)
        found: Integers = np.minimum(np.add.reduceat(fen, self.begins), most)
        return np.minimum(np.maximum(found, self.least), most)


class PriceColumns:
    """The price lists of bills on a day, each with the meters that it bills; compiled once."""

    def __init__(
        self, lists: Sequence[tuple[PriceList, frozenset[str]]], day: date, most: int
    ) -> None:
        """`most` fen stand for whatever is dearer, so that sums stay small."""
        meters: dict[str, _Meter] = {}
        for bill, (prices, billed) in enumerate(lists):
            for meter in billed:
                meters.setdefault(meter, _Meter()).add(bill, prices, meter, day)
        self._columns = {meter: _Column(found) for meter, found in meters.items()}
        self._length, self._most = len(lists), most

    def amounts_fen(self, units: Mapping[str, int]) -> Integers:
        """What each bill costs for those base units by meter, of which it takes those it sells.

        A meter that a bill cannot price counts nothing, see `unpriced`. `units`: from 0 to 2**62.
        """
        total = np.zeros(self._length, dtype=np.int64)
        for column, wanted in self._asked(units):
            if len(column.bills):
                total[column.bills] += column.amounts(wanted, self._most)
        return np.minimum(total, self._most)

    def unpriced(self, units: Mapping[str, int]) -> Integers:
        """Bills that sell one of the meters, but not from the first unit on."""
        found = [column.without for column, _wanted in self._asked(units)]
        return np.concatenate([_integers([]), *found])

    def _asked(self, units: Mapping[str, int]) -> list[tuple[_Column, int]]:
        return [
            (self._columns[meter], wanted)
            for meter, wanted in units.items()
            if wanted and meter in self._columns
        ]


def _integers(values: Sequence[int]) -> Integers:
    return np.array(values, dtype=np.int64)
