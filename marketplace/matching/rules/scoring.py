"""Ranking: whole points per component, stated weights, a tie-break that leaves no two equal.

Each component gives 0 to 1,000 points on a scale of its own that no other bundle moves, so adding
or removing a bundle never changes the order of the rest. Nobody pays for a rank. Division rounds
down; no money is computed here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, fields

from marketplace.matching.rules.quality import NEUTRAL

FULL = 1000
"""Points of a component that could not be better."""

DAYS_WORTH_NOTHING = 30
"""A start this many days away earns nothing."""

LATENCY_US_WORTH_NOTHING = 100_000
"""A tenth of a second earns nothing: about what people notice in a dialog."""


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each component counts, in percent; they add up to 100."""

    own_share: int = 45
    fit: int = 18
    start_cost: int = 9
    days_to_first_use: int = 9
    latency: int = 9
    quality: int = 10

    def __post_init__(self) -> None:
        if min(astuple(self)) < 0 or sum(astuple(self)) != 100:
            raise ValueError("weights are not below zero and add up to 100")


@dataclass(frozen=True, slots=True)
class Facts:
    """What is compared of one bundle: amounts in fen a month (start cost once), latency in µs.

    `served_meters` of `needed_meters`: how much of what the scenario needs the chain delivers.
    `quality`: points of its least proven part, see `quality.points`.
    """

    bundle: str
    own_fen: int
    budget_fen: int
    start_cost_fen: int
    days_to_first_use: int
    latency_us: int | None
    served_meters: int
    needed_meters: int
    quality: int = NEUTRAL


@dataclass(frozen=True, slots=True)
class Component:
    """Points earned on one component, and its weight."""

    name: str
    points: int
    weight: int


@dataclass(frozen=True, slots=True)
class Scored:
    """A bundle's score, 0 to 100,000: the sum of points times weight."""

    bundle: str
    score: int
    components: tuple[Component, ...]


STANDARD = Weights()


def in_proportion(stated: Mapping[str, int]) -> Weights:
    """Weights of a hundred in all that keep the stated proportion.

    What rounding leaves goes to the largest remainders, of equals to the first. Raises ValueError.
    """
    names = [field.name for field in fields(Weights)]
    parts = [stated.get(name, 0) for name in names]
    total = sum(parts)
    if not total or not all(0 <= part <= 100 for part in parts):
        raise ValueError("weights are from 0 to 100 and not all zero")
    whole = [100 * part // total for part in parts]
    by_remainder = sorted(range(len(parts)), key=lambda n: (-(100 * parts[n] % total), n))
    for number in by_remainder[: 100 - sum(whole)]:
        whole[number] += 1
    return Weights(*whole)


def score(facts: Facts, weights: Weights = STANDARD) -> Scored:
    """Points and score of one bundle, by itself."""
    points = {
        "own_share": _falling(facts.own_fen, facts.budget_fen),
        "fit": FULL * facts.served_meters // facts.needed_meters if facts.needed_meters else 0,
        "start_cost": FULL * facts.budget_fen // (facts.budget_fen + facts.start_cost_fen),
        "days_to_first_use": _falling(facts.days_to_first_use, DAYS_WORTH_NOTHING),
        "latency": _latency_points(facts.latency_us),
        "quality": facts.quality,
    }
    components = tuple(
        Component(field.name, points[field.name], getattr(weights, field.name))
        for field in fields(weights)
    )
    total = sum(component.points * component.weight for component in components)
    return Scored(facts.bundle, total, components)


def rank(candidates: Sequence[Facts], weights: Weights = STANDARD) -> list[Scored]:
    """All candidates, best first: higher score, then less own share, start cost, days, the code."""

    def key(pair: tuple[Facts, Scored]) -> tuple[int, int, int, int, str]:
        facts, scored = pair
        return (
            -scored.score,
            facts.own_fen,
            facts.start_cost_fen,
            facts.days_to_first_use,
            facts.bundle,
        )

    pairs = [(facts, score(facts, weights)) for facts in candidates]
    return [scored for _facts, scored in sorted(pairs, key=key)]


def _falling(value: int, worth_nothing: int) -> int:
    """Full points at zero, falling evenly to none."""
    return max(0, FULL * (worth_nothing - value) // worth_nothing)


def _latency_points(latency_us: int | None) -> int:
    """An unstated latency earns nothing: unknown is not zero."""
    return 0 if latency_us is None else _falling(latency_us, LATENCY_US_WORTH_NOTHING)
