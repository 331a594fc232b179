"""Choices between values: the first case that holds, one for each value of a fact, one for each slice of an amount."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from vouchers.grants.rules import literals, saying
from vouchers.grants.rules.reading import nearest
from vouchers.grants.rules.scope import (
    Build,
    Expression,
    Known,
    Scope,
    only,
    together,
    unreadable,
)
from vouchers.grants.rules.wording import Words


def _cases(scope: Scope, path: str, raw: dict[str, Any], kind: str) -> Expression:
    """The value of the first case that holds; unknown as soon as a case before it is unknown."""
    only(scope, path, raw, "cases")
    rows = raw["cases"]
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        scope.fault(f"{path}/cases", "not_a_list")
        return unreadable(kind or "number")
    made: list[tuple[Any, Expression]] = []
    tests = []
    for index, row in enumerate(rows):
        at = f"{path}/cases/{index}"
        only(scope, at, row, "when", "then", "otherwise", "source", "article", "note")
        if "otherwise" in row:
            made.append((None, scope.value(f"{at}/otherwise", row["otherwise"], kind)))
            if index < len(rows) - 1 or row.keys() & {"when", "then"}:
                scope.fault(at, "otherwise_last")
        else:
            test = scope.condition(f"{at}/when", row.get("when"))
            tests.append(test)
            made.append((test, scope.value(f"{at}/then", row.get("then"), kind)))
        kind = kind or made[0][1].type
    steps = tuple((test.run if test else None, each.run) for test, each in made)

    def run(known: Known) -> Any:
        for holds, answer in steps:
            seen = True if holds is None else holds(known)
            if seen is None:
                return None
            if seen:
                return answer(known)
        return None

    parts = [each for pair in made for each in pair if each is not None]
    return Expression(kind, run, lambda: _said(made), together(*parts))


def _said(made: Sequence[tuple[Any, Expression]]) -> Words:
    parts = []
    for test, each in made:
        when, then = test.words() if test else Words("其他", "otherwise"), each.words()
        parts.append(Words(f"{when.zh}：{then.zh}", f"{when.en}: {then.en}"))
    return Words("；".join(each.zh for each in parts), "; ".join(each.en for each in parts))


def _by(scope: Scope, path: str, raw: dict[str, Any], kind: str) -> Expression:
    """One value for each value of a fact; `otherwise` for the rest."""
    only(scope, path, raw, "by", "of", "otherwise")
    fact = scope.fact(f"{path}/by", raw["by"])
    table = raw.get("of")
    if fact is None or not isinstance(table, dict) or not table:
        scope.fault(f"{path}/of", "not_an_object")
        return unreadable(kind or "number")
    if fact.values:
        for name in table.keys() - fact.values:
            scope.fault(f"{path}/of/{name}", "unknown_choice", nearest(name, fact.values))
    made = {name: scope.value(f"{path}/of/{name}", each, kind) for name, each in table.items()}
    rest = scope.value(f"{path}/otherwise", raw["otherwise"], kind) if "otherwise" in raw else None  # fmt: skip
    runs, last, name = {key: each.run for key, each in made.items()}, rest, fact.name

    def run(known: Known) -> Any:
        seen = known.get(name)
        if seen is None:
            return None
        chosen = runs.get(str(seen))
        if chosen is None:
            return last.run(known) if last else None
        return chosen(known)

    def words() -> Words:
        said = [(saying.one(key, fact), each.words()) for key, each in made.items()]
        if rest:
            said.append((Words("其他", "otherwise"), rest.words()))
        return Words(
            "；".join(f"{key.zh} {each.zh}" for key, each in said),
            "; ".join(f"{key.en} {each.en}" for key, each in said),
        )

    parts = [*made.values(), *([rest] if rest else [])]
    return Expression(parts[0].type, run, words, (name, *together(*parts)))


def _slabs(scope: Scope, path: str, raw: dict[str, Any], kind: str) -> Expression:
    """Each slice of an amount at its own share: {slabs: amount, of: [{above: "0", share: "30%"}, …]}."""
    only(scope, path, raw, "slabs", "of")
    base = scope.value(f"{path}/slabs", raw["slabs"], scope.unit)
    rows = raw.get("of")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        scope.fault(f"{path}/of", "not_a_list")
        return unreadable(kind or scope.unit)
    steps = []
    for index, row in enumerate(rows):
        at = f"{path}/of/{index}"
        only(scope, at, row, "above", "share")
        floor = literals.literal(scope, f"{at}/above", row.get("above"), scope.unit).run({})
        rate = literals.literal(scope, f"{at}/share", row.get("share"), "share").run({})
        steps.append((floor or 0, rate or Fraction(0)))
    if [floor for floor, _rate in steps] != sorted({floor for floor, _rate in steps}):
        scope.fault(f"{path}/of", "not_rising")
    tops = [floor for floor, _rate in steps[1:]]

    def run(known: Known) -> Any:
        seen = base.run(known)
        if seen is None:
            return None
        ends = [*tops, max(seen, 0)]
        slices = zip(steps, ends, strict=True)
        return sum((max(min(seen, end) - floor, 0) * rate for (floor, rate), end in slices), Fraction(0))  # fmt: skip

    def words() -> Words:
        cuts = [(saying.value(scope.unit, floor), saying.value("share", rate)) for floor, rate in steps]  # fmt: skip
        return Words(
            "；".join(f"超过 {floor.zh} 部分 {rate.zh}" for floor, rate in cuts),
            "; ".join(f"{rate.en} of what lies above {floor.en}" for floor, rate in cuts),
        )

    return Expression(base.type, run, words, base.facts)


BUILDERS: dict[str, Build] = {"cases": _cases, "by": _by, "slabs": _slabs}
