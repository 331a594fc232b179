"""Splits an amount over contributors by their shares so that no fen is lost."""

from collections.abc import Sequence
from fractions import Fraction

from common.rounding import round_half_up

WHOLE_PARTS = 1_000_000


def split(amount_fen: int, shares: Sequence[tuple[int, int]]) -> dict[int, int]:
    """Fen by contributor, in the order given: shares are (contributor, millionths), a million together.

    The cumulative amount is rounded half up once for each contributor; each gets what is cumulated
    up to it less what the ones before got. So the parts always add up to the amount, and nobody is
    a fen or more away from the exact share.
    """
    if sum(parts for _who, parts in shares) != WHOLE_PARTS:
        raise ValueError("the shares do not add up to one")
    found: dict[int, int] = {}
    reached = before = 0
    for who, parts in shares:
        reached += parts
        total = round_half_up(Fraction(amount_fen * reached, WHOLE_PARTS))
        found[who], before = total - before, total
    return found


def share_out(amount_fen: int, weights: Sequence[int]) -> list[int]:
    """An amount over weights, each in proportion, rounded as in `split`.

    None gets more than its weight as long as the amount is no larger than all of them.
    """
    whole, reached, before, found = sum(weights), 0, 0, []
    for weight in weights:
        reached += weight
        total = round_half_up(Fraction(amount_fen * reached, whole))
        found.append(total - before)
        before = total
    return found
