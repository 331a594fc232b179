"""A scheme's rules, read from data. Every value carries the document and article it comes from.

Amounts in the data are exact texts in yuan ("5000.00"), shares are texts ("30%", "0.3" or "3/10"): a JSON number with
a fraction is refused, because it may already have lost digits. Inside, amounts are integer fen and shares exact
fractions. The format is described in docs/schemes.md.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import lru_cache
from typing import Any

from common.periods import add_months
from vouchers.grants.rules import (
    caps,
    coverage,
    declared,
    expressions,
    facts,
    literals,
    parts,
    predicates,
    provenance,
    quantities,
)
from vouchers.grants.rules.caps import Cap
from vouchers.grants.rules.coverage import Coverage
from vouchers.grants.rules.facts import Fact
from vouchers.grants.rules.parts import Part, Rule, Share, Window
from vouchers.grants.rules.provenance import Document, Sourced, bounded, choice
from vouchers.grants.rules.reading import Reader, RulesInvalid
from vouchers.grants.rules.scope import Expression, Missing, Scope
from vouchers.grants.rules.wording import Words

FORMAT = 2

MODES = (
    "pre_issue", "deduct_now", "post_subsidy", "automatic", "earn_back", "provider_pool", "target_contract",
    "free_quota",
)  # fmt: skip
ROUNDINGS = ("floor_yuan", "floor_fen", "half_up_fen", "half_up_yuan", "floor_unit")
SETTLEMENT_PERIODS = ("monthly", "quarterly", "half_yearly", "yearly")
REDEEMERS = ("provider", "enterprise")
UNITS = ("money", "card_hours")
PAYS_BACK = "post_subsidy"
"""The mode whose vouchers pay no bill: the firm pays by itself, and claims the scheme's share afterwards."""
VALID_MODES = frozenset({"pre_issue", "earn_back", "free_quota"})
"""Modes whose vouchers live on after the decision, so that they need a validity."""

PAID_ELSEWHERE = ("automatic", "target_contract", "provider_pool")
"""Modes whose amounts the bureau pays out itself: they are examined, approved and announced, and issue no voucher."""

_KEYS = (
    "format", "id", "version", "name", "issuer", "region", "unit", "documents", "facts", "mode", "kinds", "windows",
    "rules", "base", "rate", "parts", "amount", "ceiling", "deduct", "share_out", "share", "rounding", "minimum",
    "caps", "budget", "funding", "validity_months", "extension_months", "valid_until",
    "notice_days", "answer_days", "settlement_period", "redeemed_by",
    "transferable", "covers", "missing",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SchemeRules:
    """All rules of one version of a scheme. None means that the scheme has no such rule.

    Either `base` and `rate`, or `base` and `parts`, or `amount` make what is wanted. `share` is the part of each
    eligible bill that a voucher pays (the rate, unless the scheme says otherwise). `facts` are those that the rules
    ask, `missing` the figures that the source does not give: such a scheme is never published and never issues.
    """

    id: str
    version: int
    name: Words
    issuer: Words
    region: str
    unit: str
    documents: Mapping[str, Document]
    facts: tuple[Fact, ...]
    names: Mapping[str, Fact]
    missing: tuple[Missing, ...]
    mode: Sourced[Expression] | None
    kinds: Sourced[tuple[str, ...]] | None
    windows: Sourced[tuple[Window, ...]] | None
    rules: tuple[Rule, ...]
    base: Sourced[Expression] | None
    rate: Sourced[Expression] | None
    parts: tuple[Part, ...]
    amount: Sourced[Expression] | None
    ceiling: Sourced[Expression] | None
    deduct: Sourced[Expression] | None
    share_out: Sourced[Expression] | None
    share: Sourced[Expression] | None
    rounding: Sourced[str]
    minimum: Sourced[Expression] | None
    caps: tuple[Cap, ...]
    budget: Sourced[Expression] | None
    funding: tuple[Share, ...]
    validity_months: Sourced[int] | None
    valid_until: Sourced[date] | None
    extension_months: Sourced[int] | None
    notice_days: Sourced[int]
    answer_days: Sourced[int] | None
    settlement_period: Sourced[str] | None
    redeemed_by: Sourced[str] | None
    transferable: Sourced[bool] | None
    coverage: Coverage

    @property
    def is_complete(self) -> bool:
        """Tell whether no figure is missing."""
        return not self.missing

    def lasts_until(self, day: date) -> date:
        """The last day of a voucher issued on a day; a year where the scheme says nothing."""
        if self.valid_until:
            return self.valid_until.value
        return add_months(day, self.validity_months.value if self.validity_months else 12)

    def cap(self, name: str) -> Cap | None:
        """The cap of that name."""
        return next((cap for cap in self.caps if cap.id == name), None)


def from_json(data: Any) -> SchemeRules:
    """Read the rules; raises RulesInvalid naming every fault by its path, code and hint.

    Rules that were read before are answered from memory: they are immutable.
    """
    return _read(json.dumps(data, ensure_ascii=False, default=str))


@lru_cache(maxsize=512)
def _read(text: str) -> SchemeRules:
    read = Reader(json.loads(text), _KEYS)
    if read.raw("format") != FORMAT:
        read.fault("format", "unknown_format", f"format: {FORMAT}")
    unit = read.raw("unit") or "money"
    if unit not in UNITS:
        read.fault("unit", "unknown_choice", ", ".join(UNITS))
        unit = "money"
    missing: list[Missing] = []
    scope = Scope(
        facts=declared.facts(read, str(unit)),
        faults=read.faults,
        missing=missing,
        values=expressions.compiled,
        conditions=predicates.compiled,
        unit=str(unit),
    )
    rules = _rules(read, scope, missing)
    read.finish()
    return rules


_VALUES = {
    "mode": "choice", "base": "", "rate": "share", "amount": "", "ceiling": "share", "deduct": "", "share_out": "",
    "share": "share", "minimum": "", "budget": "",
}  # fmt: skip
"""Single values that are expressions, and their types; the scheme's own unit where none is given."""

_PLAIN: Mapping[str, Any] = {
    "windows": parts.windows,
    "validity_months": bounded(1, 120),
    "valid_until": provenance.plain(facts.day),
    "extension_months": bounded(1, 60),
    "notice_days": bounded(0, 365),
    "answer_days": bounded(1, 90),
    "settlement_period": choice(SETTLEMENT_PERIODS),
    "redeemed_by": choice(REDEEMERS),
    "transferable": provenance.plain(lambda raw: _never_transferable(raw)),
}
"""Single values that are no expressions. Each may be {unknown: …}."""


def _rules(read: Reader, scope: Scope, missing: list[Missing]) -> SchemeRules:
    known = provenance.documents(read, scope)
    kinds = declared.kinds(read, scope, known)  # first: rules speak of the scheme's own kinds
    values: dict[str, Any] = {
        "kinds": kinds,
        "parts": parts.parts(read, scope, known),
        "caps": caps.caps(read, scope, known),
        "funding": parts.funding(read, scope, known),
        "coverage": coverage.read(read, scope, known),
        "rounding": provenance.sourced(read, scope, known, "rounding", choice(ROUNDINGS)),
    }
    for name, kind in _VALUES.items():
        values[name] = provenance.sourced(read, scope, known, name, _expression(kind or scope.unit))
    for name, parse in _PLAIN.items():
        values[name] = provenance.sourced(read, scope, known, name, _or_unknown(parse))
    values["notice_days"] = values["notice_days"] or Sourced(0, provenance.NOWHERE)
    read_rules = parts.rules(read, scope, known)
    _check_whole(read, scope, values)
    _check_missing(read, scope)
    return SchemeRules(
        id=str(read.raw("id") or ""),
        version=scope.read("version", quantities.whole, read.raw("version") or 1) or 1,
        name=_words(read, scope, "name"),
        issuer=_words(read, scope, "issuer"),
        region=str(read.raw("region") or ""),
        unit=scope.unit,
        documents=known,
        facts=declared.needed(scope, read_rules, values),
        names=scope.facts,
        missing=tuple(missing),
        rules=read_rules,
        **values,
    )


def _expression(kind: str) -> Any:
    return lambda scope, path, raw: scope.value(path, raw, kind)


def _check_whole(read: Reader, scope: Scope, values: Mapping[str, Any]) -> None:
    """Name what no scheme can do without, and what cannot stand together."""
    for name in ("mode", "rounding"):
        if name not in read:
            read.fault(name, "missing")
    ways = [name for name in ("rate", "parts", "amount") if name in read]
    if len(ways) != 1:
        read.fault("rate", "one_way", "rate, parts, amount")
    own_bases = bool(values["parts"]) and all(each.base for each in values["parts"])
    if "base" not in read and "amount" not in read and not own_bases:
        read.fault("base", "missing")
    mode = values["mode"]
    if mode and not mode.value.facts:
        seen = mode.value.run({})
        if seen is not None and seen not in MODES:
            read.fault("mode/value", "unknown_choice", ", ".join(MODES))
        if seen in VALID_MODES and not (values["validity_months"] or values["valid_until"]):
            path = "validity_months"
            if path not in read and "valid_until" not in read:
                scope.missing.append(Missing(path, Words("有效期", "validity of the voucher")))
    _check_caps(read, values)


def _check_caps(read: Reader, values: Mapping[str, Any]) -> None:
    """A cap below the minimum, or below the step of rounding, would refuse everybody."""
    minimum, rounding = values["minimum"], values["rounding"]
    least = minimum.value.run({}) if minimum and not minimum.value.facts else None
    steps = {"floor_yuan", "half_up_yuan", "floor_unit"}
    for index, cap in enumerate(values["caps"]):
        limit = None if cap.limit.facts or cap.is_count else cap.limit.run({})
        if limit is not None and least is not None and limit < least:
            read.fault(f"caps/{index}/limit", "below_minimum")
        if limit is not None and rounding and rounding.value in steps and limit < 100:
            read.fault(f"caps/{index}/limit", "below_one_yuan")


def _check_missing(read: Reader, scope: Scope) -> None:
    """Points that the author knows to be open: they keep the scheme incomplete."""
    rows = read.raw("missing")
    if rows is None:
        return
    if not isinstance(rows, list) or not rows:
        read.fault("missing", "not_a_list")
        return
    for index, row in enumerate(rows):
        path = read.at(f"missing/{index}")
        scope.missing.append(Missing(path, literals.both(scope, path, row)))


def _or_unknown(parse: Any) -> Any:
    """The same parser, which also takes {unknown: "what is missing"}."""

    def either(scope: Scope, path: str, raw: Any) -> Any:
        if isinstance(raw, dict) and raw.keys() == {"unknown"}:
            literals.unknown(scope, path, raw["unknown"], "number")
            return None
        return parse(scope, path, raw)

    return either


def _words(read: Reader, scope: Scope, name: str) -> Words:
    return literals.both(scope, name, read.raw(name)) if name in read else Words("", "")


def _never_transferable(raw: Any) -> bool:
    """Vouchers cannot be transferred, given, sold or lent, in any scheme."""
    if facts.flag(raw):
        raise quantities.Fault("transferable")
    return False


__all__ = ["Coverage", "Fraction", "RulesInvalid", "SchemeRules", "Sourced", "from_json"]
