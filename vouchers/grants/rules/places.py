"""Whether a place lies in a region."""

from functools import lru_cache

from accounts.rules import regions


@lru_cache(maxsize=4096)
def lies_in(region: str, wide: str) -> bool:
    """Tell whether a place lies in a region; an unknown place lies nowhere."""
    try:
        return regions.covers(wide, region)
    except regions.InvalidRegion:
        return False
