"""One need's answer: the best chains by the engine, and what is left out with its reasons."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from common.money import MAX_FEN
from marketplace.matching.actions import memory, pricing
from marketplace.matching.actions.pricing import Priced
from marketplace.matching.actions.stock import Stock
from marketplace.matching.models import Need
from marketplace.matching.rules import limits, relaxing, translating
from marketplace.matching.rules.compose import Answer, Composed, Wanted, compose
from marketplace.matching.rules.compose_catalog import LAYERS
from marketplace.matching.rules.compose_pricing import Price
from marketplace.matching.rules.compose_relaxing import relaxations
from marketplace.matching.rules.limits import Exclusion, Limit
from marketplace.matching.rules.scoring import Component, Weights
from marketplace.matching.rules.translating import units_of

MAX_UNITS = 2**62
"""Base units of one meter in a month; well inside a 64-bit integer."""

BEST = 20
"""How many chains are kept, best first."""

LEFT_OUT = 40
"""How many published bundles and offerings that are left out are told one by one."""


class Beyond(ValueError):
    """The volume comes to more units or money than anybody could mean."""


@dataclass(frozen=True, slots=True)
class Held:
    """One chain held against a need: rows from the top down, and all there is to tell about it.

    `rank_unused`: where it would stand if nobody's use counted; None where that is beyond `BEST`.
    """

    rows: tuple[int, ...]
    bundle: str
    price: Price
    latency_us: int | None
    lacks: tuple[str, ...]
    exclusions: tuple[Exclusion, ...]
    score: int = 0
    components: tuple[Component, ...] = ()
    rank_unused: int | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """A limit: how many bundles and offerings it excludes, how many it alone excludes, what helps.

    `to`: the limit that admits a chain when nothing else is moved: the budget in fen, the latency
    in µs, for capacity the monthly volume that fits, 1 where any change does, 0 where none helps.
    """

    limit: Limit
    excluded: int
    alone: int
    to: int


@dataclass(frozen=True, slots=True)
class Found:
    """What the engine found. `loose`: offerings left out, each with the limits it breaks."""

    stock: Stock
    priced: Priced
    ranked: tuple[Held, ...]
    excluded: tuple[Held, ...]
    loose: tuple[tuple[int, tuple[Exclusion, ...]], ...]
    steps: tuple[Step, ...]


def find(*, need: Need, weights: Weights, at: datetime, is_exact: bool = False) -> Found:
    """Answer a need that may be unsaved; exact ones by the stock of now. Reads only. Raises Beyond."""
    units = units_of(need.scenario.coefficients, need.monthly_volume)
    if any(quantity > MAX_UNITS for quantity in units.values()):
        raise Beyond
    goods = memory.current(at=at, is_exact=is_exact)
    bills = goods.bills_for(need.scenario.slug)
    priced = pricing.price(stock=goods, enterprise=need.enterprise, units=units, bills=bills, at=at)
    wanted = _wanted(need, units, goods)
    answer = compose(
        goods.catalog,
        wanted,
        priced.wallet,
        weights=weights,
        best=BEST,
        is_unused_asked=goods.is_used,
    )
    known = answer.unused or [chain.offerings for chain in answer.chains]
    unused = {offerings: number for number, offerings in enumerate(known, start=1)}
    ranked = tuple(_ranked(goods, chain, unused) for chain in answer.chains)
    shown = {held.bundle for held in ranked if held.bundle}
    others = [
        hold(goods=goods, priced=priced, wanted=wanted, bundle=code)
        for code in goods.by_scenario.get(need.scenario.slug, ())
        if code not in shown
    ]
    if any(held.price.price_fen > MAX_FEN for held in (*ranked, *others)):
        raise Beyond
    excluded = tuple(held for held in others if held.exclusions)
    return Found(
        stock=goods,
        priced=priced,
        ranked=ranked,
        excluded=tuple(sorted(excluded, key=lambda held: (held.price.own_fen, held.bundle))),
        loose=_loose(goods, wanted, answer),
        steps=_steps(goods, priced, wanted, answer, excluded, need.monthly_volume),
    )


def months(*, need: Need, offerings: Sequence[str], at: datetime) -> list[Price]:
    """A chain's month again and again, a year ahead; offerings by code. Raises Beyond."""
    units = units_of(need.scenario.coefficients, need.monthly_volume)
    if any(quantity > MAX_UNITS for quantity in units.values()):
        raise Beyond
    goods = memory.current(at=at)
    numbers = {sold.offering.code: number for number, sold in enumerate(goods.sold)}
    bills = [numbers[code] for code in offerings if code in numbers]
    priced = pricing.price(stock=goods, enterprise=need.enterprise, units=units, bills=bills, at=at)
    return priced.months(bills)


def hold(*, goods: Stock, priced: Priced, wanted: Wanted, bundle: str) -> Held:
    """A published bundle held against a need: its price and every limit it breaks."""
    rows = goods.chains[bundle]
    price = priced.wallet.outlook(rows)
    parts = _parts(goods, rows)
    meters = {meter for part in parts for meter in goods.sold[part].meters} & wanted.units.keys()
    candidate = limits.Candidate(
        bundle=bundle,
        sections=wanted.terms.made_for,
        parts=tuple(_part(goods, number, wanted.units) for number in parts),
        rooms=_rooms(goods, parts, wanted.units),
        price_fen=price.price_fen,
        own_fen=price.own_fen,
        is_priced=bool(meters),
    )
    return Held(
        rows=rows,
        bundle=bundle,
        price=price,
        latency_us=limits.slowest_us(candidate.parts),
        lacks=translating.unserved(wanted.units, meters),
        exclusions=limits.exclusions(wanted.terms, candidate),
    )


def _wanted(need: Need, units: Mapping[str, int], goods: Stock) -> Wanted:
    terms = limits.Terms(
        section=need.enterprise.section,
        region=need.region,
        latency_us=need.latency_us,
        needs_domestic_chip=need.needs_domestic_chip,
        budget_fen=need.monthly_budget_fen,
        day=goods.day,
        made_for=need.scenario.sections,
    )
    return Wanted(need.scenario.slug, terms, units, frozenset(LAYERS))


def _ranked(goods: Stock, chain: Composed, unused: Mapping[tuple[str, ...], int]) -> Held:
    rows = tuple(goods.catalog.row_of[code] for code in chain.offerings)
    return Held(
        rows=rows,
        bundle=goods.bundle_of(rows[0]),
        price=chain.price,
        latency_us=chain.facts.latency_us,
        lacks=chain.lacks,
        exclusions=(),
        score=chain.scored.score,
        components=chain.scored.components,
        rank_unused=unused.get(chain.offerings),
    )


def _parts(goods: Stock, rows: Sequence[int]) -> list[int]:
    return [number for row in rows for number in goods.bills_of[row]]


def _part(goods: Stock, number: int, units: Mapping[str, int]) -> limits.Part:
    """An offering as the limits look at it; a price that ran out matters where it is asked for."""
    part = goods.sold[number].part
    lapsed = tuple(meter for meter in part.lapsed_meters if meter in units)
    return part if lapsed == part.lapsed_meters else replace(part, lapsed_meters=lapsed)


def _rooms(
    goods: Stock, numbers: Sequence[int], units: Mapping[str, int]
) -> tuple[limits.Room, ...]:
    return tuple(
        limits.Room(sold.offering.code, row.meter, row.month, row.left_units, units[row.meter])
        for sold in (goods.sold[number] for number in numbers)
        for row in sold.capacities
        if row.meter in units and row.meter in sold.meters
    )


def _loose(
    goods: Stock, wanted: Wanted, answer: Answer
) -> tuple[tuple[int, tuple[Exclusion, ...]], ...]:
    """Offerings by themselves that are left out, those that break the fewest limits first."""
    found = []
    for code in answer.excluded.loose().fewest(LEFT_OUT):
        (number,) = goods.bills_of[goods.catalog.row_of[code]]
        candidate = limits.Candidate(
            bundle=code,
            sections=wanted.terms.made_for,
            parts=(_part(goods, number, wanted.units),),
            rooms=_rooms(goods, [number], wanted.units),
            price_fen=0,
            own_fen=0,
            is_priced=True,
        )
        broken = limits.exclusions(wanted.terms, candidate)
        told = tuple(each for each in broken if each.limit in answer.excluded[code])
        found.append((number, told))
    return tuple(found)


def _steps(
    goods: Stock,
    priced: Priced,
    wanted: Wanted,
    answer: Answer,
    excluded: Sequence[Held],
    volume: int,
) -> tuple[Step, ...]:
    """One line per broken limit; what would help is looked for only when nothing fits."""
    broken = [{each.limit for each in held.exclusions} for held in excluded]
    helps = _one_more(excluded, volume) if answer.chains else _first(goods, priced, wanted, volume)
    count = Counter(limit for found in broken for limit in found)
    alone = Counter(next(iter(found)) for found in broken if len(found) == 1)
    for row in answer.excluded.loose().counts():
        count[row.limit] += row.excluded
        alone[row.limit] += row.alone
    steps = [
        Step(limit, count[limit], alone[limit], helps.get(limit, 0))
        for limit in Limit
        if count[limit] or limit in helps
    ]
    order = list(Limit)
    return tuple(
        sorted(steps, key=lambda s: (not s.to, -s.alone, -s.excluded, order.index(s.limit)))
    )


def _first(goods: Stock, priced: Priced, wanted: Wanted, volume: int) -> dict[Limit, int]:
    """Where nothing fits: what each limit alone has to become for the first chain to fit."""
    found = {}
    for row in relaxations(goods.catalog, wanted, priced.wallet):
        rows = [goods.catalog.row_of[code] for code in row.offerings]
        is_capacity = row.limit == Limit.CAPACITY
        found[row.limit] = (
            _fitting(goods, rows, wanted.units, volume) if is_capacity else row.to or 1
        )
    return found


def _one_more(excluded: Sequence[Held], volume: int) -> dict[Limit, int]:
    """Where something fits: the smallest step by which one more published bundle would."""
    found: dict[Limit, int] = {}
    for held in excluded:
        (limit, *others) = sorted({each.limit for each in held.exclusions})
        if others or limit not in limits.RELAXABLE:
            continue
        to = relaxing.admitting(limit, held.exclusions, volume) or 1
        known = found.get(limit, to)
        found[limit] = max(known, to) if limit == Limit.CAPACITY else min(known, to)
    return found


def _fitting(goods: Stock, rows: Sequence[int], units: Mapping[str, int], volume: int) -> int:
    """The volume whose units fit into what every part has left; rounded down."""
    rooms = _rooms(goods, _parts(goods, rows), units)
    return min((volume * max(0, room.left_units) // room.wanted_units for room in rooms), default=0)
