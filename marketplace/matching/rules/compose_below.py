"""What lies within a need's reach, and the best that can still come below each offering.

Costs are columns of one array: price, least own share, start cost, days, latency, quality missed, meters as
bits. Prices and start costs add up, days and latency are those of the slowest part, the points of
quality that are missed those of the least proven part.
"""

from collections.abc import Mapping
from typing import Protocol

import numpy as np

from marketplace.catalog.rules.chains import PARENT
from marketplace.matching.rules import compose_limits
from marketplace.matching.rules.compose_catalog import LAYERS, UNKNOWN, Catalog
from marketplace.matching.rules.compose_pricing import Pricing
from marketplace.matching.rules.limits import Limit, Terms
from marketplace.matching.rules.rounds import IntArray

GROSS, FLOOR, START, DAYS, LATENCY, MISSED, BITS = range(7)
ROWS = BITS + 1
PLACED = 1 << 16
"""The bit that says a part has a place; meters take the bits below."""

MOST_METERS = 16
TOO_MUCH = 2**60
"""Cost of what cannot be completed; larger than any sum of prices."""

Costs = IntArray
"""Seven rows, one column for each chain or offering."""


class Asked(Protocol):
    """What this module reads of a need."""

    @property
    def scenario(self) -> str: ...  # noqa: D102
    @property
    def terms(self) -> Terms: ...  # noqa: D102
    @property
    def units(self) -> Mapping[str, int]: ...  # noqa: D102
    @property
    def layers(self) -> frozenset[str]: ...  # noqa: D102


class Below:
    """One need held against a catalog. `layers` in the order in which a chain grows."""

    def __init__(
        self, catalog: Catalog, wanted: Asked, pricing: Pricing, without: frozenset[Limit]
    ) -> None:
        self.catalog, self.wanted, self.pricing = catalog, wanted, pricing
        self.relief_fen = pricing.relief_fen
        self.layers = tuple(layer for layer in LAYERS if layer in wanted.layers)
        self.meters = sorted(wanted.units)
        if len(self.meters) > MOST_METERS:
            raise ValueError(f"a need has at most {MOST_METERS} meters")
        self.is_region_asked = bool(wanted.terms.region) and Limit.REGION not in without
        self.is_latency_asked = wanted.terms.latency_us is not None and Limit.LATENCY not in without
        self._popcount = np.array([n.bit_count() for n in range(1 << len(self.meters))])
        self._reach(without)
        self._fold()

    def roots(self) -> tuple[IntArray, Costs]:
        """Applications that a chain can start from, with their costs."""
        rows = self._alive["application"]
        return rows, self.own[:, rows]

    def affordable(self, rows: IntArray, most: int) -> int:
        """How many of the first chains to extend at once: at least one, few where each has many."""
        layer = self.layers[rows.shape[1]]
        edges = self.catalog.edges[layer]
        above = rows[:most, self.layers.index(PARENT[layer])]
        first, last = self.catalog.free[layer]
        stated = edges.starts[above + 1] - edges.starts[above]
        counts = np.where(edges.is_open[above] == 1, last - first, stated)
        return max(1, int(np.searchsorted(np.cumsum(counts), 20_000)))

    def extend(self, rows: IntArray, costs: Costs) -> tuple[IntArray, Costs]:
        """Every chain with every offering of the next layer that goes with it and breaks nothing."""
        layer = self.layers[rows.shape[1]]
        above = rows[:, self.layers.index(PARENT[layer])]
        positions, targets = self.catalog.children(layer, above)
        is_alive = self.is_alive[targets]
        positions, targets = positions[is_alive], targets[is_alive]
        longer = np.column_stack([rows[positions], targets])
        return longer, _join(costs[:, positions], self.own[:, targets])

    def completed(self, rows: IntArray, costs: Costs) -> Costs:
        """Costs of the chains with the best that can come in each layer still missing."""
        for layer in self.layers[rows.shape[1] :]:
            at = self.layers.index(PARENT[layer])
            if at < rows.shape[1]:
                costs = _join(costs, self._best[layer][:, rows[:, at] - self._first(layer)])
        return costs

    def sums(self, rows: IntArray) -> Costs:
        """Costs of whole chains."""
        costs = self.own[:, rows[:, 0]]
        for column in range(1, rows.shape[1]):
            costs = _join(costs, self.own[:, rows[:, column]])
        return costs

    def served(self, bits: IntArray) -> IntArray:
        """How many of the meters asked for the bits name."""
        found: IntArray = self._popcount[bits & (len(self._popcount) - 1)]
        return found

    def _reach(self, without: frozenset[Limit]) -> None:
        """All offerings that some application for the scenario leads to, and what they break."""
        catalog, wanted = self.catalog, self.wanted
        rows = catalog.reached(wanted.scenario, self.layers)
        self.reached = np.concatenate([rows[layer] for layer in self.layers])
        self.bits = compose_limits.broken(
            catalog, self.reached, wanted.terms, wanted.units, without
        )
        self.is_alive = np.zeros(len(catalog.items), dtype=np.bool_)
        self.is_alive[self.reached] = self.bits == 0
        self.own = np.zeros((ROWS, len(catalog.items)), dtype=np.int64)
        self._alive = {layer: each[self.is_alive[each]] for layer, each in rows.items()}
        self._cost(np.concatenate([self._alive[layer] for layer in self.layers]))

    def _cost(self, rows: IntArray) -> None:
        catalog = self.catalog
        self.own[GROSS, rows] = self.pricing.gross_fen(rows)
        self.own[FLOOR, rows] = self.pricing.floor_fen(rows)
        self.own[START, rows] = catalog.start_fen[rows]
        self.own[DAYS, rows] = catalog.days[rows]
        self.own[LATENCY, rows] = catalog.latency_us[rows]
        self.own[MISSED, rows] = catalog.missed[rows]
        bits = np.where(catalog.region[rows] != UNKNOWN, PLACED, 0)
        for number, meter in enumerate(self.meters):
            if meter in catalog.sells:
                bits |= catalog.sells[meter][rows].astype(np.int64) << number
        self.own[BITS, rows] = bits

    def _fold(self) -> None:
        """From the bottom up, the best below each offering, cost by cost; dead ends drop out."""
        self._best: dict[str, Costs] = {}
        for layer in reversed(self.layers[1:]):
            rows = self._alive[layer]
            whole = self.own[:, rows]
            for child in self.layers:
                if PARENT.get(child) == layer:
                    whole = _join(whole, self._best[child][:, rows - self._first(child)])
            is_open_end = whole[GROSS] < TOO_MUCH
            rows, whole = rows[is_open_end], whole[:, is_open_end]
            self.is_alive[self._alive[layer]] = is_open_end
            self._best[layer] = self._best_of(layer, rows, whole)
        rows = self._alive["application"]
        for child in self.layers:
            if PARENT.get(child) == "application":
                best = self._best[child][GROSS, rows - self._first(child)]
                rows = rows[best < TOO_MUCH]
        self._alive["application"] = rows

    def _first(self, layer: str) -> int:
        """The first row of the layer above: what is known below it is kept from there on."""
        first: int = self.catalog.span[PARENT[layer]][0]
        return first

    def _best_of(self, layer: str, rows: IntArray, whole: Costs) -> Costs:
        """For each offering above the layer, the best of what it may be joined to there.

        Columns from the first row of the layer above; those of dead ones mean nothing.
        """
        (first, last), (start, end) = self.catalog.span[layer], self.catalog.span[PARENT[layer]]
        costs = np.full((ROWS, last - first), TOO_MUCH, dtype=np.int64)
        costs[BITS] = 0
        costs[:, rows - first] = whole
        costs[LATENCY, rows - first] = np.maximum(whole[LATENCY], 0)
        above = self._alive[PARENT[layer]]
        best = np.zeros((ROWS, end - start), dtype=np.int64)
        best[:BITS, above - start] = TOO_MUCH
        is_open = self.catalog.edges[layer].is_open[above] == 1
        free = rows[rows < self.catalog.free[layer][1]] - first
        if is_open.any() and len(free):
            alive = costs[:, free]
            least = np.append(alive[:BITS].min(axis=1), np.bitwise_or.reduce(alive[BITS]))
            best[:, above[is_open] - start] = least.reshape(ROWS, 1)
        stated = above[~is_open]
        positions, targets = self.catalog.stated(layer, stated)
        if len(targets):
            firsts = np.searchsorted(positions, np.arange(len(stated)))
            found = costs[:, targets - first]
            best[:BITS, stated - start] = np.minimum.reduceat(found[:BITS], firsts, axis=1)
            best[BITS, stated - start] = np.bitwise_or.reduceat(found[BITS], firsts)
        return best


def _join(some: Costs, more: Costs) -> Costs:
    """Costs of two sets of offerings together."""
    costs = some + more
    worst = slice(DAYS, BITS)
    np.maximum(some[worst], more[worst], out=costs[worst])
    np.bitwise_or(some[BITS], more[BITS], out=costs[BITS])
    return costs
