"""Which deposits a draw uses up: the oldest credit first, against the hours of others."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Lot:
    """A deposit and how many card-seconds of it can be taken."""

    key: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Pairing:
    """So many card-seconds of one deposit's credit, delivered out of another deposit's hours."""

    credit: int
    supply: int
    seconds: int


def pair(owned: Sequence[Lot], supplies: Sequence[Lot], seconds: int) -> list[Pairing]:
    """Take `seconds` from both rows of lots in their order; both hold at least that much."""
    found: list[Pairing] = []
    left, credit_at, supply_at = seconds, 0, 0
    spent = given = 0
    while left:
        credit, supply = owned[credit_at], supplies[supply_at]
        taken = min(left, credit.seconds - spent, supply.seconds - given)
        if taken:
            found.append(Pairing(credit.key, supply.key, taken))
        left, spent, given = left - taken, spent + taken, given + taken
        if spent == credit.seconds:
            credit_at, spent = credit_at + 1, 0
        if given == supply.seconds:
            supply_at, given = supply_at + 1, 0
    return found
