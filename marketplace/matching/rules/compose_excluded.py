"""What limits exclude of all that a need reaches: kept in columns, told one by one where asked for.

On a large shelf a need reaches tens of thousands of offerings; spelling the limits of each would
take longer than finding the best chains.
"""

from collections.abc import Iterator, Mapping

import numpy as np

from marketplace.matching.rules import compose_limits
from marketplace.matching.rules.compose_catalog import Catalog
from marketplace.matching.rules.compose_limits import Count
from marketplace.matching.rules.limits import Limit
from marketplace.matching.rules.rounds import IntArray


class Excluded(Mapping[str, tuple[Limit, ...]]):
    """By code every limit an offering breaks, for those that break any; rows in ascending order."""

    def __init__(self, catalog: Catalog, rows: IntArray, bits: IntArray) -> None:
        is_hit = bits != 0
        self._catalog, self._rows, self._bits = catalog, rows[is_hit], bits[is_hit]

    def __getitem__(self, code: str) -> tuple[Limit, ...]:
        row = self._catalog.row_of[code]
        at = int(np.searchsorted(self._rows, row))
        if at == len(self._rows) or self._rows[at] != row:
            raise KeyError(code)
        return compose_limits.reasons(int(self._bits[at]))

    def __iter__(self) -> Iterator[str]:
        return (self._catalog.items[row].code for row in self._rows.tolist())

    def __len__(self) -> int:
        return len(self._rows)

    def counts(self) -> list[Count]:
        """One line for each limit that excludes anything, in the order in which limits are told."""
        return compose_limits.counted(self._bits)

    def loose(self) -> "Excluded":
        """Without the private parts of published bundles."""
        is_loose = ~self._catalog.is_private[self._rows]
        return Excluded(self._catalog, self._rows[is_loose], self._bits[is_loose])

    def fewest(self, most: int) -> list[str]:
        """Codes of those that break the fewest limits, in the catalog's order among equals."""
        broken = compose_limits.popcount(self._bits)
        order = np.argsort(broken, kind="stable")[:most]
        return [self._catalog.items[row].code for row in self._rows[order].tolist()]
