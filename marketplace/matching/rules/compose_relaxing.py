"""What to relax when nothing fits: each limit the firm can move, tried alone."""

from dataclasses import dataclass, replace

from marketplace.matching.rules.compose import Composed, Wanted, compose
from marketplace.matching.rules.compose_catalog import Catalog
from marketplace.matching.rules.compose_pricing import Pricing
from marketplace.matching.rules.limits import RELAXABLE, Limit
from marketplace.matching.rules.scoring import STANDARD, Weights

AIMS = {Limit.BUDGET: Weights(100, 0, 0, 0, 0, 0), Limit.LATENCY: Weights(0, 0, 0, 0, 100, 0)}
"""What the admitted chain is chosen by: the least own share, the lowest latency."""

AMPLE_FEN = 10**15
WIDER = 8
"""How many times a budget is widened at once: close to the price, scores still tell chains apart."""


@dataclass(frozen=True, slots=True)
class Relaxed:
    """One limit that alone admits a chain, and what the limit has to be for it.

    `to`: the budget in fen, exactly that of the cheapest chain; the latency in µs, within a tenth
    of a millisecond of the lowest; 0 for the other limits.
    """

    limit: Limit
    to: int
    offerings: tuple[str, ...]


def relaxations(catalog: Catalog, wanted: Wanted, pricing: Pricing) -> list[Relaxed]:
    """Limits of which any one, moved alone, lets a chain in; empty when two or more stand against it."""
    found = []
    for limit in RELAXABLE:
        if not _is_needed(wanted, limit):
            continue
        chain = _admitted(catalog, wanted, pricing, limit)
        if chain is not None:
            to = {Limit.BUDGET: chain.facts.own_fen, Limit.LATENCY: chain.facts.latency_us or 0}
            found.append(Relaxed(limit, to.get(limit, 0), chain.offerings))
    return found


def _admitted(catalog: Catalog, wanted: Wanted, pricing: Pricing, limit: Limit) -> Composed | None:
    """The chain that stands first without the limit."""
    without = frozenset({limit}) if limit != Limit.BUDGET else frozenset[Limit]()
    budget_fen = wanted.terms.budget_fen
    while True:
        asked = replace(wanted, terms=replace(wanted.terms, budget_fen=budget_fen))
        answer = compose(
            catalog, asked, pricing, weights=AIMS.get(limit, STANDARD), best=1, without=without
        )
        if answer.chains:
            return answer.chains[0]
        if limit != Limit.BUDGET or budget_fen >= AMPLE_FEN:
            return None
        budget_fen = min(AMPLE_FEN, budget_fen * WIDER)


def _is_needed(wanted: Wanted, limit: Limit) -> bool:
    """Tell whether the need states the limit at all."""
    terms = wanted.terms
    stated = {
        Limit.LATENCY: terms.latency_us is not None,
        Limit.REGION: bool(terms.region),
        Limit.DOMESTIC_CHIP: terms.needs_domestic_chip,
    }
    return stated.get(limit, True)
