"""Eight invented providers of the demonstration with facilities, offerings, prices and bundles.

Token prices are the vendors' list prices (USD per million tokens, source beside each), converted
at a stated rate.
Card-hour, core-hour, storage, line and call prices are invented.
"""

from dataclasses import dataclass, field
from decimal import Decimal

from providers.rules.units import sold_unit

USD_CNY = Decimal("7.10")
"""Exchange rate stated on every converted price."""


def _sold(meter: str) -> tuple[str, int]:
    """A meter with the base units of the unit it is sold in."""
    return meter, sold_unit(meter).base_units


CARD_HOUR = _sold("card_seconds")
CORE_HOUR = _sold("core_seconds")
GB_MONTH = _sold("storage_mb_seconds")
MBPS_MONTH = _sold("line_mbps_seconds")
CALL = _sold("calls")
IMAGE = _sold("images")


@dataclass(frozen=True, slots=True)
class Price:
    """`yuan` per `per_units` base units of `meter`."""

    meter: str
    per_units: int
    yuan: Decimal
    source: str = "演示数据"


@dataclass(frozen=True, slots=True)
class Goods:
    """An offering: its key in this file, layer, facility (by index), names and prices."""

    key: str
    layer: str
    name: str
    summary: str
    prices: tuple[Price, ...]
    facility: int | None = 0
    model_name: str = ""
    has_domestic_chip: bool = False


@dataclass(frozen=True, slots=True)
class Site:
    """A facility: kind, name, region, latency in microseconds and the kind's specification."""

    kind: str
    name: str
    region: str
    latency_us: int
    spec: dict[str, object]


@dataclass(frozen=True, slots=True)
class Supplier:
    """A provider with what it runs and sells."""

    key: str
    name: str
    region: str
    legal_person: str
    license_number: str
    sites: tuple[Site, ...] = ()
    goods: tuple[Goods, ...] = field(default=())


def tokens(input_usd: str, output_usd: str, source: str) -> tuple[Price, ...]:
    """Input and output token prices in yuan per million, converted exactly."""
    note = f"{source} · 1 USD = {USD_CNY} CNY"
    return (
        Price("input_tokens", 1_000_000, Decimal(input_usd) * USD_CNY, note),
        Price("output_tokens", 1_000_000, Decimal(output_usd) * USD_CNY, note),
    )


def per(unit: tuple[str, int], yuan: str) -> tuple[Price, ...]:
    """One price per field unit (card-hour, core-hour, GB-month, call)."""
    meter, per_units = unit
    return (Price(meter, per_units, Decimal(yuan)),)
