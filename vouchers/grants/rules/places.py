"""Whether a place lies in a region."""

import re
from functools import lru_cache

from accounts.rules import regions

_CODE = re.compile(r"[1-9][0-9]{5}", re.ASCII)
_WIDE = re.compile(r"(?:00){1,2}$", re.ASCII)


@lru_cache(maxsize=4096)
def lies_in(region: str, wide: str) -> bool:
    """Tell whether a place lies in a region; what is no code lies nowhere.

    A code that this edition of GB/T 2260 does not list is compared by its structure: two digits for the province,
    two for the city, two for the county.
    """
    try:
        return regions.covers(wide, region)
    except regions.InvalidRegion:
        if not (_CODE.fullmatch(region) and _CODE.fullmatch(wide)):
            return False
        return region.startswith(_WIDE.sub("", wide))
