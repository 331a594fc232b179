"""Hard limits on single offerings, for many at once: the same as `limits.exclusions` on a chain.

What only a whole chain can break (the budget, a region or a latency that no part states, nothing
priced at all) is looked at when the chain is complete.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from marketplace.matching.rules.compose_catalog import LAYERS, UNKNOWN, Catalog, section_bits
from marketplace.matching.rules.limits import RUNNING_LAYERS, Limit, Terms
from marketplace.matching.rules.rounds import IntArray

BIT = {limit: 1 << number for number, limit in enumerate(Limit)}
CHAIN_LIMITS = frozenset({Limit.BUDGET})

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Count:
    """How many offerings a limit excludes, and how many of them nothing else excludes."""

    limit: Limit
    excluded: int
    alone: int


def broken(
    catalog: Catalog,
    rows: IntArray,
    terms: Terms,
    units: Mapping[str, int],
    without: frozenset[Limit] = frozenset(),
) -> IntArray:
    """The limits that each row breaks, as bits; limits in `without` are not looked at."""
    found = np.zeros(len(rows), dtype=np.int64)
    for limit, is_broken in _each(catalog, rows, terms, units):
        if limit not in without:
            found |= np.where(is_broken, BIT[limit], 0)
    return found


def counted(bits: IntArray) -> list[Count]:
    """One line for each limit that excludes anything, in the order in which limits are told."""
    rows = []
    for limit, bit in BIT.items():
        excluded = int(np.count_nonzero(bits & bit))
        if excluded:
            rows.append(Count(limit, excluded, int(np.count_nonzero(bits == bit))))
    return rows


def popcount(bits: IntArray) -> IntArray:
    """How many limits each row breaks."""
    found: IntArray = sum(
        ((bits & bit) != 0).astype(np.int64) for bit in BIT.values()
    ) + np.zeros_like(bits)
    return found


@cache
def reasons(bits: int) -> tuple[Limit, ...]:
    """The limits of one row, in the order in which they are told."""
    return tuple(limit for limit, bit in BIT.items() if bits & bit)


def _each(
    catalog: Catalog, rows: IntArray, terms: Terms, units: Mapping[str, int]
) -> list[tuple[Limit, Bools]]:
    section = section_bits(terms.section)
    is_application = catalog.layer_of[rows] == LAYERS.index("application")
    is_foreign = section_bits(terms.made_for) & section == 0
    found: list[tuple[Limit, Bools]] = [
        (Limit.SECTION, (catalog.sections[rows] & section == 0) | (is_application & is_foreign)),
        (Limit.LISTING, ~catalog.is_listed[rows]),
        (Limit.PROVIDER, ~catalog.is_verified[rows]),
        (Limit.LICENSE, catalog.expires[rows] < terms.day.toordinal()),
    ]
    for meter, wanted in units.items():
        if meter not in catalog.sells:
            continue
        sells, left = catalog.sells[meter][rows], catalog.left[meter][rows]
        found.append((Limit.PRICE, catalog.lapsed[meter][rows]))
        found.append((Limit.CAPACITY, sells & (left != UNKNOWN) & (left < wanted)))
    if terms.region:
        found.append((Limit.REGION, _elsewhere(catalog.region[rows], int(terms.region))))
    if terms.latency_us is not None:
        found.append((Limit.LATENCY, catalog.latency_us[rows] > terms.latency_us))
    if terms.needs_domestic_chip:
        running = [LAYERS.index(layer) for layer in RUNNING_LAYERS]
        is_running = np.isin(catalog.layer_of[rows], running)
        found.append((Limit.DOMESTIC_CHIP, is_running & ~catalog.has_chip[rows]))
    return found


def _elsewhere(places: IntArray, region: int) -> Bools:
    """Placed, and not in the region; a place covers those that start with its own digits."""
    width = 10_000 if region % 10_000 == 0 else 100 if region % 100 == 0 else 1
    is_elsewhere: Bools = (places != UNKNOWN) & (places // width != region // width)
    return is_elsewhere
