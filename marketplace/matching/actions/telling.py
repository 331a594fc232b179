"""What an answer keeps to be told later, in any language: plain data."""

from collections.abc import Mapping, Sequence
from typing import Any

from marketplace.matching.actions.answers import Found, Held
from marketplace.matching.actions.slots import Sold
from marketplace.matching.rules.quality import points


def reasons(
    held: Held, lines: Sequence[tuple[Sold, Mapping[str, tuple[int, int]]]]
) -> dict[str, Any]:
    """Why a chain stands where it does: lines, parts, points, lacks, vouchers, limits broken."""
    parts = [_part(sold) for sold, _by_meter in lines]
    return {
        "lines": [
            {**part, "meter": meter, "units": units, "amount_fen": amount_fen}
            for part, (_sold, by_meter) in zip(parts, lines, strict=True)
            for meter, (units, amount_fen) in by_meter.items()
        ],
        "parts": parts,
        "components": [_plain(component) for component in held.components],
        "lacks": list(held.lacks),
        "latency_us": held.latency_us,
        "binding": held.price.binding.value,
        "full_months": held.price.full_months,
        "exclusions": [_plain(exclusion) for exclusion in held.exclusions],
        "use": _use(held, [sold for sold, _by_meter in lines]) if held.components else {},
    }


def _use(held: Held, parts: Sequence[Sold]) -> dict[str, Any]:
    """What long use changed: the rank without it, and the figures of the least proven part."""
    least = min(parts, key=lambda sold: (points(sold.experience), -sold.experience.firms))
    return {
        "rank_unused": held.rank_unused,
        "name": least.offering.name,
        **_plain(least.experience),
    }


def advice(found: Found) -> dict[str, Any]:
    """What each limit excludes and what helps; offerings left out by themselves."""
    return {
        "steps": [_plain(step) for step in found.steps],
        "loose": [
            {
                **_part(found.stock.sold[number]),
                "exclusions": [_plain(exclusion) for exclusion in exclusions],
            }
            for number, exclusions in found.loose
        ],
    }


def _plain(row: Any) -> dict[str, Any]:
    """The fields of a record that holds no others: `asdict` looks for those, at ten times the cost."""
    return {name: getattr(row, name) for name in row.__slots__}


def _part(sold: Sold) -> dict[str, str]:
    return {
        "offering": sold.offering.code,
        "name": sold.offering.name,
        "provider": sold.offering.provider.organization.name,
        "layer": sold.offering.layer,
    }
