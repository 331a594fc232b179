"""What a voucher may pay for."""

from collections.abc import Iterable

from accounts.rules import regions
from vouchers.grants.rules.schemes import LAYERS_OF_KIND, SchemeRules


def covers(
    rules: SchemeRules,
    *,
    voucher_kind: str,
    layer: str,
    meters: Iterable[str],
    region: str,
    provider_code: str,
    has_domestic_chip: bool,
) -> bool:
    """Tell whether a voucher of the scheme may pay for an offering.

    `meters` are all meters that the offering bills; where the scheme narrows meters, each of them must be named.
    `region` is where the facility stands (GB/T 2260); an unknown or empty one lies in no region.
    """
    own = rules.coverage
    if layer not in LAYERS_OF_KIND.get(voucher_kind, frozenset()):
        return False
    if own.layers and layer not in own.layers.value:
        return False
    if own.meters:
        billed = frozenset(meters)
        if not billed or not billed <= own.meters.value:
            return False
    if own.regions and not any(lies_in(region, wide) for wide in own.regions.value):
        return False
    if own.providers and provider_code not in own.providers.value:
        return False
    return not (own.domestic_chip and own.domestic_chip.value and not has_domestic_chip)


def lies_in(region: str, wide: str) -> bool:
    """Tell whether a place lies in a region; an unknown place lies nowhere."""
    try:
        return regions.covers(wide, region)
    except regions.InvalidRegion:
        return False
