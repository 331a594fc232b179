"""Prices that hold for a running contract: those of its first day, whatever the list says later."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from vouchers.billing.rules.rating import DayUsage


class Hold(NamedTuple):
    """The list of `day` prices usage before `until`; without an end, all usage of the contract.

    Only `meters` that had a price on that day are held; one that came later follows the list.
    """

    day: date
    until: date | None
    meters: frozenset[str]

    def priced(self, usage: Iterable[DayUsage]) -> list[DayUsage]:
        """The same usage, each entry on the day whose prices it is rated at.

        Held days lie before all others, so volume tiers are filled in the same order as before.
        """
        return [
            each._replace(day=self.day)
            if each.meter in self.meters and (self.until is None or each.day < self.until)
            else each
            for each in usage
        ]
