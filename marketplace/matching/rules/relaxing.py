"""What to relax: how many bundles each limit excludes, and what would let the nearest in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from marketplace.matching.rules.limits import RELAXABLE, Exclusion, Limit


@dataclass(frozen=True, slots=True)
class Relaxation:
    """One limit: how many bundles it excludes, how many it alone excludes, and what admits one.

    `to`: the budget in fen, the latency in microseconds, or for capacity the monthly volume that
    still fits; 0 where no number helps.
    """

    limit: Limit
    excluded: int
    alone: int
    to: int

    @property
    def is_relaxable(self) -> bool:
        """Tell whether the firm itself can move the limit."""
        return self.limit in RELAXABLE


def summarize(excluded: Mapping[str, Sequence[Exclusion]], volume: int) -> list[Relaxation]:
    """One line per broken limit, the one that alone excludes most first.

    `excluded`: bundle -> its exclusions; `volume`: the monthly volume asked for.
    """
    found = []
    for limit in Limit:
        breaking = [rows for rows in excluded.values() if any(row.limit == limit for row in rows)]
        if not breaking:
            continue
        alone = [rows for rows in breaking if all(row.limit == limit for row in rows)]
        found.append(Relaxation(limit, len(breaking), len(alone), _nearest(limit, alone, volume)))
    order = list(Limit)
    return sorted(found, key=lambda row: (-row.alone, -row.excluded, order.index(row.limit)))


def nearest(
    excluded: Mapping[str, Sequence[Exclusion]], volume: int
) -> tuple[str, list[Relaxation]] | None:
    """The bundle that needs the fewest limits moved at once, and each of them.

    None when every bundle breaks a limit that the firm cannot move. Of equals the first code.
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
    steps = []
    for limit in (limit for limit in Limit if limit in broken):
        rows = [row for row in movable[bundle] if row.limit == limit]
        steps.append(Relaxation(limit, 1, 1, _nearest(limit, [rows], volume)))
    return bundle, steps


def _nearest(limit: Limit, alone: Sequence[Sequence[Exclusion]], volume: int) -> int:
    """The smallest step that admits one: of each bundle its hardest row, of all the easiest."""
    if limit in (Limit.BUDGET, Limit.LATENCY):
        stated = [[row.found for row in rows if isinstance(row.found, int)] for rows in alone]
        return min((max(values) for values in stated if values), default=0)
    if limit == Limit.CAPACITY:
        return max((min(_fitting(row, volume) for row in rows) for rows in alone), default=0)
    return 0


def _fitting(row: Exclusion, volume: int) -> int:
    """The volume whose units fit into what is left; rounded down, so that it surely fits."""
    if not isinstance(row.found, int) or not isinstance(row.wanted, int) or row.wanted == 0:
        return 0
    return max(0, volume * row.found // row.wanted)
