"""A scheme's rules, read from data. Every value carries the document and article it comes from.

Amounts in the data are exact texts in yuan ("5000.00"), shares are texts ("30%", "0.3" or "3/10"): a JSON number
is refused, because it may already have lost digits. Inside, amounts are integer fen and shares exact fractions.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Generic, TypeVar

from vouchers.grants.rules.quantities import Fault
from vouchers.grants.rules.reading import Reader, RulesInvalid

Value = TypeVar("Value")

FORMAT = 1

KINDS = frozenset({"compute", "storage", "network"})
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
SIZES = frozenset({"large", "medium", "small", "micro"})
SECTIONS = frozenset("ABCDEFGHIJKLMNOPQRST")
BASES = frozenset({"planned_spend"})
ROUNDINGS = frozenset({"floor_yuan", "floor_fen", "half_up_fen"})
SETTLEMENT_PERIODS = frozenset({"monthly", "quarterly", "half_yearly", "yearly"})
REDEEMERS = frozenset({"provider", "enterprise"})

_KEYS = frozenset(
    {
        "format", "base", "rate", "rate_by_kind", "share", "rounding", "minimum_yuan", "firm_year_cap_yuan",
        "voucher_cap_yuan", "validity_months", "notice_days", "settlement_period", "redeemed_by", "transferable",
        "sizes", "sections", "applicant_regions", "coverage", "extension_months",
    }
)  # fmt: skip
_COVERAGE_KEYS = frozenset({"layers", "meters", "regions", "providers", "domestic_chip"})


@dataclass(frozen=True, slots=True)
class Sourced(Generic[Value]):
    """A rule's value and where it is written."""

    value: Value
    source: str
    article: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """What a voucher may pay for; None means that the scheme does not narrow it."""

    layers: Sourced[frozenset[str]] | None = None
    meters: Sourced[frozenset[str]] | None = None
    regions: Sourced[frozenset[str]] | None = None
    providers: Sourced[frozenset[str]] | None = None
    domestic_chip: Sourced[bool] | None = None


@dataclass(frozen=True, slots=True)
class SchemeRules:
    """All rules of one version of a scheme. Amounts in fen; None means that the scheme has no such rule.

    `rate` turns the base into the voucher's amount; `share` is the part of each eligible bill that the voucher
    pays (the rate, unless the scheme says otherwise). `rate_by_kind` overrides the rate for a kind of voucher.
    """

    base: Sourced[str]
    rate: Sourced[Fraction]
    rounding: Sourced[str]
    validity_months: Sourced[int]
    notice_days: Sourced[int]
    settlement_period: Sourced[str]
    redeemed_by: Sourced[str]
    transferable: Sourced[bool]
    rate_by_kind: Mapping[str, Sourced[Fraction]]
    share: Sourced[Fraction] | None
    minimum: Sourced[int] | None
    firm_year_cap: Sourced[int] | None
    voucher_cap: Sourced[int] | None
    sizes: Sourced[frozenset[str]] | None
    sections: Sourced[frozenset[str]] | None
    applicant_regions: Sourced[frozenset[str]] | None
    extension_months: Sourced[int] | None
    coverage: Coverage

    def rate_for(self, kind: str) -> Sourced[Fraction]:
        """The rate for a kind of voucher."""
        return self.rate_by_kind.get(kind, self.rate)

    def share_for(self, kind: str) -> Sourced[Fraction]:
        """The part of an eligible bill that a voucher of that kind pays."""
        return self.share or self.rate_for(kind)


def from_json(data: Any) -> SchemeRules:
    """Read the rules; raises RulesInvalid naming every fault by its path and code."""
    read = Reader(data, _KEYS)
    if read.raw("format") != FORMAT:
        read.fault("format", "unknown_format")
    rules = SchemeRules(
        base=_sourced(read, "base", _choice(BASES), required=True),
        rate=_sourced(read, "rate", _share, required=True),
        rounding=_sourced(read, "rounding", _choice(ROUNDINGS), required=True),
        validity_months=_sourced(read, "validity_months", _whole(1, 120), required=True),
        notice_days=_sourced(read, "notice_days", _whole(0, 365), required=True),
        settlement_period=_sourced(
            read, "settlement_period", _choice(SETTLEMENT_PERIODS), required=True
        ),
        redeemed_by=_sourced(read, "redeemed_by", _choice(REDEEMERS), required=True),
        transferable=_sourced(read, "transferable", _never_transferable, required=True),
        rate_by_kind=_rates(read),
        share=_sourced(read, "share", _share),
        minimum=_sourced(read, "minimum_yuan", _fen),
        firm_year_cap=_sourced(read, "firm_year_cap_yuan", _fen),
        voucher_cap=_sourced(read, "voucher_cap_yuan", _fen),
        sizes=_sourced(read, "sizes", _subset(SIZES)),
        sections=_sourced(read, "sections", _subset(SECTIONS)),
        applicant_regions=_sourced(read, "applicant_regions", _places),
        extension_months=_sourced(read, "extension_months", _whole(1, 60)),
        coverage=_coverage(read),
    )
    _check_caps(rules, read)
    read.finish()
    return rules


def _rates(read: Reader) -> dict[str, Sourced[Fraction]]:
    inner = read.inner("rate_by_kind", KINDS)
    found = {kind: _sourced(inner, kind, _share) for kind in sorted(inner.keys & KINDS)}
    return {kind: rate for kind, rate in found.items() if rate is not None}


def _coverage(read: Reader) -> Coverage:
    inner = read.inner("coverage", _COVERAGE_KEYS)
    return Coverage(
        layers=_sourced(inner, "layers", _subset(frozenset().union(*LAYERS_OF_KIND.values()))),
        meters=_sourced(inner, "meters", _subset(METERS)),
        regions=_sourced(inner, "regions", _places),
        providers=_sourced(inner, "providers", _texts),
        domestic_chip=_sourced(inner, "domestic_chip", _flag),
    )


def _check_caps(rules: SchemeRules, read: Reader) -> None:
    """A cap below the minimum would refuse everybody."""
    for name, cap in (
        ("firm_year_cap_yuan", rules.firm_year_cap),
        ("voucher_cap_yuan", rules.voucher_cap),
    ):
        if cap and rules.minimum and cap.value < rules.minimum.value:
            read.fault(f"{name}.value", "below_minimum")
        if cap and rules.rounding and rules.rounding.value == "floor_yuan" and cap.value < 100:
            read.fault(f"{name}.value", "below_one_yuan")


def _sourced(read: Reader, name: str, parse: Any, *, required: bool = False) -> Any:
    """One value with its source; None when absent or faulty (the fault is noted)."""
    if name not in read.keys:
        if required:
            read.fault(name, "missing")
        return None
    inner = read.inner(name, frozenset({"value", "source", "article"}))
    for key in ("source", "article"):
        text = inner.raw(key)
        if not isinstance(text, str) or not text.strip():
            inner.fault(key, "missing")
    try:
        value = parse(inner.raw("value"))
    except Fault as fault:
        inner.fault("value", fault.code)
        return None
    return Sourced(value, str(inner.raw("source")), str(inner.raw("article")))


_DECIMAL = re.compile(r"(?:0|[1-9][0-9]{0,8})(?:\.[0-9]{1,6})?", re.ASCII)
_PARTS = re.compile(r"([0-9]{1,9})/([1-9][0-9]{0,8})", re.ASCII)


def _share(raw: Any) -> Fraction:
    """A share such as "30%", "0.3" or "3/10": above 0 and at most 1."""
    text = _text(raw)
    parts = _PARTS.fullmatch(text)
    if parts:
        value = Fraction(int(parts[1]), int(parts[2]))
    elif _DECIMAL.fullmatch(text.removesuffix("%")):
        value = Fraction(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    else:
        raise Fault("not_a_share")
    if value <= 0:
        raise Fault("not_positive")
    if value > 1:
        raise Fault("above_whole")
    return value


_YUAN = re.compile(r"(?:0|[1-9][0-9]{0,12})(?:\.[0-9]{1,2})?", re.ASCII)


def _fen(raw: Any) -> int:
    text = _text(raw)
    if not _YUAN.fullmatch(text):
        raise Fault("not_an_amount")
    fen = int(Fraction(text) * 100)
    if fen <= 0:
        raise Fault("not_positive")
    return fen


def _text(raw: Any) -> str:
    if not isinstance(raw, str):
        raise Fault("not_a_text")
    return raw


def _whole(low: int, high: int) -> Any:
    def parse(raw: Any) -> int:
        if isinstance(raw, bool) or not isinstance(raw, int):
            raise Fault("not_a_whole_number")
        if not low <= raw <= high:
            raise Fault("out_of_range")
        return raw

    return parse


def _choice(known: frozenset[str]) -> Any:
    def parse(raw: Any) -> str:
        if not isinstance(raw, str) or raw not in known:
            raise Fault("unknown_choice")
        return raw

    return parse


def _texts(raw: Any) -> frozenset[str]:
    if (
        not isinstance(raw, list)
        or not raw
        or not all(isinstance(each, str) and each for each in raw)
    ):
        raise Fault("not_a_list_of_texts")
    return frozenset(raw)


def _subset(known: frozenset[str]) -> Any:
    def parse(raw: Any) -> frozenset[str]:
        found = _texts(raw)
        if not found <= known:
            raise Fault("unknown_choice")
        return found

    return parse


def _places(raw: Any) -> frozenset[str]:
    found = _texts(raw)
    if not all(re.fullmatch(r"[0-9]{6}", code, re.ASCII) for code in found):
        raise Fault("not_a_region")
    return found


def _flag(raw: Any) -> bool:
    if not isinstance(raw, bool):
        raise Fault("not_a_flag")
    return raw


def _never_transferable(raw: Any) -> bool:
    """Vouchers cannot be transferred, given, sold or lent, in any scheme."""
    if _flag(raw):
        raise Fault("transferable")
    return False


__all__ = ["Coverage", "RulesInvalid", "SchemeRules", "Sourced", "from_json"]
