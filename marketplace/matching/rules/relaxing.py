"""The bundle that needs the fewest limits moved at once, when no single one helps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from marketplace.matching.rules.limits import RELAXABLE, Exclusion, Limit


@dataclass(frozen=True, slots=True)
class Move:
    """One limit and what it has to become; `to` as in `nearest`."""

    limit: Limit
    to: int


def nearest(
    excluded: Mapping[str, Sequence[Exclusion]], volume: int
) -> tuple[str, list[Move]] | None:
    """The bundle that needs the fewest limits moved at once, and each of them.

    `to`: the budget in fen, the latency in microseconds, or for capacity the monthly volume that
    still fits; 0 where no number helps. None when every bundle breaks a limit that the firm cannot
    move. Of equals the first code.
    """
    movable = {
        bundle: rows
        for bundle, rows in excluded.items()
        if rows and all(row.limit in RELAXABLE for row in rows)
    }
    if not movable:
        return None
    bundle = min(movable, key=lambda code: (len({row.limit for row in movable[code]}), code))
    broken = {row.limit for row in movable[bundle]}
    return bundle, [
        Move(
            limit, admitting(limit, [row for row in movable[bundle] if row.limit == limit], volume)
        )
        for limit in Limit
        if limit in broken
    ]


def admitting(limit: Limit, rows: Sequence[Exclusion], volume: int) -> int:
    """What the limit has to become to admit one bundle, judged by the hardest of its rows."""
    if limit in (Limit.BUDGET, Limit.LATENCY):
        return max((row.found for row in rows if isinstance(row.found, int)), default=0)
    if limit == Limit.CAPACITY:
        return min(_fitting(row, volume) for row in rows)
    return 0


def _fitting(row: Exclusion, volume: int) -> int:
    """The volume whose units fit into what is left; rounded down, so that it surely fits."""
    if not isinstance(row.found, int) or not isinstance(row.wanted, int) or row.wanted == 0:
        return 0
    return max(0, volume * row.found // row.wanted)
