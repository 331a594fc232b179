"""Holds single rules against what is known, each with its sentence."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from vouchers.grants.rules import amounts, saying, wording
from vouchers.grants.rules.amounts import Wanted
from vouchers.grants.rules.answers import CapLine, Outcome, RuleCheck
from vouchers.grants.rules.caps import Cap
from vouchers.grants.rules.facts import Fact
from vouchers.grants.rules.parts import Rule
from vouchers.grants.rules.provenance import NOWHERE, Origin
from vouchers.grants.rules.schemes import SchemeRules
from vouchers.grants.rules.wording import Words

WINDOW = Words("申领时间", "Application dates")
KIND = Words("券种", "Kind of voucher")
BASE = Words("计算基数", "Base")
RATE = Words("比例", "Rate")
MINIMUM = Words("最低额度", "Least amount")
UNKNOWN = wording.NAMES["unknown"]
STATED = Words("须由人工核定", "must be found by a person")
NOT_COVERED = "not_covered"
"""A size that the national standard does not give: a person decides, no rule refuses."""
SKIPPED = Words("不适用", "does not apply")


def window(
    rules: SchemeRules, opens: date | None, closes: date | None, day: date | None, source: str
) -> Iterator[RuleCheck]:
    """The days of the published scheme, and the windows of its rules."""
    if opens and closes and day:
        yield RuleCheck(
            "window",
            WINDOW,
            lambda: _same(str(day)),
            "pass" if opens <= day <= closes else "fail",
            lambda: _span(opens, closes),
            Origin("", source, "", ""),
            "" if opens <= day <= closes else "outside_window",
        )
    if rules.windows is None:
        return
    spans = rules.windows.value
    inside = day is not None and any(each.opens <= day <= each.closes for each in spans)

    def said() -> Words:
        return wording.joined([_span(each.opens, each.closes) for each in spans])

    outcome: Outcome = "person" if day is None else "pass" if inside else "fail"
    refusal = "outside_window" if outcome == "fail" else ""
    seen = UNKNOWN if day is None else _same(str(day))
    yield RuleCheck("windows", WINDOW, lambda: seen, outcome, said, rules.windows.origin, refusal)


def kind(
    rules: SchemeRules, kinds: tuple[str, ...], asked: str | None, source: str
) -> Iterator[RuleCheck]:
    """The kind of voucher asked for."""
    if not kinds:
        return
    origin = rules.kinds.origin if rules.kinds else Origin("", source, "", "")
    fact = next((each for each in rules.facts if each.name == "kind"), None)
    outcome: Outcome = "person" if asked is None else "pass" if asked in kinds else "fail"
    words = Words("发放{kinds}", "the scheme issues: {kinds}")
    yield RuleCheck(
        "kind",
        KIND,
        lambda: UNKNOWN if asked is None else saying.one(asked, fact),
        outcome,
        lambda: words.filled(kinds=wording.joined([saying.one(each, fact) for each in kinds])),
        origin,
        "kind_not_offered" if outcome == "fail" else "",
    )


def rules(scheme: SchemeRules, known: Mapping[str, Any]) -> Iterator[RuleCheck]:
    """Each condition that is in force on the day."""
    day, facts = known.get("day"), scheme.names
    for rule in scheme.rules:
        if rule.origin.is_in_force(day):
            yield _held(rule, known, facts)


def _held(rule: Rule, known: Mapping[str, Any], facts: Mapping[str, Fact]) -> RuleCheck:
    applies = True if rule.only_if is None else rule.only_if.run(known)
    if applies is False:
        return RuleCheck(rule.id, rule.title, _skipped, "pass", rule.said, rule.origin)
    holds = rule.must.run(known)
    names = rule.must.facts

    def saw() -> Words:
        return seen_of(names, known, facts)

    if holds:
        return RuleCheck(rule.id, rule.title, saw, "pass", rule.said, rule.origin)
    is_open = rule.asks_person or ("size" in names and known.get("size") == NOT_COVERED)
    if holds is None or applies is None or is_open:
        return RuleCheck(rule.id, rule.title, saw, "person", rule.said, rule.origin)
    return RuleCheck(rule.id, rule.title, saw, "fail", rule.said, rule.origin, rule.refusal)


def _skipped() -> Words:
    return SKIPPED


def seen_of(names: Sequence[str], known: Mapping[str, Any], facts: Mapping[str, Fact]) -> Words:
    """The values of several facts; with their titles when there is more than one."""
    asked = [facts[name] for name in names]
    said = [(each.title, saying.value(each.type, known.get(each.name), each)) for each in asked]
    if len(said) == 1:
        return said[0][1]
    return Words(
        "；".join(f"{title.zh}：{value.zh}" for title, value in said),
        "; ".join(f"{title.en}: {value.en}" for title, value in said),
    )


def known_amount(scheme: SchemeRules, found: Wanted, wanted_fen: int | None) -> Iterator[RuleCheck]:
    """Asks a person where base or rate cannot be worked out."""
    if wanted_fen is not None:
        return
    is_base = found.base is None and scheme.base is not None
    name, title = ("base", BASE) if is_base else ("rate", RATE)
    sourced = scheme.base if is_base else (scheme.rate or scheme.amount or scheme.ceiling)
    words = sourced.value.words if sourced else lambda: STATED
    yield RuleCheck(name, title, lambda: UNKNOWN, "person", words, sourced.origin if sourced else NOWHERE)  # fmt: skip


def enough(
    scheme: SchemeRules, wanted_fen: int | None, minimum_fen: int | None
) -> Iterator[RuleCheck]:
    """The amount before caps reaches the least amount."""
    sourced = scheme.minimum or scheme.rate or scheme.amount or scheme.rounding
    least = max(minimum_fen or 0, 1)
    if wanted_fen is None or minimum_fen is None:
        outcome: Outcome = "person"
    else:
        outcome = "pass" if wanted_fen >= least else "fail"
    unit = scheme.unit

    def words() -> Words:
        if minimum_fen is None:
            return STATED
        return Words("不少于{least}", "at least {least}").filled(least=saying.value(unit, least))

    yield RuleCheck(
        "minimum",
        MINIMUM,
        lambda: saying.value(unit, wanted_fen),
        outcome,
        words,
        sourced.origin,
        "below_minimum" if outcome == "fail" else "",
    )


def unclear_caps(caps: Iterable[Cap]) -> Iterator[RuleCheck]:
    """Asks a person about a cap of which the limit, the key or whether it applies is not known."""
    for cap in caps:
        yield RuleCheck(cap.id, cap.title, lambda: UNKNOWN, "person", cap.limit.words, cap.origin)


def room(caps: Sequence[CapLine], rounding: str, needed: int) -> Iterator[RuleCheck]:
    """A cap fails when what is left, cut to the rounding, is less than the least amount that could be granted."""
    for cap in caps:
        if not cap.is_applied:
            continue
        enough_left = cap.left_fen >= 1 if cap.is_count else amounts.cut(cap.left_fen, rounding) >= needed  # fmt: skip
        yield _cap_check(cap, holds=enough_left)


def _cap_check(cap: CapLine, *, holds: bool) -> RuleCheck:
    unit = "integer" if cap.is_count else cap.unit

    def saw() -> Words:
        return Words("剩余 {left}", "{left} left").filled(left=saying.value(unit, cap.left_fen))

    def words() -> Words:
        return Words("最多 {limit}", "at most {limit}").filled(
            limit=saying.value(unit, cap.limit_fen)
        )

    refusal = "" if holds else cap.refusal
    return RuleCheck(
        cap.name, cap.title, saw, "pass" if holds else "fail", words, cap.origin, refusal
    )


def _span(first: date, last: date) -> Words:
    return Words(f"{first} 至 {last}", f"{first} to {last}")


def _same(text: str) -> Words:
    return Words(text, text)
