"""The stock: all that a need can be answered with, read from the database and kept in memory.

Offerings that may be composed stand by themselves. A published bundle is a chain of private parts,
one for each layer, that name only each other; where it has nothing on a layer, an empty part stands.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from common.periods import local_day, month_start
from marketplace.catalog.models import (
    Bundle,
    BundleItem,
    BundleStatus,
    Compatibility,
    ComposingTerms,
)
from marketplace.catalog.rules.chains import PARENT
from marketplace.matching.rules.compose_catalog import LAYERS, Catalog, Item
from marketplace.matching.rules.limits import RUNNING_LAYERS, Part
from providers.models import Capacity, Offering, OfferingStatus, ProviderStatus, Rate
from vouchers.billing.actions.charging import prices
from vouchers.billing.rules.rating import PriceList, RateInForce

OPTIONAL = ("storage", "network", "dataset")
"""Layers that a composed chain may leave out."""

FOREVER = date(9999, 1, 1)


@dataclass(frozen=True, slots=True)
class Sold:
    """An offering as it can be bought on the stock's day; one bill a month."""

    offering: Offering
    part: Part
    rates: tuple[RateInForce, ...]
    price_list: PriceList
    facts: prices.Sold
    capacities: tuple[Capacity, ...]

    @property
    def meters(self) -> frozenset[str]:
        """What it has a price for."""
        return frozenset(rate.meter for rate in self.rates)


@dataclass(frozen=True, slots=True)
class Stock:
    """Offerings in the order of their keys; rows of the catalog with the bills that each brings.

    `chains`: code of a published bundle -> rows of its chain, from the top down.
    """

    day: date
    catalog: Catalog
    sold: tuple[Sold, ...]
    bills_of: tuple[tuple[int, ...], ...]
    bundles: Mapping[str, Bundle]
    chains: Mapping[str, tuple[int, ...]]
    terms: Mapping[int, ComposingTerms]
    by_scenario: Mapping[str, tuple[str, ...]]
    selling: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    def bundle_of(self, row: int) -> str:
        """Code of the published bundle that a row is a part of; empty for an offering by itself."""
        code = self.catalog.items[row].code
        return code.split("/")[0] if "/" in code else ""


def read(*, at: datetime) -> Stock:
    """Read everything for the civil day of `at`. A fixed number of queries."""
    day = local_day(at)
    terms = {
        row.offering_id: row
        for row in ComposingTerms.objects.prefetch_related("scenarios").order_by("pk")
    }
    bundles = list(
        Bundle.objects.filter(status=BundleStatus.PUBLISHED)
        .select_related("publisher__organization")
        .prefetch_related("scenarios")
        .order_by("pk")
    )
    chains: dict[int, list[int]] = defaultdict(list)
    for bundle_id, offering_id in (
        BundleItem.objects.filter(bundle__status=BundleStatus.PUBLISHED)
        .order_by("bundle_id", "position")
        .values_list("bundle_id", "offering_id")
    ):
        chains[bundle_id].append(offering_id)
    wanted = set(terms) | {pk for chain in chains.values() for pk in chain}
    sold = _sold(wanted, day)
    number_of = {each.offering.pk: number for number, each in enumerate(sold)}
    slots = _Slots(sold, number_of)
    for bundle in bundles:
        slots.add_bundle(bundle, [number_of[pk] for pk in chains[bundle.pk]])
    slots.add_free(terms, _compatible(terms))
    return _compiled(day, sold, slots, bundles, terms)


def _compiled(
    day: date,
    sold: tuple[Sold, ...],
    slots: "_Slots",
    bundles: Sequence[Bundle],
    terms: Mapping[int, ComposingTerms],
) -> Stock:
    catalog = Catalog(slots.items)
    by_scenario: dict[str, list[str]] = defaultdict(list)
    for bundle in bundles:
        for scenario in bundle.scenarios.all():
            by_scenario[scenario.slug].append(bundle.code)
    selling: dict[str, list[int]] = defaultdict(list)
    for number, each in enumerate(sold):
        for meter in each.meters:
            selling[meter].append(number)
    return Stock(
        day=day,
        catalog=catalog,
        sold=sold,
        bills_of=tuple(slots.bills[item.code] for item in catalog.items),
        bundles={bundle.code: bundle for bundle in bundles},
        chains={
            code: tuple(catalog.row_of[item] for item in chain)
            for code, chain in slots.chains.items()
        },
        terms=terms,
        by_scenario={slug: tuple(codes) for slug, codes in by_scenario.items()},
        selling={meter: tuple(numbers) for meter, numbers in selling.items()},
    )


def _sold(wanted: Collection[int], day: date) -> tuple[Sold, ...]:
    rates: dict[int, list[Rate]] = defaultdict(list)
    for rate in Rate.objects.filter(offering__in=wanted).order_by("pk"):
        rates[rate.offering_id].append(rate)
    capacities: dict[int, list[Capacity]] = defaultdict(list)
    ahead = Capacity.objects.filter(offering__in=wanted, month__gte=month_start(day))
    for capacity in ahead.order_by("month", "pk"):
        capacities[capacity.offering_id].append(capacity)
    offerings = Offering.objects.select_related("provider__organization", "facility")
    return tuple(
        _one(offering, rates[offering.pk], capacities[offering.pk], day)
        for offering in offerings.filter(pk__in=wanted).order_by("pk")
    )


def _one(offering: Offering, rates: list[Rate], ahead: list[Capacity], day: date) -> Sold:
    facility, provider = offering.facility, offering.provider
    holding = tuple(prices.in_force(rate) for rate in rates if day in rate.effective)
    known = {rate.meter for rate in rates}
    part = Part(
        offering=offering.code,
        layer=offering.layer,
        is_listed=offering.status == OfferingStatus.LISTED,
        is_provider_verified=provider.status == ProviderStatus.VERIFIED,
        license_expires_on=provider.license_expires_on,
        region=facility.region if facility else "",
        latency_us=facility.latency_us if facility else None,
        has_domestic_chip=offering.has_domestic_chip,
        lapsed_meters=tuple(sorted(known - {rate.meter for rate in holding})),
    )
    return Sold(offering, part, holding, PriceList(holding), prices.sold(offering), tuple(ahead))


def _compatible(terms: Collection[int]) -> Mapping[int, Sequence[int]]:
    """Stated partners, among the offerings that may be composed."""
    found: dict[int, list[int]] = defaultdict(list)
    rows = Compatibility.objects.filter(upper__in=terms, lower__in=terms)
    for upper, lower in rows.order_by("pk").values_list("upper_id", "lower_id"):
        found[upper].append(lower)
    return found


class _Slots:
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
    each: Sold, partners: Sequence[int], known: Mapping[int, str], slots: _Slots
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
    return Item(code, layer, FOREVER, has_domestic_chip=True)


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
    }
