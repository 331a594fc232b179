"""The offerings that may be composed, in columns, with what each says it works together with.

A chain is a small tree: an application runs on a platform and may use a data set, a platform runs
on compute, compute is joined to storage and network. Compatibility is stated by the upper offering,
pair by pair; one that states nothing for a layer goes with every offering of it. Compiled once and
asked often; offerings keep the order of their layers and codes, whatever order they came in.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from accounts.rules import regions
from marketplace.catalog.rules.chains import PARENT, fault_between
from marketplace.matching.rules.quality import FULL, NEUTRAL
from marketplace.matching.rules.rounds import IntArray

LAYERS = ("application", *PARENT)
UNKNOWN, NOWHERE, UNLIMITED = -1, -2, -1


class BadCatalog(ValueError):
    """A statement that cannot be meant; `code` says why, `offering` who made it.

    offering_repeated, layer_unknown, offering_unknown (names one that is not there), circular
    (names itself or a layer above), layers_unrelated (names a layer it never meets), wrong_layer,
    contradictory (works with nothing of a layer), negative.
    """

    def __init__(self, code: str, offering: str) -> None:
        super().__init__(f"{code}: {offering}")
        self.code = code
        self.offering = offering


@dataclass(frozen=True, slots=True)
class Item:
    """One offering. `left_units` by meter for the tightest month, absent where not limited.

    `scenarios` matters for applications alone. `works_with`: layer -> codes. A private one is part
    of a published bundle and goes with nobody who does not name it. `quality` in points; None where
    nothing stands that could have any.
    """

    code: str
    layer: str
    license_expires_on: date
    meters: frozenset[str] = frozenset()
    lapsed_meters: frozenset[str] = frozenset()
    scenarios: frozenset[str] = frozenset()
    sections: str = ""
    region: str = ""
    latency_us: int | None = None
    has_domestic_chip: bool = False
    is_listed: bool = True
    is_provider_verified: bool = True
    start_cost_fen: int = 0
    days_to_first_use: int = 0
    left_units: Mapping[str, int] = field(default_factory=dict)
    works_with: Mapping[str, frozenset[str]] = field(default_factory=dict)
    is_private: bool = False
    quality: int | None = NEUTRAL


@dataclass(frozen=True, slots=True)
class Edges:
    """To whom each row of a layer is joined below; `is_open` rows go with all that is not private."""

    starts: IntArray
    targets: IntArray
    is_open: IntArray


class Catalog:
    """Compiled columns; row numbers are the catalog's own. Raises BadCatalog."""

    def __init__(self, items: Sequence[Item]) -> None:
        _check(items)
        self.items = sorted(items, key=_place)
        self.row_of = {item.code: row for row, item in enumerate(self.items)}
        layer_of = np.array([LAYERS.index(item.layer) for item in self.items], dtype=np.int64)
        bounds = np.searchsorted(layer_of, np.arange(len(LAYERS) + 1)).tolist()
        self.span = {layer: (bounds[at], bounds[at + 1]) for at, layer in enumerate(LAYERS)}
        self.free = {
            layer: (first, first + sum(not item.is_private for item in self.items[first:last]))
            for layer, (first, last) in self.span.items()
        }
        self.layer_of = layer_of
        self.start_fen = self._ints([item.start_cost_fen for item in self.items])
        self.days = self._ints([item.days_to_first_use for item in self.items])
        self.latency_us = self._ints(
            [UNKNOWN if item.latency_us is None else item.latency_us for item in self.items]
        )
        self.missed = self._ints([_missed(item, item.quality) for item in self.items])
        self.missed_unused = self._ints([_missed(item, NEUTRAL) for item in self.items])
        self.region = self._ints([_region(item.region) for item in self.items])
        self.sections = self._ints([section_bits(item.sections) for item in self.items])
        self.expires = self._ints([item.license_expires_on.toordinal() for item in self.items])
        self.is_listed = np.array([item.is_listed for item in self.items], dtype=np.bool_)
        self.is_verified = np.array([each.is_provider_verified for each in self.items], dtype=bool)
        self.is_private = np.array([item.is_private for item in self.items], dtype=np.bool_)
        self.has_chip = np.array([item.has_domestic_chip for item in self.items], dtype=np.bool_)
        meters = sorted({m for item in self.items for m in item.meters | item.lapsed_meters})
        self.sells = {
            meter: np.array([meter in item.meters for item in self.items]) for meter in meters
        }
        self.lapsed = {
            meter: np.array([meter in item.lapsed_meters for item in self.items])
            for meter in meters
        }
        self.left = {
            meter: self._ints([item.left_units.get(meter, UNLIMITED) for item in self.items])
            for meter in meters
        }
        self.edges = {layer: self._edges(layer) for layer in PARENT}
        self.by_scenario = self._by_scenario()
        self._reached: dict[tuple[str, tuple[str, ...]], dict[str, IntArray]] = {}

    def _ints(self, values: Sequence[int]) -> IntArray:
        return np.array(values, dtype=np.int64)

    def _edges(self, layer: str) -> Edges:
        first, last = self.span[PARENT[layer]]
        stated = [item.works_with.get(layer) for item in self.items[first:last]]
        rows = [sorted(self.row_of[code] for code in codes or ()) for codes in stated]
        starts = np.zeros(len(self.items) + 1, dtype=np.int64)
        starts[first + 1 : last + 1] = np.cumsum([len(row) for row in rows])
        starts[last + 1 :] = starts[last]
        is_open = np.zeros(len(self.items), dtype=np.int64)
        is_open[first:last] = [codes is None for codes in stated]
        return Edges(starts, self._ints([target for row in rows for target in row]), is_open)

    def _by_scenario(self) -> dict[str, IntArray]:
        first, last = self.span["application"]
        found: dict[str, list[int]] = {}
        for row in range(first, last):
            for scenario in self.items[row].scenarios:
                found.setdefault(scenario, []).append(row)
        return {scenario: self._ints(rows) for scenario, rows in found.items()}

    def reached(self, scenario: str, layers: tuple[str, ...]) -> Mapping[str, IntArray]:
        """By layer, all that some application for the scenario leads to; looked up once.

        `layers` in the order in which a chain grows, the application first.
        """
        known = self._reached.get((scenario, layers))
        if known is None:
            none = np.zeros(0, dtype=np.int64)
            known = {"application": self.by_scenario.get(scenario, none)}
            for layer in layers[1:]:
                known[layer] = self._led_to(layer, known[PARENT[layer]])
            self._reached[scenario, layers] = known
        return known

    def _led_to(self, layer: str, above: IntArray) -> IntArray:
        first, last = self.span[layer]
        is_reached = np.zeros(last - first, dtype=np.bool_)
        is_reached[self.stated(layer, above)[1] - first] = True
        if (self.edges[layer].is_open[above] == 1).any():
            is_reached[: self.free[layer][1] - first] = True
        found: IntArray = first + np.flatnonzero(is_reached)
        return found

    def children(self, layer: str, rows: IntArray) -> tuple[IntArray, IntArray]:
        """Rows of a layer that go with the given rows of the layer above: positions and targets."""
        edges = self.edges[layer]
        first, last = self.free[layer]
        is_open = edges.is_open[rows] == 1
        if not is_open.any():
            return self.stated(layer, rows)
        begins = np.where(is_open, 0, edges.starts[rows])
        counts = np.where(is_open, last - first, edges.starts[rows + 1] - edges.starts[rows])
        positions, at = _ranges(begins, counts)
        open_rows = is_open[positions]
        targets = np.where(open_rows, first + at, 0)
        targets[~open_rows] = edges.targets[at[~open_rows]]
        return positions, targets

    def stated(self, layer: str, rows: IntArray) -> tuple[IntArray, IntArray]:
        """The same for rows that all say what they go with: of an open one nothing is found."""
        edges = self.edges[layer]
        begins = edges.starts[rows]
        positions, at = _ranges(begins, edges.starts[rows + 1] - begins)
        return positions, edges.targets[at]


def _ranges(begins: IntArray, counts: IntArray) -> tuple[IntArray, IntArray]:
    """Numbers counted up from each beginning, one after the other, and whose they are."""
    positions = np.repeat(np.arange(len(counts)), counts)
    ends = np.cumsum(counts)
    at: IntArray = np.arange(len(positions)) + (begins - ends + counts)[positions]
    return positions, at


def _missed(item: Item, quality: int | None) -> int:
    """Points below the best; none where nothing stands."""
    return 0 if item.quality is None or quality is None else FULL - quality


def _place(item: Item) -> tuple[int, bool, str]:
    return LAYERS.index(item.layer), item.is_private, item.code


def section_bits(letters: str) -> int:
    """Sections as bits; none named means all."""
    return sum(1 << (ord(letter) - 65) for letter in set(letters)) or (1 << 26) - 1


def _region(code: str) -> int:
    if not code:
        return UNKNOWN
    try:
        return int(regions.normalize(code))
    except regions.InvalidRegion:
        return NOWHERE


def _check(items: Sequence[Item]) -> None:
    layer_of = {item.code: item.layer for item in items}
    if len(layer_of) != len(items):
        codes = [item.code for item in items]
        raise BadCatalog("offering_repeated", next(c for c in codes if codes.count(c) > 1))
    for item in items:
        if item.layer not in LAYERS:
            raise BadCatalog("layer_unknown", item.code)
        figures = (item.start_cost_fen, item.days_to_first_use, item.latency_us or 0)
        if min(*figures, *item.left_units.values()) < 0:
            raise BadCatalog("negative", item.code)
        for layer, partners in item.works_with.items():
            _check_statement(item, layer, partners, layer_of)


def _check_statement(
    item: Item, layer: str, codes: frozenset[str], layer_of: Mapping[str, str]
) -> None:
    fault = fault_between(item.layer, layer)
    if fault:
        raise BadCatalog(fault, item.code)
    if not codes:
        raise BadCatalog("contradictory", item.code)
    for code in codes:
        if code not in layer_of:
            raise BadCatalog("offering_unknown", item.code)
        if layer_of[code] != layer:
            raise BadCatalog("wrong_layer", item.code)
