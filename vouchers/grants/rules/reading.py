"""Reads nested data and notes every fault by path and code, instead of stopping at the first."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class RulesFault:
    """Where and why: path `rate.value`, code `above_whole`."""

    path: str
    code: str


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
        known: frozenset[str],
        path: str = "",
        faults: list[RulesFault] | None = None,
    ) -> None:
        self._path = path
        self._faults: list[RulesFault] = [] if faults is None else faults
        self._data: dict[str, Any] = data if isinstance(data, dict) else {}
        if not isinstance(data, dict):
            self.fault("", "not_an_object")
        for name in self._data:
            if name not in known:
                self.fault(str(name), "unknown_rule")

    @property
    def keys(self) -> frozenset[str]:
        """Names present at this level."""
        return frozenset(self._data)

    def raw(self, name: str) -> Any:
        """The value as it stands; None when absent."""
        return self._data.get(name)

    def inner(self, name: str, known: frozenset[str]) -> "Reader":
        """The level below; an absent one reads as empty."""
        below = self._data.get(name, {})
        return Reader(below, known, self._at(name), self._faults)

    def fault(self, name: str, code: str) -> None:
        """Note a fault."""
        self._faults.append(RulesFault(self._at(name), code))

    def finish(self) -> None:
        """Raise RulesInvalid when anything was noted."""
        if self._faults:
            raise RulesInvalid(self._faults)

    def _at(self, name: str) -> str:
        return ".".join(part for part in (self._path, name) if part)
