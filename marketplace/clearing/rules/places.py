"""How many needs a bundle can surely take: never more than its offerings have capacity for.

A place takes one need whatever its size, so each place is as large as the largest need among the candidates. Where
bundles share an offering, its places are dealt out evenly. So no plan oversells; some capacity may stay unused.
"""

from collections.abc import Mapping, Sequence

Units = Mapping[str, Mapping[str, int]]
"""Offering -> meter -> base units a month."""


def places_of(
    *,
    wanted: Sequence[tuple[str, Units]],
    left: Mapping[tuple[str, str], int],
    needs: int,
) -> dict[str, int]:
    """Places by bundle. `wanted`: bundle and units of each candidate; `left`: what is free of (offering, meter).

    What is free is the least of all months concerned; an offering without an entry has no stated limit.
    """
    largest: dict[tuple[str, str], int] = {}
    holders: dict[str, set[str]] = {}
    for bundle, units in wanted:
        for offering, meters in units.items():
            holders.setdefault(offering, set()).add(bundle)
            for meter, count in meters.items():
                key = (offering, meter)
                largest[key] = max(largest.get(key, 0), count)
    found = {bundle: needs for bundle, _units in wanted}
    for offering, bundles in holders.items():
        limits = [
            max(0, left[key]) // most
            for key, most in largest.items()
            if key[0] == offering and key in left and most
        ]
        if not limits:
            continue
        total, rest = divmod(min(limits), len(bundles))
        for number, bundle in enumerate(sorted(bundles)):
            found[bundle] = min(found[bundle], total + (number < rest))
    return found
