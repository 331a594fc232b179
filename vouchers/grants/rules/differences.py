"""What changed between two records of the same thing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that is not the same; None stands for a value that is not there."""

    path: tuple[str, ...]
    before: Any
    after: Any


def between(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """All values that differ, in the order of the later record; what went away comes last.

    Looks into mappings; everything else is compared whole.
    """
    return _between((), before, after)


def _between(path: tuple[str, ...], before: Any, after: Any) -> list[Difference]:
    if before == after:
        return []
    if not isinstance(before, Mapping) or not isinstance(after, Mapping):
        return [Difference(path, before, after)]
    keys = [*after, *(key for key in before if key not in after)]
    return [
        difference
        for key in keys
        for difference in _between((*path, key), before.get(key), after.get(key))
    ]
