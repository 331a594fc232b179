"""Compiles conditions: comparisons of values, joined by all, any and not. What is not known stays not known."""

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from vouchers.grants.rules import literals, saying
from vouchers.grants.rules.places import lies_in
from vouchers.grants.rules.reading import nearest
from vouchers.grants.rules.scope import (
    ROW,
    SETS,
    WORDED,
    Expression,
    Known,
    Predicate,
    Scope,
    alike,
    only,
    together,
)
from vouchers.grants.rules.wording import Words, joined

Compare = Callable[[Any, Any], bool]

_ONE: Mapping[str, tuple[Compare, Words]] = {
    "is": (operator.eq, Words("为{right}", "is {right}")),
    "is_not": (operator.ne, Words("不为{right}", "is not {right}")),
    "at_least": (operator.ge, Words("不低于{right}", "is at least {right}")),
    "more_than": (operator.gt, Words("高于{right}", "is more than {right}")),
    "at_most": (operator.le, Words("不超过{right}", "is at most {right}")),
    "less_than": (operator.lt, Words("低于{right}", "is less than {right}")),
    "on_or_after": (operator.ge, Words("不早于{right}", "is on or after {right}")),
    "after": (operator.gt, Words("晚于{right}", "is after {right}")),
    "on_or_before": (operator.le, Words("不晚于{right}", "is on or before {right}")),
    "before": (operator.lt, Words("早于{right}", "is before {right}")),
}
_MANY: Mapping[str, tuple[Compare, Words]] = {
    "in": (lambda left, right: left in right, Words("属于：{right}", "is one of: {right}")),
    "not_in": (
        lambda left, right: left not in right,
        Words("不属于：{right}", "is none of: {right}"),
    ),
    "within": (
        lambda left, right: any(lies_in(left, wide) for wide in right),
        Words("位于{right}", "lies in {right}"),
    ),
    "not_within": (
        lambda left, right: not any(lies_in(left, wide) for wide in right),
        Words("不位于{right}", "does not lie in {right}"),
    ),
    "has": (
        lambda left, right: bool(left & right),
        Words("包含{right}之一", "includes one of {right}"),
    ),
    "has_any": (
        lambda left, right: bool(left & right),
        Words("包含{right}之一", "includes one of {right}"),
    ),
    "has_all": (lambda left, right: left >= right, Words("包含{right}", "includes {right}")),
    "has_none": (
        lambda left, right: not left & right,
        Words("不包含{right}", "includes none of {right}"),
    ),
}
OPERATORS = (*_ONE, *_MANY, "known")
_JOINS = ("all", "any", "not", "exists", "every")
_ORDERED = {"money", "card_hours", "integer", "number", "share", "date"}


def compiled(scope: Scope, path: str, raw: Any) -> Predicate:
    """A condition; faults are noted."""
    if not isinstance(raw, dict) or not raw:
        scope.fault(path, "not_a_condition", "fact, value, all, any, not")
        return _never()
    heads = raw.keys() & {"fact", "field", "value", *_JOINS}
    if len(heads) != 1:
        wrong = next((str(name) for name in raw if name not in OPERATORS), "")
        scope.fault(path, "not_a_condition", nearest(wrong, ("fact", "field", "value", *_JOINS)))
        return _never()
    [head] = heads
    if head in {"all", "any"}:
        return _joined(scope, path, raw, head)
    if head == "not":
        return _negated(scope, path, raw)
    if head in {"exists", "every"}:
        return _quantified(scope, path, raw, head)
    return _compared(scope, path, raw, head)


def _compared(scope: Scope, path: str, raw: dict[str, Any], head: str) -> Predicate:
    only(scope, path, raw, head, *OPERATORS)
    inner = raw["value"] if head == "value" else {head: raw[head]}
    at = f"{path}/value" if head == "value" else path
    left = scope.value(at, inner)
    names = [name for name in raw if name in OPERATORS]
    if not names:
        scope.fault(path, "no_comparison", ", ".join(OPERATORS))
        return _never()
    parts = [_comparison(scope, f"{path}/{name}", left, name, raw[name]) for name in names]
    return parts[0] if len(parts) == 1 else _all(parts, left.facts)


def _comparison(scope: Scope, path: str, left: Expression, name: str, raw: Any) -> Predicate:
    if name == "known":
        return _known(scope, path, left, raw)
    if name in _MANY:
        return _in_set(scope, path, left, name, raw)
    if left.type in SETS:
        scope.fault(path, "wrong_type", "has_any, has_all, has_none")
    if name not in {"is", "is_not"} and left.type not in _ORDERED:
        scope.fault(path, "not_ordered", "is, is_not, in, not_in")
    right = (
        scope.value(path, raw, left.type)
        if isinstance(raw, dict)
        else literals.literal(scope, path, raw, left.type, left.fact)
    )
    if not alike(left.type, right.type):
        scope.fault(path, "wrong_type", f"{right.type} → {left.type}")
    compare, words = _ONE[name]

    def run(known: Known) -> bool | None:
        one, two = left.run(known), right.run(known)
        return None if one is None or two is None else compare(one, two)

    return Predicate(run, lambda: _sentence(left, words, right.words()), together(left, right))


def _in_set(scope: Scope, path: str, left: Expression, name: str, raw: Any) -> Predicate:
    if not isinstance(raw, list) or not raw:
        scope.fault(path, "not_a_list")
        return _never()
    is_set = name.startswith("has")
    fits = (left.type in SETS) if is_set else left.type == "region" if "within" in name else True
    if not fits or (left.type in SETS and not is_set):
        scope.fault(path, "wrong_type", left.type)
    kind = {"choices": "choice", "texts": "text"}.get(left.type, left.type)
    wanted = [_member(scope, f"{path}/{i}", each, kind, left) for i, each in enumerate(raw)]
    right = frozenset(each for each in wanted if each is not None)
    compare, words = _MANY[name]

    def run(known: Known) -> bool | None:
        one = left.run(known)
        return None if one is None else compare(one, right)

    def said() -> Words:
        listed = [each for each in wanted if each is not None]
        return _sentence(left, words, joined([saying.value(kind, each, left.fact) for each in listed]))  # fmt: skip

    return Predicate(run, said, left.facts)


def _member(scope: Scope, path: str, raw: Any, kind: str, left: Expression) -> Any:
    if kind in WORDED and left.fact and left.fact.values and raw not in left.fact.values:
        scope.fault(path, "unknown_choice", nearest(str(raw), left.fact.values))
        return None
    return literals.literal(scope, path, raw, kind).run({})


def _known(scope: Scope, path: str, left: Expression, raw: Any) -> Predicate:
    if not isinstance(raw, bool):
        scope.fault(path, "not_a_flag")
    words = Words("已提供", "is given") if raw else Words("未提供", "is not given")
    return Predicate(
        lambda known: (left.run(known) is not None) is raw,
        lambda: _sentence(left, words, Words("", "")),
        left.facts,
    )


def _joined(scope: Scope, path: str, raw: dict[str, Any], head: str) -> Predicate:
    only(scope, path, raw, head)
    rows = raw[head]
    if not isinstance(rows, list) or not rows:
        scope.fault(f"{path}/{head}", "not_a_list")
        return _never()
    parts = [compiled(scope, f"{path}/{head}/{index}", row) for index, row in enumerate(rows)]
    return _all(parts, together(*parts)) if head == "all" else _any(parts)


def _all(parts: Sequence[Predicate], facts: tuple[str, ...]) -> Predicate:
    runs = tuple(part.run for part in parts)

    def run(known: Known) -> bool | None:
        seen = [step(known) for step in runs]
        return False if False in seen else None if None in seen else True

    return Predicate(
        run, lambda: _listed(parts, Words("，且", ", and ")), facts or together(*parts)
    )


def _any(parts: Sequence[Predicate]) -> Predicate:
    runs = tuple(part.run for part in parts)

    def run(known: Known) -> bool | None:
        seen = [step(known) for step in runs]
        return True if True in seen else None if None in seen else False

    return Predicate(run, lambda: _listed(parts, Words("，或", ", or ")), together(*parts))


def _negated(scope: Scope, path: str, raw: dict[str, Any]) -> Predicate:
    only(scope, path, raw, "not")
    inner = compiled(scope, f"{path}/not", raw["not"])

    def run(known: Known) -> bool | None:
        seen = inner.run(known)
        return None if seen is None else not seen

    def words() -> Words:
        said = inner.words()
        return Words(f"不满足“{said.zh}”", f"not the case that {said.en}")

    return Predicate(run, words, inner.facts)


def _quantified(scope: Scope, path: str, raw: dict[str, Any], head: str) -> Predicate:
    """At least one record, or every record, of a list fulfils a condition."""
    only(scope, path, raw, head, "where")
    fact = scope.fact(f"{path}/{head}", raw[head])
    if fact is None or fact.type != "records":
        scope.fault(f"{path}/{head}", "not_records")
        return _never()
    inner = scope.inside(fact).condition(f"{path}/where", raw.get("where"))
    name, wants = fact.name, head == "exists"

    def run(known: Known) -> bool | None:
        rows = known.get(name)
        if rows is None:
            return None
        seen = [inner.run({**known, ROW: row}) for row in rows]
        if wants in seen:
            return wants
        return None if None in seen else not wants

    def words() -> Words:
        said = inner.words()
        return Words(
            f"{fact.title.zh}{'中至少一项' if wants else '每一项'}{said.zh}",
            f"{'one' if wants else 'each'} of {fact.title.en}: {said.en}",
        )

    return Predicate(run, words, tuple(dict.fromkeys((name, *inner.facts))))


def _sentence(left: Expression, words: Words, right: Words) -> Words:
    said, rest = left.words(), words.filled(right=right)
    return Words(f"{said.zh}{rest.zh}", f"{said.en} {rest.en}")


def _listed(parts: Sequence[Predicate], sign: Words) -> Words:
    said = [part.words() for part in parts]
    return Words(sign.zh.join(each.zh for each in said), sign.en.join(each.en for each in said))


def _never() -> Predicate:
    return Predicate(lambda _known: None, lambda: Words("？", "?"))
