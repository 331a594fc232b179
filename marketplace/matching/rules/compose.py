"""The best chains for one need, exactly: dynamic programming for bounds, best first for the rest.

From the bottom up, each offering learns the best that anything below it could add: least own share,
least start cost, fewest days, lowest latency, highest quality, most meters. Partial chains are then extended in the
order of the score they could still reach, and only complete chains that may be among the best are
priced. Scores never rise when a chain costs more or takes longer, so the answer is that of looking
at every chain. Nobody pays for a rank; the order is that of `scoring.rank`.
"""

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

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
Prices = dict[tuple[int, ...], Price]
"""What chains cost, by their rows."""


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

    What is known of limits, of the best below each offering and of prices serves both orders, that
    with use and that without.
    """
    if not set(NEEDED) <= wanted.layers or not wanted.layers <= {*PARENT, *NEEDED}:
        raise ValueError("a chain has an application, a platform and compute, and known layers")
    below = Below(catalog, wanted, pricing, without)
    prices: Prices = {}
    search = _Search(below, weights, best, Limit.BUDGET in without, prices)
    chains = tuple(search.outlooked(chain) for chain in search.run())
    unused: tuple[tuple[str, ...], ...] = ()
    if is_unused_asked:
        other = _Search(
            below, weights, best, Limit.BUDGET in without, prices, catalog.missed_unused
        )
        unused = tuple(chain.offerings for chain in other.run())
    excluded = Excluded(catalog, below.reached, below.bits)
    return Answer(
        chains=chains,
        looked_at=len(below.reached),
        counts=tuple(excluded.counts()),
        excluded=excluded,
        priced=len(prices),
        unused=unused,
    )


@dataclass(slots=True)
class _Batch:
    """Partial chains of one length, those that could score most first."""

    rows: IntArray
    costs: Costs
    could: IntArray


class _Search:
    """Best first, over prices that are shared; `missed`: points of quality to miss instead of those found."""

    def __init__(
        self,
        below: Below,
        weights: Weights,
        best: int,
        is_unlimited: bool,
        prices: Prices,
        missed: IntArray | None = None,
    ) -> None:
        self.below, self.weights, self.best = below, weights, best
        self.prices, self.missed = prices, missed
        terms = below.wanted.terms
        self.budget = terms.budget_fen
        self.most_own = 2**62 if is_unlimited else terms.budget_fen
        self.found: list[tuple[Key, Composed]] = []
        self._queue: list[tuple[int, int, _Batch]] = []
        self._pushed = 0

    def run(self) -> list[Composed]:
        """Extend and price until nothing left could be among the best."""
        roots, costs = self.below.roots()
        self._push(roots.reshape(-1, 1), costs)
        while self._queue:
            could, _, batch = heapq.heappop(self._queue)
            if -could < self._threshold():
                break
            is_complete = batch.rows.shape[1] == len(self.below.layers)
            count = PRICED if is_complete else self.below.affordable(batch.rows, EXTENDED)
            self._requeue(batch, count)
            if is_complete:
                self._price(batch.rows[:count], batch.could[:count])
            else:
                self._push(*self.below.extend(batch.rows[:count], batch.costs[:, :count]))
        return [chain for _key, chain in self.found]

    def outlooked(self, chain: Composed) -> Composed:
        """The chain with the months ahead."""
        rows = [self.below.catalog.row_of[code] for code in chain.offerings]
        return replace(chain, price=self.below.pricing.outlook(rows))

    def _threshold(self) -> int:
        return -self.found[-1][0][0] if len(self.found) == self.best else 0

    def _push(self, rows: IntArray, costs: Costs) -> None:
        own, could = self._could(rows, costs)
        is_kept = (own <= self.most_own) & (could >= self._threshold())
        rows, costs, could = rows[is_kept], costs[:, is_kept], could[is_kept]
        order = np.argsort(-could, kind="stable")
        self._queue_up(_Batch(rows[order], costs[:, order], could[order]))

    def _requeue(self, batch: _Batch, count: int) -> None:
        self._queue_up(_Batch(batch.rows[count:], batch.costs[:, count:], batch.could[count:]))

    def _queue_up(self, batch: _Batch) -> None:
        if len(batch.could):
            self._pushed += 1
            heapq.heappush(self._queue, (-int(batch.could[0]), self._pushed, batch))

    def _could(self, rows: IntArray, costs: Costs) -> tuple[IntArray, IntArray]:
        """Least own share and highest score that each partial chain could still come to."""
        gross, floor, start, days, latency, missed, bits = self.below.completed(rows, costs)
        if self.missed is not None:
            missed = self.missed[rows].max(axis=1, initial=0)
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
            np.maximum(0, FULL - missed),
        )  # fmt: skip
        weights = self.weights
        each = (weights.own_share, weights.fit, weights.start_cost, weights.days_to_first_use,
                weights.latency, weights.quality)  # fmt: skip
        could: IntArray = sum(
            (weight * part for weight, part in zip(each, points, strict=True)),
            start=np.zeros(len(rows), dtype=np.int64),
        )
        return own, could

    def _price(self, chains: IntArray, could: IntArray) -> None:
        costs = self.below.sums(chains).T.tolist()
        for chain, most, found in zip(chains.tolist(), could.tolist(), costs, strict=True):
            if most < self._threshold():
                return
            price = self._priced(chain)
            if price.own_fen > self.most_own:
                continue
            composed = self._composed(chain, found, price)
            if composed is not None:
                facts = composed.facts
                key = (-composed.scored.score, facts.own_fen, facts.start_cost_fen,
                       facts.days_to_first_use, facts.bundle)  # fmt: skip
                self.found.append((key, composed))
                self.found.sort(key=lambda pair: pair[0])
                del self.found[self.best :]

    def _priced(self, chain: Sequence[int]) -> Price:
        key = tuple(chain)
        known = self.prices.get(key)
        if known is None:
            known = self.prices[key] = self.below.pricing.price(chain)
        return known

    def _composed(
        self, chain: Sequence[int], costs: Sequence[int], price: Price
    ) -> Composed | None:
        """A whole chain with its facts; None when it breaks what only a whole chain can break."""
        below, catalog = self.below, self.below.catalog
        _, _, start, days, latency, missed, bits = costs
        if self.missed is not None:
            missed = int(self.missed[list(chain)].max())
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
