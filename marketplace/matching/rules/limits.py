"""Hard limits: a bundle that breaks one is no candidate; the answer says which and by how much.

Every limit is judged, also after the first broken one, so that a firm sees all there is to relax.
Amounts in fen, latency in microseconds, quantities in base units.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from accounts.rules import regions


class Limit(StrEnum):
    """The closed list of reasons that exclude a bundle, in the order in which they are told."""

    SECTION = "section"
    LISTING = "listing"
    PROVIDER = "provider"
    LICENSE = "license"
    PRICE = "price"
    REGION = "region"
    LATENCY = "latency"
    DOMESTIC_CHIP = "domestic_chip"
    CAPACITY = "capacity"
    BUDGET = "budget"


RELAXABLE = (Limit.BUDGET, Limit.LATENCY, Limit.REGION, Limit.DOMESTIC_CHIP, Limit.CAPACITY)
"""Limits the firm itself can move; of capacity it can ask for less."""

RUNNING_LAYERS = frozenset({"compute", "platform"})
"""Layers on which the firm's data meet chips."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What the firm asks for. Empty region: anywhere. Latency None: any.

    `made_for`: letters of the sections that the scenario is for, empty for all.
    """

    section: str
    region: str
    latency_us: int | None
    needs_domestic_chip: bool
    budget_fen: int
    day: date
    made_for: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One offering of a chain. Software without a facility has no region and no latency."""

    offering: str
    layer: str
    is_listed: bool
    is_provider_verified: bool
    license_expires_on: date
    region: str
    latency_us: int | None
    has_domestic_chip: bool
    lapsed_meters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Room:
    """What is left of a declared month's capacity, beside what the need would take of it."""

    offering: str
    meter: str
    month: date
    left_units: int
    wanted_units: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """A bundle with all that the limits look at. `sections`: letters it is for, empty for all."""

    bundle: str
    sections: str
    parts: tuple[Part, ...]
    rooms: tuple[Room, ...]
    price_fen: int
    own_fen: int
    is_priced: bool


@dataclass(frozen=True, slots=True)
class Exclusion:
    """One broken limit: what was wanted and found, by how much it misses, in the limit's unit."""

    limit: Limit
    wanted: int | str = ""
    found: int | str = ""
    short: int = 0
    offering: str = ""
    meter: str = ""
    month: str = ""


def exclusions(terms: Terms, candidate: Candidate) -> tuple[Exclusion, ...]:
    """All limits the candidate breaks; empty means it may be ranked."""
    found = [
        *_section(terms, candidate),
        *_supply(terms, candidate),
        *_price(candidate),
        *_region(terms, candidate),
        *_latency(terms, candidate),
        *_chip(terms, candidate),
        *_capacity(candidate),
        *_budget(terms, candidate),
    ]
    order = list(Limit)
    return tuple(sorted(found, key=lambda each: order.index(each.limit)))


def slowest_us(parts: Sequence[Part]) -> int | None:
    """Latency of a chain: that of its slowest facility; None when no part has one."""
    return max((part.latency_us for part in parts if part.latency_us is not None), default=None)


def _section(terms: Terms, candidate: Candidate) -> Iterator[Exclusion]:
    if candidate.sections and terms.section not in candidate.sections:
        yield Exclusion(Limit.SECTION, wanted=candidate.sections, found=terms.section)


def _supply(terms: Terms, candidate: Candidate) -> Iterator[Exclusion]:
    for part in candidate.parts:
        if not part.is_listed:
            yield Exclusion(Limit.LISTING, offering=part.offering)
        if not part.is_provider_verified:
            yield Exclusion(Limit.PROVIDER, offering=part.offering)
        if part.license_expires_on < terms.day:
            yield Exclusion(
                Limit.LICENSE,
                wanted=terms.day.isoformat(),
                found=part.license_expires_on.isoformat(),
                short=(terms.day - part.license_expires_on).days,
                offering=part.offering,
            )


def _price(candidate: Candidate) -> Iterator[Exclusion]:
    for part in candidate.parts:
        for meter in part.lapsed_meters:
            yield Exclusion(Limit.PRICE, offering=part.offering, meter=meter)
    if not candidate.is_priced:
        yield Exclusion(Limit.PRICE)


def _region(terms: Terms, candidate: Candidate) -> Iterator[Exclusion]:
    """Data stay where the chain's facilities stand; a chain without any cannot show it."""
    if not terms.region:
        return
    placed = [part for part in candidate.parts if part.region]
    if not placed:
        yield Exclusion(Limit.REGION, wanted=terms.region)
    for part in placed:
        if not _lies_in(terms.region, part.region):
            yield Exclusion(
                Limit.REGION, wanted=terms.region, found=part.region, offering=part.offering
            )


def _lies_in(region: str, place: str) -> bool:
    """A place that the list of regions does not know lies nowhere."""
    try:
        return regions.covers(region, place)
    except regions.InvalidRegion:
        return False


def _latency(terms: Terms, candidate: Candidate) -> Iterator[Exclusion]:
    if terms.latency_us is None:
        return
    slowest = slowest_us(candidate.parts)
    if slowest is None:
        yield Exclusion(Limit.LATENCY, wanted=terms.latency_us)
    elif slowest > terms.latency_us:
        yield Exclusion(
            Limit.LATENCY, wanted=terms.latency_us, found=slowest, short=slowest - terms.latency_us
        )


def _chip(terms: Terms, candidate: Candidate) -> Iterator[Exclusion]:
    """Chips belong to compute and platforms; a chain without either is judged by all its parts."""
    if not terms.needs_domestic_chip:
        return
    running = [part for part in candidate.parts if part.layer in RUNNING_LAYERS]
    running = running or list(candidate.parts)
    for part in running:
        if not part.has_domestic_chip:
            yield Exclusion(Limit.DOMESTIC_CHIP, offering=part.offering)


def _capacity(candidate: Candidate) -> Iterator[Exclusion]:
    for room in candidate.rooms:
        if room.left_units < room.wanted_units:
            yield Exclusion(
                Limit.CAPACITY,
                wanted=room.wanted_units,
                found=room.left_units,
                short=room.wanted_units - room.left_units,
                offering=room.offering,
                meter=room.meter,
                month=room.month.isoformat(),
            )


def _budget(terms: Terms, candidate: Candidate) -> Iterator[Exclusion]:
    if candidate.own_fen > terms.budget_fen:
        yield Exclusion(
            Limit.BUDGET,
            wanted=terms.budget_fen,
            found=candidate.own_fen,
            short=candidate.own_fen - terms.budget_fen,
        )
