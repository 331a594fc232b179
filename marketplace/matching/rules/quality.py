"""Measured quality: what firms with long use found, drawn towards the middle while they are few.

Three figures of 0 to 1,000 points: stars (half), the outcome that was promised (a quarter), the real
cost against the promised one (a quarter). Each is the mean over the firms together with ten made-up
firms in the middle, so one firm moves little and nobody's use moves nothing. Exact fractions; one
rounding, down, at the end. The ten firms are an assumption of the product, stated on the pages.
"""

from dataclasses import dataclass
from fractions import Fraction

FULL = 1000
NEUTRAL = 500
"""Points of what nobody has used for long yet: the middle of the scale."""

PRIOR_FIRMS = 10
"""Made-up firms in the middle that every mean is taken together with."""

STARS = range(1, 6)
STEP = FULL // (STARS[-1] - STARS[0])
"""Points between two numbers of stars: 1 earns nothing, 3 the middle, 5 all."""


@dataclass(frozen=True, slots=True)
class Experience:
    """What firms with long use found of one offering; each firm counts once.

    `stars`: sum over `firms`; `reached`: firms that reached what was promised; `kept`: sum of the
    points for real cost over `measured` firms, see `kept_points`.
    """

    firms: int = 0
    stars: int = 0
    reached: int = 0
    measured: int = 0
    kept: int = 0
    billed_fen: int = 0
    promised_fen: int = 0


UNUSED = Experience()


def points(found: Experience) -> int:
    """0 to 1,000 points, rounded down; 500 without any experience."""
    stars = _drawn(STEP * (found.stars - found.firms), found.firms)
    reached = _drawn(FULL * found.reached, found.firms)
    kept = _drawn(found.kept, found.measured)
    return (2 * stars + reached + kept) // 4


def kept_points(*, billed_fen: int, promised_fen: int) -> int:
    """Points of one firm for real cost: the middle at the promised cost, none at twice it.

    `promised_fen`: what the same use would have cost as promised, above zero. Rounded down.
    """
    worth_nothing = 2 * promised_fen
    return min(FULL, max(0, FULL * (worth_nothing - billed_fen) // worth_nothing))


def _drawn(total: int, firms: int) -> Fraction:
    return Fraction(PRIOR_FIRMS * NEUTRAL + total, PRIOR_FIRMS + firms)
