"""Offerings as they can be bought, and how chains of them stand in the engine's catalog.

Offerings that may be composed stand by themselves. A published bundle is a chain of private parts,
one for each layer, that name only each other; where it has nothing on a layer, an empty part stands.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from marketplace.catalog.models import Bundle, ComposingTerms
from marketplace.catalog.rules.chains import PARENT
from marketplace.matching.rules import quality
from marketplace.matching.rules.compose_catalog import LAYERS, Item
from marketplace.matching.rules.limits import RUNNING_LAYERS, Part
from marketplace.matching.rules.quality import UNUSED, Experience
from providers.models import Capacity, Offering
from vouchers.billing.actions.charging import prices
from vouchers.billing.rules.rating import PriceList

OPTIONAL = ("storage", "network", "dataset")
"""Layers that a composed chain may leave out."""

FOREVER = date(9999, 1, 1)


@dataclass(frozen=True, slots=True)
class Sold:
    """An offering as it can be bought on the stock's day; one bill a month.

    `meters`: what it has a price for.
    """

    offering: Offering
    part: Part
    meters: frozenset[str]
    price_list: PriceList
    facts: prices.Sold
    capacities: tuple[Capacity, ...]
    experience: Experience = UNUSED


class Slots:
    """The catalog's items while they are put together, with the bills of each by code."""

    def __init__(self, sold: Sequence[Sold], number_of: Mapping[int, int]) -> None:
        self.sold, self.number_of = sold, number_of
        self.items: list[Item] = []
        self.bills: dict[str, tuple[int, ...]] = {}
        self.chains: dict[str, list[str]] = {}
        for layer in OPTIONAL:
            self._add(_empty(f"-/{layer}", layer), ())

    def add_bundle(self, bundle: Bundle, numbers: Sequence[int]) -> None:
        """One private part for each layer, with the bundle's own figures on the top one."""
        by_layer: dict[str, list[int]] = defaultdict(list)
        for number in numbers:
            by_layer[self.sold[number].part.layer].append(number)
        names = {
            layer: f"-/{layer}"
            if layer in OPTIONAL and not by_layer[layer]
            else f"{bundle.code}/{layer}"
            for layer in LAYERS
        }
        is_running = any(by_layer[layer] for layer in RUNNING_LAYERS)
        top = {
            "scenarios": frozenset(scenario.slug for scenario in bundle.scenarios.all()),
            "start_cost_fen": bundle.start_cost_fen,
            "days_to_first_use": bundle.days_to_first_use,
        }
        for layer, code in names.items():
            if code in self.bills:
                continue
            found = [self.sold[number] for number in by_layer[layer]]
            without_chip = (
                layer in RUNNING_LAYERS
                and not is_running
                and any(not self.sold[number].part.has_domestic_chip for number in numbers)
            )
            fields = {
                **_merged(found),
                "works_with": {
                    below: frozenset({names[below]}) for below in PARENT if PARENT[below] == layer
                },
                **(top if layer == "application" else {}),
                **({"has_domestic_chip": False} if without_chip else {}),
            }
            self._add(Item(code=code, layer=layer, is_private=True, **fields), by_layer[layer])
        self.chains[bundle.code] = list(names.values())

    def add_free(
        self, terms: Mapping[int, ComposingTerms], compatible: Mapping[int, Sequence[int]]
    ) -> None:
        """Offerings that may be composed; one whose stated partners are all gone is left out."""
        known: dict[int, str] = {}
        for layer in reversed(LAYERS):
            for pk, stated in terms.items():
                each = self.sold[self.number_of[pk]]
                if each.part.layer != layer:
                    continue
                works_with = _works_with(each, compatible.get(pk, ()), known, self)
                if works_with is None:
                    continue
                known[pk] = each.part.offering
                fields = {
                    **_merged([each]),
                    "scenarios": frozenset(row.slug for row in stated.scenarios.all()),
                    "start_cost_fen": stated.start_cost_fen,
                    "days_to_first_use": stated.days_to_first_use,
                    "works_with": works_with,
                }
                self._add(Item(code=known[pk], layer=layer, **fields), [self.number_of[pk]])

    def _add(self, item: Item, numbers: Iterable[int]) -> None:
        self.items.append(item)
        self.bills[item.code] = tuple(numbers)


def _works_with(
    each: Sold, partners: Sequence[int], known: Mapping[int, str], slots: Slots
) -> dict[str, frozenset[str]] | None:
    """Stated partners by layer; None when none is left on a layer that a chain needs."""
    by_layer: dict[str, set[str]] = defaultdict(set)
    for partner in partners:
        layer = slots.sold[slots.number_of[partner]].part.layer
        if PARENT.get(layer) == each.part.layer:
            by_layer[layer] |= {known[partner]} if partner in known else set()
    for layer in OPTIONAL:
        if layer in by_layer:
            by_layer[layer].add(f"-/{layer}")
    if not all(by_layer.values()):
        return None
    return {layer: frozenset(codes) for layer, codes in by_layer.items()}


def _empty(code: str, layer: str) -> Item:
    return Item(code, layer, FOREVER, has_domestic_chip=True, quality=None)


def _merged(found: Sequence[Sold]) -> dict[str, Any]:
    """What several offerings on one layer come to together; nothing at all breaks no limit."""
    parts = [each.part for each in found]
    regions = {part.region for part in parts if part.region}
    left: dict[str, int] = {}
    for each in found:
        for row in each.capacities:
            if row.meter in each.meters:
                units = max(0, row.left_units)
                left[row.meter] = min(units, left.get(row.meter, units))
    return {
        "license_expires_on": min((part.license_expires_on for part in parts), default=FOREVER),
        "meters": frozenset(meter for each in found for meter in each.meters),
        "lapsed_meters": frozenset(meter for part in parts for meter in part.lapsed_meters),
        # Two places on one layer lie together in no region that anybody asks for.
        "region": "" if not regions else regions.pop() if len(regions) == 1 else "999999",
        "latency_us": max(
            (part.latency_us for part in parts if part.latency_us is not None), default=None
        ),
        "has_domestic_chip": all(part.has_domestic_chip for part in parts),
        "is_listed": all(part.is_listed for part in parts),
        "is_provider_verified": all(part.is_provider_verified for part in parts),
        "left_units": left,
        "quality": min((quality.points(each.experience) for each in found), default=None),
    }
