"""What a voucher may pay for."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vouchers.grants.rules import facts, provenance, quantities
from vouchers.grants.rules.places import lies_in
from vouchers.grants.rules.provenance import Document, Sourced
from vouchers.grants.rules.reading import Reader, nearest
from vouchers.grants.rules.scope import Scope

if TYPE_CHECKING:
    from vouchers.grants.rules.schemes import SchemeRules

LAYERS_OF_KIND: Mapping[str, frozenset[str]] = {
    "compute": frozenset({"compute", "platform", "application", "dataset"}),
    "storage": frozenset({"storage"}),
    "network": frozenset({"network"}),
}
"""算力券 pays for compute and what runs on it; 存力券 for storage; 运力券 for lines and traffic."""

METERS = frozenset(
    {
        "input_tokens", "cached_tokens", "output_tokens", "reasoning_tokens", "card_seconds", "core_seconds",
        "storage_mb_seconds", "transfer_bytes", "line_mbps_seconds", "calls", "images",
    }
)  # fmt: skip
_KEYS = ("layers", "meters", "regions", "providers", "domestic_chip")


@dataclass(frozen=True, slots=True)
class Coverage:
    """What a voucher may pay for; None means that the scheme does not narrow it."""

    layers: Sourced[frozenset[str]] | None = None
    meters: Sourced[frozenset[str]] | None = None
    regions: Sourced[frozenset[str]] | None = None
    providers: Sourced[frozenset[str]] | None = None
    domestic_chip: Sourced[bool] | None = None


def read(outer: Reader, scope: Scope, known: Mapping[str, Document]) -> Coverage:
    """Read the section `covers`."""
    if "covers" not in outer:
        return Coverage()
    inner = outer.inner("covers", _KEYS)
    layers = frozenset().union(*LAYERS_OF_KIND.values())
    parsers: Mapping[str, Any] = {
        "layers": _subset(layers),
        "meters": _subset(METERS),
        "regions": provenance.plain(_places),
        "providers": provenance.plain(_texts),
        "domestic_chip": provenance.plain(facts.flag),
    }
    values = {
        name: provenance.sourced(inner, scope, known, name, parse)
        for name, parse in parsers.items()
    }
    return Coverage(**values)


def covers(
    rules: "SchemeRules",
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


def _texts(raw: Any) -> frozenset[str]:
    found = quantities.texts(raw)
    if not found:
        raise quantities.Fault("not_a_list_of_texts")
    return found


def _subset(names: frozenset[str]) -> Any:
    def parse(scope: Scope, path: str, raw: Any) -> frozenset[str] | None:
        found: frozenset[str] | None = scope.read(path, _texts, raw)
        for name in (found or frozenset()) - names:
            scope.fault(path, "unknown_choice", nearest(name, names))
        return found

    return parse


def _places(raw: Any) -> frozenset[str]:
    return frozenset(facts.region(each) for each in _texts(raw))
