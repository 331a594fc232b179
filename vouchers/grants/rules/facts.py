"""What rules may ask: every fact with its name, its type, its words, and who provides it.

An answer travels as JSON: money as exact yuan ("1234.56" or 1234), shares as "30%", "0.3" or "3/10", numbers as
"2.5" or 2, days as "2026-03-04", yes or no as true or false, one choice or text as text, several as a list of texts,
records as a list of objects. A number with a fraction is never a JSON number, because it may have lost digits.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any, Literal

from vouchers.grants.rules.quantities import Fault, fen, number, share, text, texts, whole
from vouchers.grants.rules.wording import Words

FactType = Literal[
    "money", "integer", "number", "share", "date", "flag", "choice", "choices", "text", "texts", "region", "records",
]  # fmt: skip
Asked = Literal["applicant", "profile", "officer", "system"]
"""Who provides a fact: a question of the form, the profile of the enterprise, a reviewing officer, the system."""

TYPES: tuple[FactType, ...] = (
    "money", "integer", "number", "share", "date", "flag", "choice", "choices", "text", "texts", "region", "records",
)  # fmt: skip
ASKED: tuple[Asked, ...] = ("applicant", "profile", "officer", "system")
NOTHING = Words("", "")

Value = int | Fraction | bool | str | date | frozenset[str] | tuple[Mapping[str, Any], ...]
"""Money is int fen, integer int, number and share Fraction, choices and texts frozenset, records a tuple."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that may be known. `choices` holds value → words; `fields` the columns of a record.

    `column` names the field of Application that holds it; without one the answer lies in Application.answers[name].
    """

    name: str
    type: FactType
    title: Words
    help: Words = NOTHING
    asked: Asked = "applicant"
    choices: tuple[tuple[str, Words], ...] = ()
    fields: tuple["Fact", ...] = ()
    column: str = ""

    @property
    def values(self) -> frozenset[str]:
        """Values that a choice may have; empty where any text may stand."""
        return frozenset(value for value, _words in self.choices)


def parse(fact: Fact, raw: Any) -> Value | None:
    """Read an answer from JSON; None stays None: not known. Raises Fault naming why it cannot be read."""
    if raw is None or raw == "":
        return None
    value: Value = _PARSERS[fact.type](fact, raw)
    return value


def plain(fact: Fact, value: Any) -> Any:
    """The JSON spelling of a value, such that `parse` reads the same value again."""
    if value is None or isinstance(value, bool):
        return value
    if fact.type == "money":
        return f"{value // 100}.{value % 100:02d}"
    if fact.type == "integer":
        return int(value)
    if fact.type in {"number", "share", "date"}:
        return str(value)
    if fact.type in {"choices", "texts"}:
        return sorted(value)
    if fact.type == "records":
        named = {each.name: each for each in fact.fields}
        return [{name: plain(named[name], each) for name, each in row.items()} for row in value]
    return value


def day(raw: Any) -> date:
    """A civil day such as "2026-03-04"; a YAML date stays as it is."""
    if type(raw) is date:
        return raw
    try:
        return date.fromisoformat(text(raw))
    except ValueError as error:
        raise Fault("not_a_date") from error


def flag(raw: Any) -> bool:
    """Yes or no."""
    if not isinstance(raw, bool):
        raise Fault("not_a_flag")
    return raw


def _choice(fact: Fact, raw: Any) -> str:
    value = text(raw)
    if fact.choices and value not in fact.values:
        raise Fault("unknown_choice")
    return value


def _choices(fact: Fact, raw: Any) -> frozenset[str]:
    found = texts(raw)
    if fact.choices and not found <= fact.values:
        raise Fault("unknown_choice")
    return found


def region(raw: Any) -> str:
    """A place by GB/T 2260."""
    code = text(raw)
    if len(code) != 6 or not (code.isascii() and code.isdigit()):
        raise Fault("not_a_region")
    return code


def _records(fact: Fact, raw: Any) -> tuple[Mapping[str, Any], ...]:
    if not isinstance(raw, list) or not all(isinstance(row, dict) for row in raw):
        raise Fault("not_records")
    known = {each.name: each for each in fact.fields}
    if any(not row.keys() <= known.keys() for row in raw):
        raise Fault("unknown_fact")
    return tuple({name: parse(each, row.get(name)) for name, each in known.items()} for row in raw)


_PARSERS: Mapping[str, Any] = {
    "money": lambda _fact, raw: fen(raw),
    "integer": lambda _fact, raw: whole(raw),
    "number": lambda _fact, raw: number(raw),
    "share": lambda _fact, raw: share(raw),
    "date": lambda _fact, raw: day(raw),
    "flag": lambda _fact, raw: flag(raw),
    "choice": _choice,
    "choices": _choices,
    "text": lambda _fact, raw: text(raw),
    "texts": lambda _fact, raw: texts(raw),
    "region": lambda _fact, raw: region(raw),
    "records": _records,
}
