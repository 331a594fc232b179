"""Candidates for a need: every listed bundle of its scenario, priced and split, in few queries."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from django.db.models import Prefetch

from common.periods import local_day, month_start
from marketplace.catalog.models import Bundle, BundleItem, BundleQuerySet, BundleStatus
from marketplace.matching.models import Need
from marketplace.matching.rules import limits, translating
from providers.models import Capacity, Offering, OfferingStatus, ProviderStatus, Rate
from vouchers.billing.actions.charging import quotes


@dataclass(frozen=True, slots=True)
class PricedLine:
    """What a meter of an offering costs in a month, priced as bills are: tiers, least charge."""

    offering: Offering
    meter: str
    units: int
    amount_fen: int


@dataclass(frozen=True, slots=True)
class Assessed:
    """A bundle held against a need: what it delivers, what it costs and who pays, what it lacks."""

    bundle: Bundle
    lines: tuple[PricedLine, ...]
    lacks: tuple[str, ...]
    needed_meters: int
    split: quotes.QuoteSplit
    candidate: limits.Candidate

    @property
    def latency_us(self) -> int | None:
        """Latency of the chain's slowest facility."""
        return limits.slowest_us(self.candidate.parts)


class _Used(NamedTuple):
    """A month's base units of a meter of an offering."""

    offering: Offering
    meter: str
    units: int


@dataclass(frozen=True, slots=True)
class _Priced:
    """A bundle with its chain, bottom first, and what the chain's meters count."""

    bundle: Bundle
    chain: Sequence[Offering]
    lines: tuple[_Used, ...]


@dataclass(frozen=True, slots=True)
class _Supply:
    """Meters with a price today and capacities of all offerings in question, by offering."""

    priced: Mapping[int, frozenset[str]]
    lapsed: Mapping[int, frozenset[str]]
    capacities: Mapping[int, Sequence[Capacity]]


def assess(*, need: Need, at: datetime) -> list[Assessed]:
    """All listed bundles for the need's scenario, in the order of their primary keys.

    Reads only. Prices are those in force on the civil day of `at`; room is that of its month and
    of every later month for which capacity is declared, because an order reserves them all.
    """
    day = local_day(at)
    units = translating.units_of(need.scenario.coefficients, need.monthly_volume)
    bundles = list(_listed(need))
    chains = {bundle.pk: [item.offering for item in bundle.items.all()] for bundle in bundles}
    offering_ids = {offering.pk for chain in chains.values() for offering in chain}
    supply = _supply(offering_ids, set(units), day)
    priced = [
        _Priced(bundle, chains[bundle.pk], _used(chains[bundle.pk], units, supply))
        for bundle in bundles
    ]
    splits = quotes.split_each(
        enterprise=need.enterprise, plans=[_plan(each.lines) for each in priced], at=at
    )
    return [
        _assessed(need, each, units, supply, split)
        for each, split in zip(priced, splits, strict=True)
    ]


def _listed(need: Need) -> BundleQuerySet:
    chain = BundleItem.objects.select_related(
        "offering__provider__organization", "offering__facility"
    ).order_by("position")
    return (
        Bundle.objects.filter(status=BundleStatus.PUBLISHED, scenarios=need.scenario_id)
        .prefetch_related(Prefetch("items", chain))
        .order_by("pk")
    )


def _supply(offering_ids: set[int], meters: set[str], day: date) -> _Supply:
    priced: dict[int, set[str]] = defaultdict(set)
    stated: dict[int, set[str]] = defaultdict(set)
    for rate in Rate.objects.filter(offering__in=offering_ids, meter__in=meters).order_by("pk"):
        stated[rate.offering_id].add(rate.meter)
        if day in rate.effective:
            priced[rate.offering_id].add(rate.meter)
    capacities: dict[int, list[Capacity]] = defaultdict(list)
    declared = Capacity.objects.filter(
        offering__in=offering_ids, meter__in=meters, month__gte=month_start(day)
    )
    for capacity in declared.order_by("month", "pk"):
        capacities[capacity.offering_id].append(capacity)
    lapsed = {pk: frozenset(known - priced[pk]) for pk, known in stated.items()}
    in_force = {pk: frozenset(known) for pk, known in priced.items()}
    return _Supply(in_force, lapsed, capacities)


def _used(
    chain: Sequence[Offering], units: Mapping[str, int], supply: _Supply
) -> tuple[_Used, ...]:
    by_code = {offering.code: offering for offering in chain}
    priced = {offering.code: supply.priced.get(offering.pk, frozenset()) for offering in chain}
    return tuple(
        _Used(by_code[line.offering], line.meter, line.units)
        for line in translating.lines_of(units, priced)
    )


def _priced_lines(lines: Sequence[_Used], split: quotes.QuoteSplit) -> tuple[PricedLine, ...]:
    parts = {part.offering.pk: part.meters_fen for part in split.parts}
    return tuple(
        PricedLine(offering, meter, units, parts[offering.pk].get(meter, 0))
        for offering, meter, units in lines
    )


def _plan(lines: Sequence[_Used]) -> list[quotes.QuoteLine]:
    """A chain's month as billing sees it: one bill for each offering, in the order of their keys.

    An order starts its subscriptions in that order. Where several vouchers with different shares
    run dry within a month, whoever is rated first decides what is left for the next.
    """
    quantities: dict[int, dict[str, int]] = {}
    offerings: dict[int, Offering] = {}
    for line in lines:
        offerings[line.offering.pk] = line.offering
        quantities.setdefault(line.offering.pk, {})[line.meter] = line.units
    return [quotes.QuoteLine(offerings[pk], quantities[pk]) for pk in sorted(quantities)]


def _assessed(
    need: Need,
    priced: _Priced,
    units: Mapping[str, int],
    supply: _Supply,
    split: quotes.QuoteSplit,
) -> Assessed:
    candidate = limits.Candidate(
        bundle=priced.bundle.code,
        sections=need.scenario.sections,
        parts=tuple(_part(offering, supply) for offering in priced.chain),
        rooms=_rooms(priced.lines, supply),
        price_fen=split.price_fen,
        own_fen=split.own_fen,
        is_priced=bool(priced.lines),
    )
    lacks = translating.unserved(units, {line.meter for line in priced.lines})
    lines = _priced_lines(priced.lines, split)
    return Assessed(priced.bundle, lines, lacks, len(units), split, candidate)


def _part(offering: Offering, supply: _Supply) -> limits.Part:
    facility = offering.facility
    return limits.Part(
        offering=offering.code,
        layer=offering.layer,
        is_listed=offering.status == OfferingStatus.LISTED,
        is_provider_verified=offering.provider.status == ProviderStatus.VERIFIED,
        license_expires_on=offering.provider.license_expires_on,
        region=facility.region if facility else "",
        latency_us=facility.latency_us if facility else None,
        has_domestic_chip=offering.has_domestic_chip,
        lapsed_meters=tuple(sorted(supply.lapsed.get(offering.pk, ()))),
    )


def _rooms(lines: Sequence[_Used], supply: _Supply) -> tuple[limits.Room, ...]:
    return tuple(
        limits.Room(line.offering.code, line.meter, capacity.month, capacity.left_units, line.units)
        for line in lines
        for capacity in supply.capacities.get(line.offering.pk, ())
        if capacity.meter == line.meter
    )
