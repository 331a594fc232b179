"""When a chain of offerings is a bundle: compute, platform and application, each once at least."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

ORDER = ("network", "storage", "dataset", "compute", "platform", "application")
"""From what stands below to what the firm sees."""

NEEDED = ("compute", "platform", "application")
ONCE = frozenset(ORDER) - {"dataset"}
"""Two offerings on one of these layers contradict each other: who delivers? Data sets add up."""

LONGEST = 12

ChainFault = Literal[
    "layer_missing",
    "layers_contradict",
    "offering_repeated",
    "offering_not_listed",
    "own_offering_missing",
    "chain_too_long",
]


@dataclass(frozen=True, slots=True)
class Link:
    """One offering of a chain, as far as the rules look at it."""

    offering: str
    layer: str
    provider: str
    is_listed: bool


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a chain; `subject` is the layer or the offering concerned."""

    code: ChainFault
    subject: str = ""


def faults_of(links: Sequence[Link], publisher: str) -> list[Fault]:
    """Everything that keeps a chain from being published by a provider; empty when nothing does."""
    layers = Counter(link.layer for link in links)
    seen = Counter(link.offering for link in links)
    found = [Fault("layer_missing", layer) for layer in NEEDED if not layers[layer]]
    found += [
        Fault("layers_contradict", layer) for layer in ORDER if layers[layer] > 1 and layer in ONCE
    ]
    found += [Fault("offering_repeated", code) for code, count in seen.items() if count > 1]
    found += [Fault("offering_not_listed", link.offering) for link in links if not link.is_listed]
    if not any(link.provider == publisher for link in links):
        found.append(Fault("own_offering_missing"))
    if len(links) > LONGEST:
        found.append(Fault("chain_too_long"))
    return found


def position_of(layer: str) -> int:
    """Where a layer stands in the chain, from 0 at the bottom."""
    return ORDER.index(layer)


PARENT = {
    "platform": "application",
    "compute": "platform",
    "storage": "compute",
    "network": "compute",
    "dataset": "application",
}
"""Which layer stands right above and states what it works with. The application is on top."""


def fault_between(upper: str, lower: str) -> Literal["circular", "layers_unrelated"] | None:
    """What is wrong with an offering of the upper layer naming one of the lower; None when nothing."""
    if PARENT.get(lower) == upper:
        return None
    above = {upper}
    while upper in PARENT:
        upper = PARENT[upper]
        above.add(upper)
    return "circular" if lower in above else "layers_unrelated"
