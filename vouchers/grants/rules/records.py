"""Sums over lists of records: settlements, contracts, monthly spends. Days are counted as end minus start."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from common.periods import add_months
from vouchers.grants.rules import days, quantities
from vouchers.grants.rules.facts import Fact
from vouchers.grants.rules.reading import nearest
from vouchers.grants.rules.scope import (
    PLAIN,
    ROW,
    Build,
    Expression,
    Known,
    Predicate,
    Scope,
    only,
    together,
    unreadable,
)
from vouchers.grants.rules.wording import Words

Row = Mapping[str, Any]
Take = Callable[[Known, Sequence[Row]], Any]


class _List:
    """A list fact with the columns that a sum uses and the rows that it takes."""

    def __init__(self, scope: Scope, path: str, raw: dict[str, Any], head: str) -> None:
        self.scope, self.path, self.raw = scope, path, raw
        fact = scope.fact(f"{path}/{head}", raw[head])
        if fact is not None and fact.type != "records":
            scope.fault(f"{path}/{head}", "not_records")
            fact = None
        self.fact = fact
        self.within = scope.inside(fact) if fact else scope
        self.where: Predicate | None = None
        if "where" in raw:
            self.where = self.within.condition(f"{path}/where", raw["where"])

    def column(self, name: str, kind: str, default: str) -> str:
        """The name of a column of a type."""
        wanted = str(self.raw.get(name, default))
        found: Fact | None = self.within.fields.get(wanted)
        if found is None:
            self.scope.fault(f"{self.path}/{name}", "unknown_fact", nearest(wanted, self.within.fields))  # fmt: skip
        elif kind and found.type != kind and not (kind == "number" and found.type in PLAIN):
            self.scope.fault(f"{self.path}/{name}", "wrong_type", f"{found.type} → {kind}")
        return wanted

    def rows(self, known: Known) -> Sequence[Row] | None:
        """Rows of which the condition holds; None when the list or the condition is not known."""
        found: Sequence[Row] | None = known.get(self.fact.name) if self.fact else None
        if found is None or self.where is None:
            return found
        taken = []
        for row in found:
            holds = self.where.run({**known, ROW: row})
            if holds is None:
                return None
            if holds:
                taken.append(row)
        return taken

    def expression(self, kind: str, take: Take, words: Words, *others: Expression) -> Expression:
        """The expression that takes something from the rows."""
        if self.fact is None:
            return unreadable(kind)
        title, name = self.fact.title, self.fact.name
        facts = (name, *together(*others), *(self.where.facts if self.where else ()))

        def run(known: Known) -> Any:
            rows = self.rows(known)
            return None if rows is None else take(known, rows)

        return Expression(kind, run, lambda: words.filled(list=title), tuple(dict.fromkeys(facts)))

    def type_of(self, column: str) -> str:
        """The type of a column."""
        found = self.within.fields.get(column)
        return found.type if found else self.scope.unit


def _summed(scope: Scope, path: str, raw: dict[str, Any], _kind: str) -> Expression:
    only(scope, path, raw, "sum", "of", "where")
    rows = _List(scope, path, raw, "sum")
    column = rows.column("of", "", "amount")
    kind = rows.type_of(column)
    return rows.expression(
        kind,
        lambda _known, taken: _total([row[column] for row in taken]),
        Words("{list}合计", "the sum of {list}"),
    )


def _number(scope: Scope, path: str, raw: dict[str, Any], _kind: str) -> Expression:
    only(scope, path, raw, "number_of", "where")
    rows = _List(scope, path, raw, "number_of")
    words = Words("{list}条数", "the number of {list}")
    return rows.expression("integer", lambda _known, taken: len(taken), words)


def _highest(scope: Scope, path: str, raw: dict[str, Any], _kind: str) -> Expression:
    only(scope, path, raw, "highest", "of", "where")
    rows = _List(scope, path, raw, "highest")
    column = rows.column("of", "", "amount")

    def take(_known: Known, taken: Sequence[Row]) -> Any:
        values = [row[column] for row in taken]
        return None if None in values else max(values, default=0)

    words = Words("{list}最高一笔", "the highest of {list}")
    return rows.expression(rows.type_of(column), take, words)


def _prorated(scope: Scope, path: str, raw: dict[str, Any], _kind: str) -> Expression:
    """Amounts settled for a span of days, by the part of the span (end minus start) that lies in the base period."""
    only(scope, path, raw, "prorated", "amount", "starts", "ends", "from", "until", "where")
    rows = _List(scope, path, raw, "prorated")
    amount = rows.column("amount", scope.unit, "amount")
    starts, ends = (
        rows.column("starts", "date", "starts_on"),
        rows.column("ends", "date", "ends_on"),
    )
    first = scope.value(f"{path}/from", raw.get("from"), "date")
    last = scope.value(f"{path}/until", raw.get("until"), "date")

    def take(known: Known, taken: Sequence[Row]) -> Any:
        period = (first.run(known), last.run(known))
        if None in period:
            return None
        return _total([_part(row[amount], row[starts], row[ends], *period) for row in taken])

    words = Words(
        "{list}中落在{first}至{last}的部分（按日折算，止日减起日）",
        "the part of {list} within {first} to {last} (by days, end minus start)",
    ).filled(list="{list}", first=first.words(), last=last.words())
    return rows.expression(scope.unit, take, words, first, last)


def _part(amount: int | None, start: date | None, end: date | None, first: date, last: date) -> Any:
    if amount is None or start is None or end is None or end < start:
        return None
    if end == start:
        return Fraction(amount if first <= start <= last else 0)
    inside = (min(end, last) - max(start, first)).days
    return Fraction(amount * max(inside, 0), (end - start).days)


def _rolling(scope: Scope, path: str, raw: dict[str, Any], _kind: str) -> Expression:
    """The most that lies in any so many months in a row, or in those that end on the day: `pick: last`."""
    only(scope, path, raw, "rolling", "amount", "on", "months", "pick", "where")
    rows = _List(scope, path, raw, "rolling")
    amount, on = rows.column("amount", scope.unit, "amount"), rows.column("on", "date", "starts_on")
    months = scope.read(f"{path}/months", quantities.whole, raw.get("months")) or 1
    if raw.get("pick", "highest") not in {"highest", "last"}:
        scope.fault(f"{path}/pick", "unknown_choice", "highest, last")
    is_last = raw.get("pick") == "last"

    def take(known: Known, taken: Sequence[Row]) -> Any:
        if any(row[on] is None or row[amount] is None for row in taken):
            return None
        if is_last:
            day = known.get("day")
            return None if day is None else _between(taken, amount, on, add_months(day, -months), day)  # fmt: skip
        spans = [(row[on], add_months(row[on], months)) for row in taken]
        return max((_within(taken, amount, on, *span) for span in spans), default=0)

    words = Words(f"{{list}}连续 {months} 个月累计", f"{{list}} over {months} months in a row")
    return rows.expression(scope.unit, take, words)


def _in_period(scope: Scope, path: str, raw: dict[str, Any], _kind: str) -> Expression:
    """What falls into the month, quarter, half-year or year of the day; `which: last` for the one before."""
    only(scope, path, raw, "in_period", "amount", "on", "period", "which", "where")
    rows = _List(scope, path, raw, "in_period")
    amount, on = rows.column("amount", scope.unit, "amount"), rows.column("on", "date", "starts_on")
    period = raw.get("period")
    if period not in days.PERIODS:
        scope.fault(f"{path}/period", "unknown_choice", ", ".join(days.PERIODS))
        return unreadable(scope.unit)
    if raw.get("which", "this") not in {"this", "last"}:
        scope.fault(f"{path}/which", "unknown_choice", "this, last")
    is_last = raw.get("which") == "last"

    def take(known: Known, taken: Sequence[Row]) -> Any:
        day = known.get("day")
        if day is None or any(row[on] is None or row[amount] is None for row in taken):
            return None
        first, after = days.period_of(day, period)
        if is_last:
            first, after = days.period_of(add_months(first, -1), period)
        return _within(taken, amount, on, first, after)

    zh = {"month": "当月", "quarter": "当季", "half_year": "当半年", "year": "当年"}[period]
    en = period.replace("_", "-")
    words = Words(f"{{list}}{zh}合计", f"{{list}} of the {en}")
    return rows.expression(scope.unit, take, words)


def _within(taken: Sequence[Row], amount: str, on: str, first: date, after: date) -> int:
    return sum(row[amount] for row in taken if first <= row[on] < after)


def _between(taken: Sequence[Row], amount: str, on: str, before: date, last: date) -> int:
    return sum(row[amount] for row in taken if before < row[on] <= last)


def _total(values: Sequence[Any]) -> Any:
    return None if None in values else sum(values)


BUILDERS: dict[str, Build] = {
    "sum": _summed,
    "number_of": _number,
    "highest": _highest,
    "prorated": _prorated,
    "rolling": _rolling,
    "in_period": _in_period,
}
