"""What to relax when nothing fits: each limit the firm can move, tried alone."""

from dataclasses import dataclass, replace

from marketplace.matching.rules.compose import Wanted, compose
from marketplace.matching.rules.compose_catalog import Catalog
from marketplace.matching.rules.compose_pricing import Pricing
from marketplace.matching.rules.limits import RELAXABLE, Limit
from marketplace.matching.rules.scoring import STANDARD, Weights

AIMS = {Limit.BUDGET: Weights(100, 0, 0, 0, 0), Limit.LATENCY: Weights(0, 0, 0, 0, 100)}
"""What the admitted chain is chosen by: the least own share, the lowest latency."""

AMPLE_FEN = 10**12


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
        asked = wanted
        if limit == Limit.BUDGET:
            asked = replace(wanted, terms=replace(wanted.terms, budget_fen=AMPLE_FEN))
        answer = compose(
            catalog,
            asked,
            pricing,
            weights=AIMS.get(limit, STANDARD),
            best=1,
            without=frozenset({limit}),
        )
        if answer.chains and _is_needed(wanted, limit):
            chain = answer.chains[0]
            to = {Limit.BUDGET: chain.facts.own_fen, Limit.LATENCY: chain.facts.latency_us or 0}
            found.append(Relaxed(limit, to.get(limit, 0), chain.offerings))
    return found


def _is_needed(wanted: Wanted, limit: Limit) -> bool:
    """Tell whether the need states the limit at all."""
    terms = wanted.terms
    stated = {
        Limit.LATENCY: terms.latency_us is not None,
        Limit.REGION: bool(terms.region),
        Limit.DOMESTIC_CHIP: terms.needs_domestic_chip,
    }
    return stated.get(limit, True)
