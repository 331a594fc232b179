"""Says values of every type in both languages."""

from typing import Any

from accounts.rules import regions
from vouchers.grants.rules import wording
from vouchers.grants.rules.facts import Fact
from vouchers.grants.rules.wording import NAMES, Words

UNKNOWN = NAMES["unknown"]
REFUSED = Words("不予支持", "refused")
RATE, BASE, CAP = (
    Words("比例", "rate"),
    Words("计算基数", "base"),
    Words("限制额度的上限", "binding cap"),
)
JUDGED = Words("原决定由人工作出", "the decision was a person's")


def value(kind: str, seen: Any, fact: Fact | None = None) -> Words:
    """One value by its type; a value of a choice by the words of its fact."""
    if seen is None:
        return UNKNOWN
    if kind == "money":
        return _same(wording.yuan(seen))
    if kind == "card_hours":
        return Words(f"{wording.decimal(seen)} 卡时", f"{wording.decimal(seen)} card-hours")
    if kind == "share":
        return _same(wording.share(seen))
    if kind == "flag":
        return Words("是", "yes") if seen else Words("否", "no")
    if kind == "region":
        return place(seen)
    if isinstance(seen, frozenset):
        return several(seen, fact) if seen else Words("无", "none")
    if kind == "records":
        return Words(f"{len(seen)} 项", f"{len(seen)} entries")
    return one(str(seen), fact)


def one(seen: str, fact: Fact | None = None) -> Words:
    """A name by the words of its fact, else by those everybody uses, else as it stands."""
    own = dict(fact.choices) if fact else {}
    return own.get(seen) or NAMES.get(seen) or _same(seen)


def several(names: frozenset[str], fact: Fact | None = None) -> Words:
    """Names in the order of the fact's choices, else by alphabet."""
    order = [name for name, _words in fact.choices] if fact else []
    known = [name for name in order if name in names]
    return wording.joined([one(name, fact) for name in [*known, *sorted(names - set(known))]])


def place(code: str) -> Words:
    """A place by its full name; the code itself for one that this edition does not know."""
    try:
        return Words(regions.full_name_of(code), regions.full_name_of(code, "en"))
    except regions.InvalidRegion:
        return _same(code)


def _same(text: str) -> Words:
    return Words(text, text)
