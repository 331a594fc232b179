"""The parts of a scheme that are lists: conditions, caps, layers of funding, windows."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import Any

from vouchers.grants.rules import facts, literals, quantities, refusals
from vouchers.grants.rules.provenance import ORIGIN_KEYS, Document, Origin, choice, origin
from vouchers.grants.rules.reading import Reader, nearest
from vouchers.grants.rules.scope import Expression, Predicate, Scope
from vouchers.grants.rules.wording import NAMES, Words

Documents = Mapping[str, Document]
LEVELS = ("national", "provincial", "city", "district", "park", "provider")
NAME = re.compile(r"[A-Za-z0-9_-]{1,40}", re.ASCII)


@dataclass(frozen=True)
class Rule:
    """One condition. `only_if` says when it applies; failing it refuses, or asks a person."""

    id: str
    title: Words
    must: Predicate
    only_if: Predicate | None
    asks_person: bool
    refusal: str
    words: Words | None
    origin: Origin

    @cached_property
    def _said(self) -> Words:
        return self.words or self.must.words()

    def said(self) -> Words:
        """The rule in words, made once."""
        return self._said


@dataclass(frozen=True, slots=True)
class Part:
    """One layer or item of the amount: base × rate up to its own limit, when it applies."""

    id: str
    title: Words
    level: str
    base: Expression | None
    rate: Expression
    limit: Expression | None
    only_if: Predicate | None
    origin: Origin


@dataclass(frozen=True, slots=True)
class Share:
    """What one level of government pays of each amount."""

    level: str
    share: Fraction
    origin: Origin


@dataclass(frozen=True, slots=True)
class Window:
    """Days on which applications are taken, both included."""

    opens: date
    closes: date


def rules(read: Reader, scope: Scope, known: Documents) -> tuple[Rule, ...]:
    """The conditions, in the order in which they are written."""
    keys = ("id", "title", "must", "only_if", "otherwise", "refuse", "words", *ORIGIN_KEYS)
    found = tuple(_rule(row, scope, known) for row in read.each("rules", keys))
    require_different(read, "rules", [rule.id for rule in found])
    return found


def _rule(read: Reader, scope: Scope, known: Documents) -> Rule:
    must = scope.condition(read.at("must"), read.raw("must"))
    otherwise = read.raw("otherwise") or "refuse"
    if otherwise not in {"refuse", "person"}:
        read.fault("otherwise", "unknown_choice", "refuse, person")
    refusal = read.raw("refuse") or "not_eligible"
    if refusal not in refusals.REFUSALS:
        read.fault("refuse", "unknown_refusal", nearest(str(refusal), refusals.REFUSALS))
    first = scope.facts.get(must.facts[0]) if must.facts else None
    return Rule(
        id=id_of(read),
        title=title_of(read, scope, first.title if first else None),
        must=must,
        only_if=only_if(read, scope),
        asks_person=otherwise == "person",
        refusal=str(refusal),
        words=literals.both(scope, read.at("words"), read.raw("words"))
        if "words" in read
        else None,
        origin=origin(read, scope, known),
    )


def parts(read: Reader, scope: Scope, known: Documents) -> tuple[Part, ...]:
    """Layers and items that add up to the amount."""
    keys = ("id", "title", "level", "base", "rate", "limit", "only_if", *ORIGIN_KEYS)
    found = tuple(_part(row, scope, known) for row in read.each("parts", keys))
    require_different(read, "parts", [part.id for part in found])
    return found


def _part(read: Reader, scope: Scope, known: Documents) -> Part:
    def optional(name: str) -> Expression | None:
        return scope.value(read.at(name), read.raw(name), scope.unit) if name in read else None

    level = read.raw("level") or ""
    if level and level not in LEVELS:
        read.fault("level", "unknown_choice", nearest(str(level), LEVELS))
    return Part(
        id=id_of(read),
        title=title_of(read, scope, NAMES.get(str(level))),
        level=str(level),
        base=optional("base"),
        rate=scope.value(read.at("rate"), read.raw("rate"), "share"),
        limit=optional("limit"),
        only_if=only_if(read, scope),
        origin=origin(read, scope, known),
    )


def funding(read: Reader, scope: Scope, known: Documents) -> tuple[Share, ...]:
    """Who pays which share; together they pay the whole."""
    found = []
    for row in read.each("funding", ("level", "share", *ORIGIN_KEYS)):
        level = choice(LEVELS)(scope, row.at("level"), row.raw("level"))
        share = scope.read(row.at("share"), quantities.share, row.raw("share"))
        found.append(Share(level or "", share or Fraction(0), origin(row, scope, known)))
    if found and sum(each.share for each in found) != 1:
        read.fault("funding", "not_the_whole")
    return tuple(found)


def windows(scope: Scope, path: str, raw: Any) -> tuple[Window, ...] | None:
    """Spans of days on which applications are taken."""
    if not isinstance(raw, list) or not raw or not all(isinstance(row, dict) for row in raw):
        scope.fault(path, "not_a_list")
        return None
    found = []
    for index, row in enumerate(raw):
        at = Reader(row, ("opens", "closes"), f"{path}/{index}", scope.faults)
        opens = scope.read(at.at("opens"), facts.day, row.get("opens"))
        closes = scope.read(at.at("closes"), facts.day, row.get("closes"))
        if opens and closes and closes < opens:
            at.fault("closes", "window_backwards")
        if opens and closes:
            found.append(Window(opens, closes))
    return tuple(found)


def only_if(read: Reader, scope: Scope) -> Predicate | None:
    """The condition under which an entry applies."""
    return scope.condition(read.at("only_if"), read.raw("only_if")) if "only_if" in read else None


def id_of(read: Reader) -> str:
    """The id of one entry."""
    name = read.raw("id")
    if not isinstance(name, str) or not NAME.fullmatch(name):
        read.fault("id", "not_a_name")
    return str(name)


def title_of(read: Reader, scope: Scope, usual: Words | None) -> Words:
    """The title of one entry: its own, that of its id, or the usual one."""
    if "title" in read:
        return literals.both(scope, read.at("title"), read.raw("title"))
    return (
        TITLES.get(str(read.raw("id"))) or usual or Words(str(read.raw("id")), str(read.raw("id")))
    )


def require_different(read: Reader, name: str, ids: list[str]) -> None:
    """Note ids that were used before."""
    for index, each in enumerate(ids):
        if each in ids[:index]:
            read.fault(f"{name}/{index}/id", "used_twice")


TITLES = {
    "voucher": Words("单券上限", "Limit for one voucher"),
    "order": Words("单笔上限", "Limit for one order"),
    "decision": Words("单次上限", "Limit for one decision"),
    "firm_year": Words("企业年度上限", "Yearly limit of the enterprise"),
    "firm_year_redeemed": Words("企业年度兑付上限", "Yearly limit of what is redeemed"),
    "firm_half_year": Words("企业半年上限", "Half-yearly limit of the enterprise"),
    "firm_lifetime": Words("企业累计上限", "Lifetime limit of the enterprise"),
    "project": Words("单个项目上限", "Limit for one project"),
    "provider_pool": Words("供给方资金池", "Pool of the provider"),
    "pool": Words("资金池", "Pool"),
    "budget": Words("项目预算", "Budget of the scheme"),
    "same_contract": Words("同一合同只申领一次", "One claim for each contract"),
    "one_direction": Words("每家只获一个方向", "One direction for each applicant"),
}
