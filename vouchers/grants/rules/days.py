"""Arithmetic of days: shifting, counting, parts of a year."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from common.periods import add_months
from vouchers.grants.rules import quantities
from vouchers.grants.rules.scope import Build, Expression, Known, Scope, only, together, unreadable
from vouchers.grants.rules.wording import Words

_COUNTS: Mapping[str, tuple[Callable[[date, date], int], Words]] = {
    "days_between": (lambda first, last: (last - first).days, Words("天数", "days")),
    "months_between": (
        lambda first, last: whole_months(first, last),
        Words("整月数", "whole months"),
    ),
    "years_between": (
        lambda first, last: whole_months(first, last) // 12,
        Words("整年数", "whole years"),
    ),
}
_PARTS: Mapping[str, tuple[Callable[[date], int], Words]] = {
    "year_of": (lambda day: day.year, Words("年份", "year")),
    "month_of": (lambda day: day.month, Words("月份", "month")),
    "quarter_of": (lambda day: (day.month + 2) // 3, Words("季度", "quarter")),
}
_UNITS = {"years": "年", "months": "个月", "days": "天"}
PERIODS = ("month", "quarter", "half_year", "year")
_MONTHS_OF = dict(zip(PERIODS, (1, 3, 6, 12), strict=True))


def whole_months(first: date, last: date) -> int:
    """Whole months from one day to another; below zero when the other lies before."""
    months = (last.year - first.year) * 12 + last.month - first.month
    return months if add_months(first, months) <= last else months - 1


def period_of(day: date, period: str) -> tuple[date, date]:
    """First day of the period that a day lies in, and the first day after it."""
    months = _MONTHS_OF[period]
    first = date(day.year, (day.month - 1) // months * months + 1, 1)
    return first, add_months(first, months)


def label_of(day: date, period: str) -> str:
    """The name of a period: 2026, 2026H1, 2026Q3, 2026-09."""
    number = (day.month - 1) // _MONTHS_OF[period] + 1
    return {
        "year": f"{day.year}",
        "half_year": f"{day.year}H{number}",
        "quarter": f"{day.year}Q{number}",
        "month": f"{day.year}-{day.month:02d}",
    }[period]


def _shifted(scope: Scope, path: str, raw: dict[str, Any], _kind: str) -> Expression:
    """A day so many days, months and years later, or earlier with `back: true`."""
    only(scope, path, raw, "shift", "days", "months", "years", "back")
    start = scope.value(f"{path}/shift", raw["shift"], "date")
    steps: dict[str, int] = {
        name: scope.read(f"{path}/{name}", quantities.whole, raw[name]) or 0
        for name in ("days", "months", "years")
        if name in raw
    }
    sign = -1 if raw.get("back") is True else 1
    months = sign * (steps.get("months", 0) + 12 * steps.get("years", 0))
    apart = timedelta(days=sign * steps.get("days", 0))

    def run(known: Known) -> Any:
        seen = start.run(known)
        return None if seen is None else add_months(seen, months) + apart

    def words() -> Words:
        said = start.words()
        stated = [(name, steps[name]) for name in _UNITS if steps.get(name)]
        zh = "".join(f"{count}{_UNITS[name]}" for name, count in stated)
        en = " ".join(f"{count} {name}" for name, count in stated)
        return Words(
            f"{said.zh}{'前' if sign < 0 else '后'} {zh}",
            f"{en} {'before' if sign < 0 else 'after'} {said.en}",
        )

    return Expression("date", run, words, start.facts)


def _counted(scope: Scope, path: str, raw: dict[str, Any], _kind: str) -> Expression:
    [head] = raw if len(raw) == 1 else [""]
    ends = raw.get(head)
    if head not in _COUNTS or not isinstance(ends, list) or len(ends) != 2:
        scope.fault(path, "not_two_days")
        return unreadable("integer")
    first, last = (scope.value(f"{path}/{head}/{i}", each, "date") for i, each in enumerate(ends))
    count, unit = _COUNTS[head]

    def run(known: Known) -> Any:
        start, end = first.run(known), last.run(known)
        return None if start is None or end is None else count(start, end)

    def words() -> Words:
        one, two = first.words(), last.words()
        return Words(f"{one.zh}至{two.zh}的{unit.zh}", f"{unit.en} from {one.en} to {two.en}")

    return Expression("integer", run, words, together(first, last))


def _part(scope: Scope, path: str, raw: dict[str, Any], _kind: str) -> Expression:
    [head] = raw if len(raw) == 1 else [""]
    if head not in _PARTS:
        scope.fault(path, "unknown_expression")
        return unreadable("integer")
    inner = scope.value(f"{path}/{head}", raw[head], "date")
    take, unit = _PARTS[head]

    def run(known: Known) -> Any:
        seen = inner.run(known)
        return None if seen is None else take(seen)

    def words() -> Words:
        said = inner.words()
        return Words(f"{said.zh}的{unit.zh}", f"{unit.en} of {said.en}")

    return Expression("integer", run, words, inner.facts)


BUILDERS: dict[str, Build] = {
    "shift": _shifted,
    **dict.fromkeys(_COUNTS, _counted),
    **dict.fromkeys(_PARTS, _part),
}
