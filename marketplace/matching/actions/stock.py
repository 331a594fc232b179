"""The stock: all that a need can be answered with, read from the database and kept in memory."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

import numpy as np

from common.money import MAX_FEN
from common.periods import local_day, month_start
from marketplace.catalog.models import (
    Bundle,
    BundleItem,
    BundleStatus,
    Compatibility,
    ComposingTerms,
)
from marketplace.matching.actions.coverings import Coverings
from marketplace.matching.actions.slots import Slots, Sold
from marketplace.matching.models import OfferingExperience
from marketplace.matching.rules.compose_catalog import LAYERS, Catalog
from marketplace.matching.rules.compose_pricing import BillsOf
from marketplace.matching.rules.limits import Part
from marketplace.matching.rules.quality import UNUSED, Experience
from marketplace.matching.rules.rounds import IntArray
from providers.models import Capacity, Offering, OfferingStatus, ProviderStatus, Rate
from vouchers.billing.actions.charging import prices
from vouchers.billing.rules.price_columns import PriceColumns
from vouchers.billing.rules.rating import PriceList

MOST_FEN = MAX_FEN + 1
"""What is dearer than any amount that may be booked counts as this, so that sums stay small."""


@dataclass(frozen=True, slots=True)
class Stock:
    """Offerings in the order of their keys; rows of the catalog with the bills that each brings.

    `chains`: code of a published bundle -> rows of its chain, from the top down. `is_used`: somebody's
    use moves something. `drafts`: bundles composed of it so far, by rows.
    """

    day: date
    catalog: Catalog
    sold: tuple[Sold, ...]
    bills_of: BillsOf
    bundles: Mapping[str, Bundle]
    chains: Mapping[str, tuple[int, ...]]
    terms: Mapping[int, ComposingTerms]
    by_scenario: Mapping[str, tuple[str, ...]]
    columns: PriceColumns
    coverings: Coverings
    is_used: bool = False
    drafts: dict[tuple[int, ...], Bundle] = field(default_factory=dict)
    _bills_for: dict[str, IntArray] = field(default_factory=dict)

    def bills_for(self, scenario: str) -> IntArray:
        """Bills of all that a need of the scenario may be answered with, ascending; looked up once."""
        found = self._bills_for.get(scenario)
        if found is None:
            rows = [row for code in self.by_scenario.get(scenario, ()) for row in self.chains[code]]
            reached = self.catalog.reached(scenario, LAYERS).values()
            found = self.bills_of.of(np.concatenate([rows, *reached]).astype(np.int64))
            self._bills_for[scenario] = found
        return found

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
    slots = Slots(sold, number_of)
    for bundle in bundles:
        slots.add_bundle(bundle, [number_of[pk] for pk in chains[bundle.pk]])
    slots.add_free(terms, _compatible(terms))
    return _compiled(day, sold, slots, bundles, terms)


def _compiled(
    day: date,
    sold: tuple[Sold, ...],
    slots: Slots,
    bundles: Sequence[Bundle],
    terms: Mapping[int, ComposingTerms],
) -> Stock:
    catalog = Catalog(slots.items)
    by_scenario: dict[str, list[str]] = defaultdict(list)
    for bundle in bundles:
        for scenario in bundle.scenarios.all():
            by_scenario[scenario.slug].append(bundle.code)
    return Stock(
        day=day,
        catalog=catalog,
        sold=sold,
        bills_of=BillsOf([slots.bills[item.code] for item in catalog.items]),
        bundles={bundle.code: bundle for bundle in bundles},
        chains={
            code: tuple(catalog.row_of[item] for item in chain)
            for code, chain in slots.chains.items()
        },
        terms=terms,
        by_scenario={slug: tuple(codes) for slug, codes in by_scenario.items()},
        columns=PriceColumns([(each.price_list, each.meters) for each in sold], day, MOST_FEN),
        coverings=Coverings(sold),
        is_used=any(each.experience != UNUSED for each in sold),
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
    used = {row.offering_id: row.found() for row in OfferingExperience.objects.all()}
    return tuple(
        _one(offering, rates[offering.pk], capacities[offering.pk], day, used)
        for offering in offerings.filter(pk__in=wanted).order_by("pk")
    )


def _one(
    offering: Offering,
    rates: list[Rate],
    ahead: list[Capacity],
    day: date,
    used: Mapping[int, Experience],
) -> Sold:
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
    experience = used.get(offering.pk, UNUSED)
    meters = frozenset(rate.meter for rate in holding)
    facts, listed = prices.sold(offering), PriceList(holding)
    return Sold(offering, part, meters, listed, facts, tuple(ahead), experience)


def _compatible(terms: Collection[int]) -> Mapping[int, Sequence[int]]:
    """Stated partners, among the offerings that may be composed."""
    found: dict[int, list[int]] = defaultdict(list)
    rows = Compatibility.objects.filter(upper__in=terms, lower__in=terms)
    for upper, lower in rows.order_by("pk").values_list("upper_id", "lower_id"):
        found[upper].append(lower)
    return found
