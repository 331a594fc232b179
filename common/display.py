"""How amounts, quantities and moments are written for readers; pure functions but for language.

Rounding is for reading only: half up, and the exact figure always travels beside it.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

TYPE_COOKIE = "type_size"
"""Cookie of the large-type switch; value "large" or absent."""

FEN_PER_YUAN = 100
FEN_PER_WAN = 1_000_000
WAN = 10_000


def grouped(value: Decimal | int, places: int = 0) -> str:
    """Write a number with thousands separators and a fixed number of decimals, rounded half up."""
    exact = Decimal(value).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    return f"{exact:,.{places}f}".replace("-", "−")


def money_text(fen: int) -> str:
    """Fen as `¥1,234.56`, exact."""
    text = grouped(abs(Decimal(fen)) / FEN_PER_YUAN, 2)
    return f"−¥{text}" if fen < 0 else f"¥{text}"


def money_wan_text(fen: int) -> str:
    """Fen as `123.45 万元` (English: `¥1.23 million` above a million, else exact)."""
    if get_language() == "en":
        if abs(fen) < FEN_PER_WAN * 100:
            return money_text(fen)
        return _("¥%(amount)s million") % {"amount": grouped(Decimal(fen) / (FEN_PER_WAN * 100), 2)}
    if abs(fen) < FEN_PER_WAN:
        return money_text(fen)
    return _("%(amount)s × 10,000 yuan") % {"amount": grouped(Decimal(fen) / FEN_PER_WAN, 2)}


@dataclass(frozen=True, slots=True)
class Amount:
    """A quantity as read (`text` in `unit`) and its exact form in base units."""

    text: str
    unit: str
    exact: str


def _trimmed(value: Decimal, places: int) -> str:
    text = grouped(value, places)
    return text.rstrip("0").rstrip(".") if "." in text else text


def _tokens(value: int) -> tuple[str, str]:
    if get_language() != "en" and abs(value) >= WAN:
        return _trimmed(Decimal(value) / WAN, 2), _("10,000 tokens")
    if abs(value) >= WAN * 100:
        return _trimmed(Decimal(value) / (WAN * 100), 2), _("million tokens")
    return grouped(value), ngettext("token", "tokens", value)


SECONDS_PER_HOUR = 3600
SECONDS_PER_MONTH = 30 * 24 * 3600
"""A GB-month is 1,000 MB kept for 30 days."""


def _unit_of(unit: str) -> tuple[int, str] | None:
    """Base units per displayed unit, and the displayed unit's name."""
    return {
        "card_seconds": (SECONDS_PER_HOUR, _("card-hours")),
        "core_seconds": (SECONDS_PER_HOUR, _("core-hours")),
        "storage_mb_seconds": (1000 * SECONDS_PER_MONTH, _("GB-months")),
        "transfer_bytes": (10**9, _("GB")),
        "line_mbps_seconds": (SECONDS_PER_MONTH, _("Mbps-months")),
        "calls": (1, _("calls")),
        "images": (1, _("images")),
        "seconds": (SECONDS_PER_HOUR, _("hours")),
    }.get(unit)


def _base_name(unit: str) -> str:
    return unit.replace("_", "-").replace("mb-", "MB-").replace("mbps-", "Mbps-")


def quantity(value: int, unit: str) -> Amount:
    """Write an integer quantity in the field's unit; `unit` is the base unit's name.

    Known: any name ending in `tokens`, card_seconds, core_seconds, storage_mb_seconds,
    transfer_bytes, line_mbps_seconds, calls, images, seconds. Another unit is shown as it is.
    """
    base = unit.lower().replace("-", "_").replace(" ", "_")
    exact = f"{grouped(value)} {_base_name(base)}"
    if base.endswith("tokens"):
        text, name = _tokens(value)
        return Amount(text, name, exact)
    known = _unit_of(base)
    if known is None:
        return Amount(grouped(value), unit, exact)
    size, name = known
    return Amount(_trimmed(Decimal(value) / size, 2), name, exact)


def moment_text(value: datetime | date, style: str = "minute") -> str:
    """Write a moment in the local zone: `minute` (2026-03-01 09:30), `second`, or `day`."""
    if not isinstance(value, datetime):
        return value.isoformat()
    local = timezone.localtime(value) if timezone.is_aware(value) else value
    shape = {
        "minute": "%Y-%m-%d %H:%M",
        "second": "%Y-%m-%d %H:%M:%S",
        "day": "%Y-%m-%d",
    }[style]
    return local.strftime(shape)
