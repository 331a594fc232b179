"""Made-up rounds and catalogs of any size, the same for the same seed."""

import numpy as np

from marketplace.matching.rules.rounds import Floors, Round, Share

SECTIONS = "ABCDEFGHIKLMNOR"
FIRMS = (0.02, 0.01, 0.25, 0.02, 0.05, 0.15, 0.07, 0.08, 0.08, 0.06, 0.08, 0.05, 0.03, 0.03, 0.02)
"""How firms spread over the sections; manufacturing (C) a quarter, mining a hundredth."""

NEEDS_PER_OFFERING = 50


def clearing_round(
    *, needs: int, candidates: int = 20, budgets: int = 10, floors: bool = True, seed: int = 1
) -> Round:
    """A round where places run short on most offerings and money in every scheme.

    Three firms in ten are micro firms, and the floor asks for four in ten.
    """
    draw = np.random.Generator(np.random.PCG64(seed))
    offerings = max(candidates, needs // NEEDS_PER_OFFERING)
    first = draw.integers(0, offerings, (needs, 1))
    stride = draw.integers(1, max(2, offerings // candidates), (needs, 1))
    offering = (first + stride * np.arange(candidates)) % offerings
    value = draw.integers(20_000, 100_001, (needs, candidates))
    size = draw.lognormal(13, 0.8, (needs, 1))
    subsidy = np.minimum(10**9, size * draw.uniform(0.6, 1.4, (needs, candidates))).astype(np.int64)
    scheme = draw.integers(0, budgets, (needs, candidates))
    section = draw.choice(len(SECTIONS), needs, p=FIRMS)
    need = np.repeat(np.arange(needs), candidates)
    order = np.lexsort((offering.ravel(), -value.ravel(), need))
    asked = int(subsidy.sum()) // candidates // budgets
    shares = (Share("micro", 40), Share("manufacturing", 20)) if floors else ()
    members = {"micro": draw.random(needs) < 0.3, "manufacturing": section == SECTIONS.index("C")}
    return Round(
        needs=tuple(f"ND-{number:06d}" for number in range(needs)),
        sections=tuple(SECTIONS),
        section_of=section.astype(np.int64),
        received=draw.permutation(needs).astype(np.int64),
        members=members if floors else {},
        offerings=tuple(f"OF-{number:05d}" for number in range(offerings)),
        places=draw.integers(10, 60, offerings).astype(np.int64),
        schemes=tuple(f"SC-{number:02d}" for number in range(budgets)),
        budgets_fen=(asked * draw.uniform(0.2, 0.6, budgets)).astype(np.int64),
        need_of=need[order].astype(np.int64),
        offering_of=offering.ravel()[order].astype(np.int64),
        scheme_of=scheme.ravel()[order].astype(np.int64),
        value=value.ravel()[order].astype(np.int64),
        subsidy_fen=subsidy.ravel()[order],
        floors=Floors(10, shares) if floors else Floors(),
        seed=seed,
    )
