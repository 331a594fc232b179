"""Compiles what a scheme writes in the place of a value: literals, facts, arithmetic, cases.

Everything is exact: amounts are fen (or hundredths of a card-hour) and may be fractions until the one rounding at
the end. What needs an unknown fact is unknown.
"""

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from vouchers.grants.rules import days, literals, records, selections
from vouchers.grants.rules.reading import nearest
from vouchers.grants.rules.scope import (
    AMOUNTS,
    PLAIN,
    ROW,
    Build,
    Expression,
    Known,
    Scope,
    alike,
    only,
    together,
    unreadable,
)
from vouchers.grants.rules.wording import Words, joined


def compiled(scope: Scope, path: str, raw: Any, kind: str = "") -> Expression:
    """An expression of the type that its place asks for (any type when empty); faults are noted."""
    if not isinstance(raw, dict):
        if raw is None:
            scope.fault(path, "missing")
            return unreadable(kind or "number")
        if kind in {"", "records"}:
            return literals.guessed(scope, path, raw)
        return literals.literal(scope, path, raw, kind)
    heads = raw.keys() & BUILDERS.keys()
    if len(heads) != 1:
        wrong = next((str(name) for name in raw if name not in BUILDERS), "")
        scope.fault(path, "unknown_expression", nearest(wrong, BUILDERS))
        return unreadable(kind or "number")
    [head] = heads
    made = BUILDERS[head](scope, path, raw, kind)
    if kind and not alike(made.type, kind):
        scope.fault(path, "wrong_type", f"{made.type} → {kind}")
    return made


def operands(
    scope: Scope, path: str, raw: Any, kind: str, *, mixed: bool = False
) -> list[Expression]:
    """A list of at least one value; plain texts take the type of their place or of the others."""
    if not isinstance(raw, list) or not raw:
        scope.fault(path, "not_a_list")
        return [unreadable(kind or "number")]
    if not kind and not mixed:
        typed = [
            compiled(scope, f"{path}/{i}", each)
            for i, each in enumerate(raw)
            if isinstance(each, dict)
        ]
        kind = typed[0].type if typed else ""
        rest = iter(typed)
        return [
            next(rest) if isinstance(each, dict) else compiled(scope, f"{path}/{i}", each, kind)
            for i, each in enumerate(raw)
        ]
    return [compiled(scope, f"{path}/{i}", each, kind) for i, each in enumerate(raw)]


def _fact(scope: Scope, path: str, raw: dict[str, Any], _kind: str) -> Expression:
    only(scope, path, raw, "fact")
    found = scope.fact(f"{path}/fact", raw["fact"])
    if found is None:
        return unreadable(_kind or "number")
    name = found.name
    return Expression(
        found.type, lambda known: known.get(name), lambda: found.title, (name,), found
    )


def _field(scope: Scope, path: str, raw: dict[str, Any], kind: str) -> Expression:
    only(scope, path, raw, "field")
    found = scope.fields.get(str(raw["field"]))
    if found is None:
        scope.fault(f"{path}/field", "unknown_fact", nearest(str(raw["field"]), scope.fields))
        return unreadable(kind or "number")
    name = found.name
    return Expression(
        found.type, lambda known: known[ROW].get(name), lambda: found.title, (), found
    )


def _typed(scope: Scope, path: str, raw: dict[str, Any], _kind: str) -> Expression:
    [(head, value)] = raw.items() if len(raw) == 1 else [("", None)]
    if head not in literals.TYPED:
        scope.fault(path, "unknown_expression")
        return unreadable(_kind or "number")
    return literals.literal(scope, f"{path}/{head}", value, literals.TYPED[head])


def _unknown(scope: Scope, path: str, raw: dict[str, Any], kind: str) -> Expression:
    only(scope, path, raw, "unknown")
    return literals.unknown(scope, path, raw["unknown"], kind or scope.unit)


def _added(scope: Scope, path: str, raw: dict[str, Any], kind: str) -> Expression:
    [head] = raw if len(raw) == 1 else [""]
    parts = operands(scope, f"{path}/{head}", raw.get(head), kind)
    _same_family(scope, path, parts)
    run = _folding([part.run for part in parts], _subtracted if head == "subtract" else sum)
    sign = " − " if head == "subtract" else " + "
    return Expression(parts[0].type, run, lambda: _between(parts, sign), together(*parts))


def _extreme(scope: Scope, path: str, raw: dict[str, Any], kind: str) -> Expression:
    [head] = raw if len(raw) == 1 else [""]
    parts = operands(scope, f"{path}/{head}", raw.get(head), kind)
    _same_family(scope, path, parts)
    run = _folding([part.run for part in parts], min if head == "least" else max)
    title = (
        Words("取低：", "the least of ") if head == "least" else Words("取高：", "the greatest of ")
    )

    def words() -> Words:
        inner = joined([part.words() for part in parts])
        return Words(title.zh + inner.zh, title.en + inner.en)

    return Expression(parts[0].type, run, words, together(*parts))


def _multiplied(scope: Scope, path: str, raw: dict[str, Any], _kind: str) -> Expression:
    only(scope, path, raw, "multiply")
    parts = operands(scope, f"{path}/multiply", raw["multiply"], "", mixed=True)
    amounts = [part.type for part in parts if part.type in AMOUNTS]
    if len(amounts) > 1 or any(part.type not in AMOUNTS | PLAIN for part in parts):
        scope.fault(path, "not_a_product")

    def product(values: Sequence[Any]) -> Any:
        answer = Fraction(1)
        for value in values:
            answer *= value
        return answer

    kind = amounts[0] if amounts else "number"
    run = _folding([part.run for part in parts], product)
    return Expression(kind, run, lambda: _between(parts, " × "), together(*parts))


def _divided(scope: Scope, path: str, raw: dict[str, Any], _kind: str) -> Expression:
    only(scope, path, raw, "divide")
    parts = operands(scope, f"{path}/divide", raw["divide"], "", mixed=True)
    if len(parts) != 2 or parts[1].type not in {parts[0].type, *PLAIN}:
        scope.fault(path, "not_a_quotient")
        return unreadable("number")
    over, under = parts
    kind = over.type if over.type in AMOUNTS and under.type in PLAIN else "number"

    def run(known: Known) -> Any:
        above, below = over.run(known), under.run(known)
        return None if above is None or not below else Fraction(above) / below

    return Expression(kind, run, lambda: _between(parts, " ÷ "), together(*parts))


def _folding(runs: Sequence[Callable[[Known], Any]], fold: Callable[..., Any]) -> Any:
    steps = tuple(runs)

    def run(known: Known) -> Any:
        values = [step(known) for step in steps]
        return None if None in values else fold(values)

    return run


def _subtracted(values: Sequence[Any]) -> Any:
    return values[0] - sum(values[1:])


def _same_family(scope: Scope, path: str, parts: Sequence[Expression]) -> None:
    wrong = next((part for part in parts if not alike(part.type, parts[0].type)), None)
    if wrong:
        scope.fault(path, "wrong_type", f"{wrong.type} → {parts[0].type}")


def _between(parts: Sequence[Expression], sign: str) -> Words:
    said = [part.words() for part in parts]
    return Words(sign.join(each.zh for each in said), sign.join(each.en for each in said))


BUILDERS: dict[str, Build] = {
    "fact": _fact,
    "field": _field,
    "unknown": _unknown,
    "add": _added,
    "subtract": _added,
    "least": _extreme,
    "greatest": _extreme,
    "multiply": _multiplied,
    "divide": _divided,
    **dict.fromkeys(literals.TYPED, _typed),
}
BUILDERS |= selections.BUILDERS | days.BUILDERS | records.BUILDERS
