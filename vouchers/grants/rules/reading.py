"""Reads nested data and notes every fault by path, code and hint, instead of stopping at the first."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class RulesFault:
    """Where and why: path `caps/0/limit`, code `not_an_amount`; the hint names what would be known."""

    path: str
    code: str
    hint: str = ""


class RulesInvalid(ValueError):
    """The rules are not usable; `faults` names every reason."""

    def __init__(self, faults: list[RulesFault]) -> None:
        super().__init__(", ".join(f"{fault.path}: {fault.code}" for fault in faults))
        self.faults = tuple(faults)


class Reader:
    """One level of the data; inner levels share the list of faults."""

    def __init__(
        self,
        data: Any,
        known: Iterable[str] | None,
        path: str = "",
        faults: list[RulesFault] | None = None,
    ) -> None:
        self._path = path
        self.faults: list[RulesFault] = [] if faults is None else faults
        self.data: dict[str, Any] = data if isinstance(data, dict) else {}
        if not isinstance(data, dict):
            self.fault("", "not_an_object")
        if known is not None:
            for name in self.data.keys() - set(known):
                self.fault(str(name), "unknown_rule", nearest(str(name), known))

    def __contains__(self, name: str) -> bool:
        return self.data.get(name) is not None

    def raw(self, name: str) -> Any:
        """The value as it stands; None when absent."""
        return self.data.get(name)

    def at(self, name: str | int = "") -> str:
        """The path of a name at this level."""
        return "/".join(part for part in (self._path, str(name)) if part)

    def fault(self, name: str | int, code: str, hint: str = "") -> None:
        """Note a fault."""
        self.faults.append(RulesFault(self.at(name), code, hint))

    def inner(self, name: str, known: Iterable[str] | None) -> "Reader":
        """The level below; an absent one reads as empty."""
        return Reader(self.data.get(name, {}), known, self.at(name), self.faults)

    def each(self, name: str, known: Iterable[str] | None) -> list["Reader"]:
        """The items of a list below; an absent one reads as empty."""
        rows = self.data.get(name)
        if rows is None:
            return []
        if not isinstance(rows, list):
            self.fault(name, "not_a_list")
            return []
        return [
            Reader(row, known, f"{self.at(name)}/{index}", self.faults)
            for index, row in enumerate(rows)
        ]

    def finish(self) -> None:
        """Raise RulesInvalid when anything was noted."""
        if self.faults:
            raise RulesInvalid(self.faults)


def nearest(name: str, known: Iterable[str]) -> str:
    """The known name that is most like it, else all of them."""
    names = sorted(known)
    close = difflib.get_close_matches(name, names, n=1)
    return close[0] if close else ", ".join(names)
