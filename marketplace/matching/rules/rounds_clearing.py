"""Clear a round: a plan within every limit, and a bound that says how much better any could be.

First a plan at rough prices; then prices of money and floors from a sample of the needs, as large
rounds differ little from a part of themselves; then all prices are moved towards balance over the
whole round, and a flow at them is turned into a plan. Cutting planes close what that leaves. It
ends when the gap is small enough or the steps are used up, and never looks at a clock: the same
input and seed give the same plan. A small round is solved exactly instead.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from hashlib import sha256

import numpy as np

from marketplace.matching.rules import (
    rounds,
    rounds_descent,
    rounds_flow,
    rounds_prices,
    rounds_repair,
)
from marketplace.matching.rules.rounds import IntArray, Round
from marketplace.matching.rules.rounds_descent import Step
from marketplace.matching.rules.rounds_prices import Market, Prices
from marketplace.matching.rules.rounds_repair import Draft

SAMPLES = ((2_000, 60, 0.3), (10_000, 25, 0.1))
"""Parts on which prices are found first: needs, flows asked, width of the first box."""

ROUGH = (20, 0.3, 0.003)
BALANCING = (
    (80, 0.05, 0.001),
    (120, 0.03, 0.0005),
)
"""Searches over the whole round: steps, first and last width of a step."""

WHOLE_STEPS, NARROW, WIDE = 60, 0.01, 0.3
GOOD_ENOUGH = Fraction(1, 1000)
"""The gap at which the search ends."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Who is served by what. `pairs`: for each need the row of its pair, or -1.

    `bound` is proven: no plan within the same limits is worth more points.
    """

    pairs: IntArray
    value: int
    bound: int
    seed: int
    input_digest: str

    @property
    def gap(self) -> Fraction:
        """By what part of the bound the plan stays below it."""
        return Fraction(self.bound - self.value, self.bound) if self.bound else Fraction(0)

    def digest(self) -> str:
        """SHA-256 over input and choice: what two people sign."""
        found = sha256(f"{self.input_digest}\n{self.seed}\n{self.value}\n{self.bound}\n".encode())
        found.update(self.pairs.astype("<i8").tobytes())
        return found.hexdigest()


def clear(found: Round, good_enough: Fraction = GOOD_ENOUGH) -> Plan:
    """The last and best of `improve`. Raises BadRound, FloorOutOfReach and FlowFailed."""
    *_, last = improve(found, good_enough)
    return last


def improve(found: Round, good_enough: Fraction = GOOD_ENOUGH) -> Iterator[Plan]:
    """Plans, each at least as good as the one before and with a bound at least as low.

    Raises BadRound, FloorOutOfReach when no plan reaching a floor was found, FlowFailed.
    """
    rounds.check(found)
    digest = found.digest()
    from marketplace.matching.rules import rounds_exact  # its solver fills 60 MB: no web server's

    exact = rounds_exact.solve(found)
    if exact is not None:
        value = int(found.value[exact.pairs[exact.pairs >= 0]].sum())
        yield Plan(exact.pairs, value, exact.bound, found.seed, digest)
        return
    market = Market(found)
    free = rounds_prices.free(found)
    prices, bound = _search(market, free, ROUGH)
    pairs = market.ask(prices).pairs
    best = rounds_repair.repair(market, prices, pairs, is_quick=True)
    yield _plan(best, bound, digest)
    for step in _steps(market, free):
        is_better = step.bound <= bound
        bound = min(bound, step.bound)
        if is_better:
            draft = rounds_repair.repair(market, step.prices, step.pairs)
            best = max(best, draft, key=lambda each: each.value)
            yield _plan(best, bound, digest)
        if bound - best.value <= good_enough * bound:
            return


def _steps(market: Market, prices: Prices) -> Iterator[Step]:
    """Flows over the whole round at ever better prices. Raises FlowFailed."""
    width = WIDE
    if len(market.round.needs) >= 2 * SAMPLES[0][0]:
        prices, width = _from_samples(market.round, prices), NARROW
        flow = rounds_flow.solve(market, prices)
        prices = rounds_prices.of_places(market, prices, flow.pairs)
        yield Step(prices, flow.bound, flow.pairs)
        for settings in BALANCING:
            prices, _ = _search(market, prices, settings)
            flow = rounds_flow.solve(market, prices)
            yield Step(prices, flow.bound, flow.pairs)
    yield from rounds_descent.descend(market, prices, steps=WHOLE_STEPS, width=width)


def _search(
    market: Market, start: Prices, settings: tuple[int, float, float]
) -> tuple[Prices, int]:
    steps, first, last = settings
    return rounds_prices.search(market, start, steps=steps, first=first, last=last)


def _plan(draft: Draft, bound: int, digest: str) -> Plan:
    return Plan(draft.pair_of.copy(), draft.value, bound, draft.round.seed, digest)


def _from_samples(found: Round, prices: Prices) -> Prices:
    """Prices of money and floors that suit ever larger parts of the needs best."""
    for size, steps, width in SAMPLES:
        if len(found.needs) < 2 * size:
            break
        market = Market(_sample(found, size))
        asked = rounds_descent.descend(market, prices, steps=steps, width=width)
        prices = min(asked, key=lambda step: step.bound).prices
    return prices


def _sample(found: Round, size: int) -> Round:
    """A part of the needs, drawn by the seed, with the same part of places and money."""
    draw = np.random.Generator(np.random.PCG64(found.seed))
    needs = np.sort(draw.permutation(len(found.needs))[:size])
    number = np.full(len(found.needs), -1, dtype=np.int64)
    number[needs] = np.arange(size)
    kept = number[found.need_of] >= 0
    part = size / len(found.needs)
    places = np.floor(found.places * part + draw.random(len(found.places)))
    return replace(
        found,
        needs=tuple(found.needs[need] for need in needs),
        section_of=found.section_of[needs],
        received=found.received[needs],
        members={group: column[needs] for group, column in found.members.items()},
        places=places.astype(np.int64),
        budgets_fen=np.floor(found.budgets_fen * part).astype(np.int64),
        need_of=number[found.need_of[kept]],
        offering_of=found.offering_of[kept],
        scheme_of=found.scheme_of[kept],
        value=found.value[kept],
        subsidy_fen=found.subsidy_fen[kept],
    )
