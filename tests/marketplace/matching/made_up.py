"""Made-up catalogs, needs and wallets, and every chain looked at one by one."""

import itertools
import random
from collections.abc import Iterator
from datetime import date
from fractions import Fraction

import numpy as np

from marketplace.catalog.rules.chains import PARENT
from marketplace.matching.rules import limits, scoring
from marketplace.matching.rules.compose import Key, Wanted
from marketplace.matching.rules.compose_catalog import LAYERS, Catalog, Item
from marketplace.matching.rules.compose_pricing import Wallet
from marketplace.matching.rules.limits import Candidate, Part, Room, Terms
from marketplace.matching.rules.scoring import Facts, Weights
from vouchers.billing.rules.burndown import VoucherMeans

DAY = date(2026, 10, 12)
MONTH = date(2026, 10, 1)
METERS = ("calls", "card_seconds", "storage_mb_seconds")
PLACES = ("", "620000", "621000", "621002", "110108", "999999")


def items(draw: random.Random) -> list[Item]:
    """Up to three offerings on each layer; most keep within the limits, figures often tie."""
    codes = {layer: [f"{layer[:2]}{n}" for n in range(draw.randint(1, 3))] for layer in LAYERS}
    return [_item(draw, layer, code, codes) for layer in LAYERS for code in codes[layer]]


def _item(draw: random.Random, layer: str, code: str, codes: dict[str, list[str]]) -> Item:
    def seldom() -> bool:
        return draw.random() < 0.03

    meters = frozenset(meter for meter in METERS if draw.random() < 0.5)
    return Item(
        code=code,
        layer=layer,
        license_expires_on=date(2026, 9 if seldom() else 12, 1),
        meters=meters,
        lapsed_meters=frozenset(m for m in METERS if m not in meters and seldom()),
        scenarios=frozenset(draw.sample(["vision", "forecast"], draw.randint(1, 2))),
        sections=draw.choice(["", "", "", "", "", "", "", "CG", "C"]),
        region=draw.choice(("621000", "621002", *PLACES)) if layer == "compute" else "",
        latency_us=draw.choice([None, None, 500, 4_000, 4_000, 90_000]),
        has_domestic_chip=draw.random() < 0.7,
        is_listed=not seldom(),
        is_provider_verified=not seldom(),
        start_cost_fen=draw.choice([0, 0, 100, 5_000]),
        days_to_first_use=draw.choice([0, 1, 7, 40]),
        quality=draw.choice([500, 500, 380, 510, 700]),
        left_units={m: draw.choice([50, 10_000]) for m in meters if draw.random() < 0.1},
        works_with={
            below: frozenset(draw.sample(codes[below], draw.randint(1, len(codes[below]))))
            for below, above in PARENT.items()
            if above == layer and draw.random() < 0.7
        },
    )


def need(draw: random.Random) -> Wanted:
    """A need of three to six layers; half of them ask for a place, a latency or domestic chips."""
    extra = [layer for layer in ("storage", "network", "dataset") if draw.random() < 0.4]
    return Wanted(
        scenario=draw.choice(["vision", "forecast"]),
        terms=Terms(
            section=draw.choice("CG"),
            region=draw.choice(["", "", "", "", "620000", "621000"]),
            latency_us=draw.choice([None, None, None, 5_000, 100_000]),
            needs_domestic_chip=draw.random() < 0.15,
            budget_fen=draw.choice([600, 4_000, 100_000, 100_000]),
            day=DAY,
        ),
        units={meter: draw.choice([40, 60]) for meter in METERS if draw.random() < 0.8},
        layers=frozenset(["application", "platform", "compute", *extra]),
    )


def wallet(draw: random.Random, catalog: Catalog) -> Wallet:
    """Up to three vouchers, some nearly spent, some for part of the offerings only."""
    amounts = np.array([draw.choice([0, 99, 333, 1_000]) for _ in catalog.items], dtype=np.int64)
    vouchers = [
        VoucherMeans(
            key,
            Fraction(draw.choice([30, 50, 80]), 100),
            draw.choice(["half_up_fen", "floor_fen", "floor_yuan"]),
            draw.choice([0, 150, 700, 10**6]),
        )
        for key in range(draw.randint(0, 3))
    ]
    covers = {
        voucher.key: np.array([draw.random() < 0.7 for _ in catalog.items])
        for voucher in vouchers
        if draw.random() < 0.5
    }
    return Wallet(amounts, vouchers, covers)


def weights(draw: random.Random) -> Weights:
    """Six weights that add up to a hundred."""
    cuts = sorted(draw.randint(0, 100) for _ in range(5))
    return Weights(*(b - a for a, b in itertools.pairwise([0, *cuts, 100])))


def every_chain(
    catalog: Catalog, wanted: Wanted, pricing: Wallet, chosen: Weights
) -> list[tuple[Key, tuple[str, ...]]]:
    """All chains within all limits, in the order of their rank, by looking at each."""
    found = []
    for chain in _fitting_together(catalog, wanted):
        price = pricing.price([catalog.row_of[item.code] for item in chain])
        served = frozenset[str]().union(*(item.meters for item in chain)) & wanted.units.keys()
        codes = tuple(item.code for item in chain)
        candidate = Candidate(
            bundle="+".join(codes),
            sections="",
            parts=tuple(_part(item, wanted) for item in chain),
            rooms=tuple(_rooms(chain, wanted)),
            price_fen=price.price_fen,
            own_fen=price.own_fen,
            is_priced=bool(served),
        )
        is_for_section = all(not i.sections or wanted.terms.section in i.sections for i in chain)
        if not is_for_section or limits.exclusions(wanted.terms, candidate):
            continue
        facts = Facts(
            bundle=candidate.bundle,
            own_fen=price.own_fen,
            budget_fen=wanted.terms.budget_fen,
            start_cost_fen=sum(item.start_cost_fen for item in chain),
            days_to_first_use=max(item.days_to_first_use for item in chain),
            latency_us=limits.slowest_us(candidate.parts),
            served_meters=len(served),
            needed_meters=len(wanted.units),
            quality=min(item.quality for item in chain if item.quality is not None),
        )
        score = scoring.score(facts, chosen).score
        found.append(
            ((-score, facts.own_fen, facts.start_cost_fen, facts.days_to_first_use, facts.bundle),
             codes)
        )  # fmt: skip
    return sorted(found)


def _fitting_together(catalog: Catalog, wanted: Wanted) -> Iterator[tuple[Item, ...]]:
    layers = [layer for layer in LAYERS if layer in wanted.layers]
    choices = [[item for item in catalog.items if item.layer == layer] for layer in layers]
    for chain in itertools.product(*choices):
        by_layer = dict(zip(layers, chain, strict=True))
        if wanted.scenario in chain[0].scenarios and all(
            _goes_with(by_layer[PARENT[layer]], by_layer[layer]) for layer in layers[1:]
        ):
            yield chain


def _goes_with(upper: Item, lower: Item) -> bool:
    stated = upper.works_with.get(lower.layer)
    return stated is None or lower.code in stated


def _part(item: Item, wanted: Wanted) -> Part:
    return Part(
        offering=item.code,
        layer=item.layer,
        is_listed=item.is_listed,
        is_provider_verified=item.is_provider_verified,
        license_expires_on=item.license_expires_on,
        region=item.region,
        latency_us=item.latency_us,
        has_domestic_chip=item.has_domestic_chip,
        lapsed_meters=tuple(sorted(item.lapsed_meters & wanted.units.keys())),
    )


def _rooms(chain: tuple[Item, ...], wanted: Wanted) -> Iterator[Room]:
    for item in chain:
        for meter in item.meters & wanted.units.keys() & item.left_units.keys():
            yield Room(item.code, meter, MONTH, item.left_units[meter], wanted.units[meter])
