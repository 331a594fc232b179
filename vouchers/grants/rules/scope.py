"""What the compiler of rules knows at one place: the facts, the fields of a record, the faults, what is missing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from vouchers.grants.rules.facts import Fact
from vouchers.grants.rules.quantities import Fault
from vouchers.grants.rules.reading import RulesFault, nearest
from vouchers.grants.rules.wording import Words

Known = Mapping[str, Any]
"""Facts by name while rules run; an absent one is not known. `ROW` holds the record in hand."""

ROW = "@row"
AMOUNTS = frozenset({"money", "card_hours"})
PLAIN = frozenset({"integer", "number", "share"})
WORDED = frozenset({"choice", "text", "region"})
SETS = frozenset({"choices", "texts"})


@dataclass(frozen=True, slots=True)
class Missing:
    """One figure that the scheme's source does not give."""

    path: str
    words: Words


@dataclass(frozen=True, slots=True)
class Expression:
    """A value that can be worked out: `run` answers None when something it needs is not known."""

    type: str
    run: Callable[[Known], Any]
    words: Callable[[], Words]
    facts: tuple[str, ...] = ()
    fact: Fact | None = None


@dataclass(frozen=True, slots=True)
class Predicate:
    """A condition: holds, does not hold, or None when something it needs is not known."""

    run: Callable[[Known], bool | None]
    words: Callable[[], Words]
    facts: tuple[str, ...] = ()


@dataclass(slots=True)
class Scope:
    """Shared by one compilation; `fields` are those of the record in hand. `unit` types the scheme's amounts.

    `values` and `conditions` are the compilers of the two sublanguages, which contain each other.
    """

    facts: Mapping[str, Fact]
    faults: list[RulesFault]
    missing: list[Missing]
    values: "Callable[[Scope, str, Any, str], Expression]"
    conditions: "Callable[[Scope, str, Any], Predicate]"
    unit: str = "money"
    fields: Mapping[str, Fact] = field(default_factory=dict)

    def value(self, path: str, raw: Any, kind: str = "") -> Expression:
        """Compile what stands in the place of a value."""
        return self.values(self, path, raw, kind)

    def condition(self, path: str, raw: Any) -> Predicate:
        """Compile a condition."""
        return self.conditions(self, path, raw)

    def fault(self, path: str, code: str, hint: str = "") -> None:
        """Note a fault."""
        self.faults.append(RulesFault(path, code, hint))

    def read(self, path: str, parse: Callable[..., Any], *raw: Any) -> Any:
        """A parsed value; None when it cannot be read, and the fault is noted."""
        try:
            return parse(*raw)
        except Fault as fault:
            self.fault(path, fault.code)
            return None

    def fact(self, path: str, name: Any) -> Fact | None:
        """A fact by its name; None when there is none, and the fault is noted."""
        found = self.facts.get(name) if isinstance(name, str) else None
        if found is None:
            self.fault(path, "unknown_fact", nearest(str(name), self.facts))
        return found

    def inside(self, record: Fact) -> "Scope":
        """The scope within the records of a fact."""
        fields = {each.name: each for each in record.fields}
        return replace(self, fields=fields)


Build = Callable[[Scope, str, Any, str], Expression]
"""Compiles one form of expression: scope, path, what stands there, the type that its place asks for."""


def only(scope: Scope, path: str, raw: Mapping[str, Any], *names: str) -> None:
    """Note every key that does not belong to a form."""
    for name in raw.keys() - set(names):
        scope.fault(f"{path}/{name}", "unknown_rule", nearest(str(name), names))


def together(*parts: Expression | Predicate) -> tuple[str, ...]:
    """Facts of several parts, in their order, each once."""
    return tuple(dict.fromkeys(name for part in parts for name in part.facts))


def unreadable(kind: str) -> Expression:
    """Stands for an expression whose fault was noted."""
    return Expression(kind, lambda _known: None, lambda: Words("？", "?"))


def alike(left: str, right: str) -> bool:
    """Tell whether two types may be compared or added."""
    if left == right:
        return True
    return any({left, right} <= family for family in (PLAIN, WORDED, SETS))
