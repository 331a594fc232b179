"""The best chains for one need, exactly: dynamic programming for bounds, best first for the rest.

From the bottom up, each offering learns the best that anything below it could add: least own share,
least start cost, fewest days, lowest latency, highest quality, most meters. Partial chains are then extended in the
order of the score they could still reach, and only complete chains that may be among the best are
priced. Scores never rise when a chain costs more or takes longer, so the answer is that of looking
at every chain. Nobody pays for a rank; the order is that of `scoring.rank`.
"""

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from marketplace.catalog.rules.chains import PARENT
from marketplace.matching.rules import scoring
from marketplace.matching.rules.compose_below import PLACED, Below, Costs
from marketplace.matching.rules.compose_catalog import UNKNOWN, Catalog
from marketplace.matching.rules.compose_excluded import Excluded
from marketplace.matching.rules.compose_limits import Count
from marketplace.matching.rules.compose_pricing import Price, Pricing
from marketplace.matching.rules.limits import Limit, Terms
from marketplace.matching.rules.rounds import IntArray
from marketplace.matching.rules.scoring import FULL, Facts, Scored, Weights

NEEDED = ("application", "platform", "compute")
EXTENDED, PRICED = 256, 8
"""Partial chains extended, and complete chains priced, before the order is looked at again."""

Key = tuple[int, int, int, int, str]


@dataclass(frozen=True, slots=True)
class Wanted:
    """One need: the hard limits, base units a month by meter, the layers its chain has."""

    scenario: str
    terms: Terms
    units: Mapping[str, int]
    layers: frozenset[str] = frozenset(NEEDED)


@dataclass(frozen=True, slots=True)
class Composed:
    """A chain that fits: offerings from the top down, why it stands where it does, what it lacks."""

    offerings: tuple[str, ...]
    facts: Facts
    scored: Scored
    price: Price
    lacks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """The best chains, best first; and of all offerings within reach, what each limit excludes.

    `excluded`: code -> every limit it breaks, for those that break any. `looked_at`: offerings that
    some application for the scenario leads to. `priced`: chains priced exactly. `unused`: the best
    chains if nobody had used anything yet, each as the codes of its offerings; empty unless asked for.
    """

    chains: tuple[Composed, ...]
    looked_at: int
    counts: tuple[Count, ...]
    excluded: Excluded
    priced: int
    unused: tuple[tuple[str, ...], ...] = ()


def compose(
    catalog: Catalog,
    wanted: Wanted,
    pricing: Pricing,
    *,
    weights: Weights = scoring.STANDARD,
    best: int = 10,
    without: frozenset[Limit] = frozenset(),
    is_unused_asked: bool = False,
) -> Answer:
    """The `best` chains within all limits but those `without`, and what was excluded and why.

    One search serves both orders, that with use and that without.
    """
    if not set(NEEDED) <= wanted.layers or not wanted.layers <= {*PARENT, *NEEDED}:
        raise ValueError("a chain has an application, a platform and compute, and known layers")
    below = Below(catalog, wanted, pricing, without)
    orders = [_Order(best)]
    if is_unused_asked:
        orders.append(_Order(best, catalog.missed_unused))
    search = _Search(below, weights, orders, Limit.BUDGET in without)
    search.run()
    chains, *others = ([chain for _key, chain in order.found] for order in orders)
    excluded = Excluded(catalog, below.reached, below.bits)
    return Answer(
        chains=tuple(search.outlooked(chain) for chain in chains),
        looked_at=len(below.reached),
        counts=tuple(excluded.counts()),
        excluded=excluded,
        priced=search.priced,
        unused=tuple(chain.offerings for other in others for chain in other),
    )


@dataclass(slots=True)
class _Order:
    """The best chains by one order; `missed`: points of quality to miss instead of those found."""

    best: int
    missed: IntArray | None = None
    found: list[tuple[Key, Composed]] = field(default_factory=list)

    @property
    def threshold(self) -> int:
        """The score that a chain needs to be among them."""
        return -self.found[-1][0][0] if len(self.found) == self.best else 0

    def add(self, chain: Composed) -> None:
        """Take the chain in where it belongs, and the last one out."""
        facts = chain.facts
        key = (-chain.scored.score, facts.own_fen, facts.start_cost_fen,
               facts.days_to_first_use, facts.bundle)  # fmt: skip
        self.found.append((key, chain))
        self.found.sort(key=lambda pair: pair[0])
        del self.found[self.best :]


@dataclass(slots=True)
class _Batch:
    """Partial chains of one length, those first that could score most by any order.

    `could`: a row for each order.
    """

    rows: IntArray
    costs: Costs
    could: IntArray


class _Search:
    """Best first, by several orders at once: what they share is extended and priced once."""

    def __init__(
        self, below: Below, weights: Weights, orders: Sequence[_Order], is_unlimited: bool
    ) -> None:
        self.below, self.weights, self.orders = below, weights, orders
        terms = below.wanted.terms
        self.budget = terms.budget_fen
        self.most_own = 2**62 if is_unlimited else terms.budget_fen
        self.priced = 0
        self._queue: list[tuple[int, int, _Batch]] = []
        self._pushed = 0

    def run(self) -> None:
        """Extend and price until nothing left could be among the best of any order."""
        roots, costs = self.below.roots()
        self._push(roots.reshape(-1, 1), costs)
        while self._queue:
            could, _, batch = heapq.heappop(self._queue)
            if -could < min(self._thresholds()):
                break
            is_complete = batch.rows.shape[1] == len(self.below.layers)
            count = PRICED if is_complete else self.below.affordable(batch.rows, EXTENDED)
            self._requeue(batch, count)
            if is_complete:
                self._price(batch.rows[:count], batch.could[:, :count])
            else:
                self._push(*self.below.extend(batch.rows[:count], batch.costs[:, :count]))

    def outlooked(self, chain: Composed) -> Composed:
        """The chain with the months ahead."""
        rows = [self.below.catalog.row_of[code] for code in chain.offerings]
        return replace(chain, price=self.below.pricing.outlook(rows))

    def _thresholds(self) -> list[int]:
        return [order.threshold for order in self.orders]

    def _push(self, rows: IntArray, costs: Costs) -> None:
        own, could = self._could(rows, costs)
        is_wanted = could >= np.array(self._thresholds())[:, None]
        is_kept = (own <= self.most_own) & is_wanted.any(axis=0)
        rows, costs, could = rows[is_kept], costs[:, is_kept], could[:, is_kept]
        first = np.argsort(-could.max(axis=0), kind="stable")
        self._queue_up(_Batch(rows[first], costs[:, first], could[:, first]))

    def _requeue(self, batch: _Batch, count: int) -> None:
        self._queue_up(_Batch(batch.rows[count:], batch.costs[:, count:], batch.could[:, count:]))

    def _queue_up(self, batch: _Batch) -> None:
        if len(batch.rows):
            self._pushed += 1
            heapq.heappush(self._queue, (-int(batch.could[:, 0].max()), self._pushed, batch))

    def _could(self, rows: IntArray, costs: Costs) -> tuple[IntArray, IntArray]:
        """Least own share, and by each order the highest score, that partial chains could still come to."""
        gross, floor, start, days, latency, missed, bits = self.below.completed(rows, costs)
        own = np.maximum(np.maximum(floor, gross - self.below.relief_fen), 0)
        budget, needed = self.budget, len(self.below.meters)
        served = self.below.served(bits)
        points = (
            np.maximum(0, FULL * (budget - own) // budget),
            FULL * served // needed if needed else np.zeros_like(served),
            FULL * budget // (budget + start),
            np.maximum(0, FULL * (scoring.DAYS_WORTH_NOTHING - days) // scoring.DAYS_WORTH_NOTHING),
            np.maximum(
                0,
                FULL * (scoring.LATENCY_US_WORTH_NOTHING - np.maximum(latency, 0))
                // scoring.LATENCY_US_WORTH_NOTHING,
            ),
        )  # fmt: skip
        weights = self.weights
        each = (weights.own_share, weights.fit, weights.start_cost, weights.days_to_first_use,
                weights.latency)  # fmt: skip
        shared: IntArray = sum(
            (weight * part for weight, part in zip(each, points, strict=True)),
            start=np.zeros(len(rows), dtype=np.int64),
        )
        by_order = [
            missed if order.missed is None else order.missed[rows].max(axis=1, initial=0)
            for order in self.orders
        ]
        could = [shared + weights.quality * np.maximum(0, FULL - each) for each in by_order]
        return own, np.stack(could)

    def _price(self, chains: IntArray, could: IntArray) -> None:
        costs = self.below.sums(chains).T.tolist()
        for chain, most, found in zip(chains.tolist(), could.T.tolist(), costs, strict=True):
            thresholds = self._thresholds()
            if max(most) < min(thresholds):
                return
            wanted = [
                order
                for order, points, least in zip(self.orders, most, thresholds, strict=True)
                if points >= least
            ]
            if not wanted:
                continue
            price = self.below.pricing.price(chain)
            self.priced += 1
            if price.own_fen > self.most_own:
                continue
            for order in wanted:
                composed = self._composed(chain, found, price, order.missed)
                if composed is not None:
                    order.add(composed)

    def _composed(
        self, chain: Sequence[int], costs: Sequence[int], price: Price, instead: IntArray | None
    ) -> Composed | None:
        """A whole chain with its facts; None when it breaks what only a whole chain can break."""
        below, catalog = self.below, self.below.catalog
        _, _, start, days, latency, missed, bits = costs
        if instead is not None:
            missed = int(instead[list(chain)].max())
        is_placed = bool(bits & PLACED)
        if below.is_region_asked and not is_placed:
            return None
        if below.is_latency_asked and latency == UNKNOWN:
            return None
        served = bits & (PLACED - 1)
        if not served:
            return None
        offerings = tuple(catalog.items[row].code for row in chain)
        facts = Facts(
            bundle="+".join(offerings),
            own_fen=price.own_fen,
            budget_fen=self.budget,
            start_cost_fen=start,
            days_to_first_use=days,
            latency_us=None if latency == UNKNOWN else latency,
            served_meters=served.bit_count(),
            needed_meters=len(below.meters),
            quality=FULL - missed,
        )
        lacks = tuple(m for number, m in enumerate(below.meters) if not served >> number & 1)
        return Composed(offerings, facts, scoring.score(facts, self.weights), price, lacks)
