"""Made-up rounds and catalogs of any size, the same for the same seed."""

import random
from datetime import date

import numpy as np

from marketplace.catalog.rules.chains import PARENT
from marketplace.matching.rules.compose import NEEDED, Wanted
from marketplace.matching.rules.compose_catalog import Catalog, Item
from marketplace.matching.rules.limits import Terms
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


SCENARIOS = 45
METERS = ("calls", "card_seconds", "storage_mb_seconds", "tokens")
SHARES = {
    "application": 40, "platform": 15, "compute": 25, "storage": 10, "network": 5, "dataset": 5,
}  # fmt: skip
"""Offerings of each layer in a hundred."""

PARTNERS = 10
"""Offerings of the layer below that each one states it works with."""


def composable(*, offerings: int, seed: int = 1) -> Catalog:
    """A shelf of offerings on all six layers, one in twenty unlisted or past its licence."""
    draw = random.Random(seed)
    codes = {
        layer: [f"{layer}-{number:06d}" for number in range(offerings * share // 100)]
        for layer, share in SHARES.items()
    }
    return Catalog([_item(draw, layer, code, codes) for layer in codes for code in codes[layer]])


def _item(draw: random.Random, layer: str, code: str, codes: dict[str, list[str]]) -> Item:
    sells = {
        "compute": {"card_seconds"}, "storage": {"storage_mb_seconds"}, "platform": {"tokens"},
        "application": {"calls"},
    }  # fmt: skip
    return Item(
        code=code,
        layer=layer,
        license_expires_on=date(2027, 1, 1) if draw.random() < 0.98 else date(2026, 1, 1),
        meters=frozenset(sells.get(layer, ())),
        scenarios=frozenset(str(each) for each in draw.sample(range(SCENARIOS), 3)),
        sections="" if draw.random() < 0.6 else "".join(draw.sample(SECTIONS, 5)),
        region=draw.choice(PLACES) if layer in {"compute", "storage", "network"} else "",
        latency_us=draw.randint(300, 60_000) if layer in {"compute", "platform"} else None,
        has_domestic_chip=draw.random() < 0.6,
        is_listed=draw.random() < 0.97,
        start_cost_fen=draw.randint(0, 50) * 10_000,
        days_to_first_use=draw.randint(0, 20),
        left_units={each: draw.randint(0, 10**7) for each in sells.get(layer, ())},
        works_with={
            below: frozenset(draw.sample(codes[below], min(PARTNERS, len(codes[below]))))
            for below, above in PARENT.items()
            if above == layer
        },
    )


PLACES = ("621000", "621002", "620100", "110108", "310115", "440300", "510100", "330100")


def needs(*, count: int, seed: int = 2) -> list[Wanted]:
    """Needs of all scenarios; a third ask for a region, a third for a latency, some for chips."""
    draw = random.Random(seed)
    return [
        Wanted(
            scenario=str(draw.randrange(SCENARIOS)),
            terms=Terms(
                section=draw.choice(SECTIONS),
                region=draw.choice(["", "", "620000"]),
                latency_us=draw.choice([None, None, 20_000]),
                needs_domestic_chip=draw.random() < 0.3,
                budget_fen=draw.randint(5, 50) * 100_000,
                day=date(2026, 10, 12),
            ),
            units={meter: draw.randint(1, 10**6) for meter in METERS},
            layers=frozenset(SHARES) if draw.random() < 0.3 else frozenset(NEEDED),
        )
        for _ in range(count)
    ]
