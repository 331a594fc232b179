"""Reads a scheme written as YAML: plain data with the line of every value.

Only what means the same everywhere is taken: no anchors, no tags, no floats, no name twice. Days stay texts; words
such as `on` and `no` stay words.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from vouchers.grants.rules.reading import RulesFault, RulesInvalid
from vouchers.grants.rules.schemes import SchemeRules, from_json

LARGEST = 200_000
"""Characters of a scheme file; the longest real scheme has about a twentieth of it."""

_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]*)", re.ASCII)
_WORDS = {"true": True, "false": False, "null": None, "~": None, "": None}


@dataclass(frozen=True, slots=True)
class SchemeFile:
    """The data of a file, and the line of each path."""

    data: dict[str, Any]
    lines: dict[str, int]

    def line_of(self, path: str) -> int:
        """The line of a path; of the nearest place above it for what is not there."""
        while path and path not in self.lines:
            path = path.rpartition("/")[0]
        return self.lines.get(path, 1)


class SchemeFileInvalid(RulesInvalid):
    """The text cannot be read, or the rules cannot stand; `lines` has the line of each fault."""

    def __init__(self, faults: list[RulesFault], lines: list[int]) -> None:
        super().__init__(faults)
        self.lines = tuple(lines)


def parse(text: str) -> SchemeFile:
    """The data of a scheme text. Raises SchemeFileInvalid."""
    if len(text) > LARGEST:
        raise SchemeFileInvalid([RulesFault("", "too_large")], [1])
    try:
        aliases = [
            event
            for event in yaml.parse(text, yaml.SafeLoader)
            if isinstance(event, yaml.AliasEvent)
        ]
        root = yaml.compose(text, yaml.SafeLoader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        problem = str(getattr(error, "problem", "") or "")
        raise SchemeFileInvalid([RulesFault("", "syntax", problem)], [line]) from error
    if aliases:
        raise SchemeFileInvalid([RulesFault("", "alias")], [_line(aliases[0].start_mark)])
    walk = _Walk()
    data = walk.value(root, "") if root is not None else None
    if not isinstance(data, dict):
        walk.note("", "not_an_object", 1)
        data = {}
    if walk.faults:
        raise SchemeFileInvalid(walk.faults, walk.at)
    return SchemeFile(data, walk.lines)


def read(text: str) -> tuple[SchemeRules, SchemeFile]:
    """The rules of a scheme text, and the text as data. Raises SchemeFileInvalid with the line of each fault."""
    found = parse(text)
    try:
        return from_json(found.data), found
    except RulesInvalid as error:
        faults = sorted(error.faults, key=lambda fault: (found.line_of(fault.path), fault.path))
        raise SchemeFileInvalid(faults, [found.line_of(fault.path) for fault in faults]) from error


def _line(mark: Any) -> int:
    return int(mark.line) + 1 if mark else 1


def shipped() -> dict[str, Path]:
    """The scheme files of the product, by id."""
    folder = Path(__file__).parent.parent / "schemes"
    return {path.stem: path for path in sorted(folder.glob("*.yaml"))}


class _Walk:
    """Turns YAML nodes into plain data and notes faults with their lines."""

    def __init__(self) -> None:
        self.lines: dict[str, int] = {}
        self.faults: list[RulesFault] = []
        self.at: list[int] = []

    def note(self, path: str, code: str, line: int) -> None:
        """Note a fault."""
        self.faults.append(RulesFault(path, code))
        self.at.append(line)

    def value(self, node: yaml.Node, path: str) -> Any:
        """The plain value of a node."""
        self.lines.setdefault(path, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [
                self.value(each, f"{path}/{index}".lstrip("/"))
                for index, each in enumerate(node.value)
            ]
        return self._scalar(node, path)

    def _mapping(self, node: yaml.MappingNode, path: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, inner in node.value:
            name = str(key.value)
            at = f"{path}/{name}".lstrip("/")
            self.lines[at] = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                self.note(path, "not_a_name", key.start_mark.line + 1)
                continue
            if name in found:
                self.note(at, "duplicate", key.start_mark.line + 1)
            found[name] = self.value(inner, at)
        return found

    def _scalar(self, node: yaml.Node, path: str) -> Any:
        text = str(node.value)
        if getattr(node, "style", None) is not None:
            return text
        if text in _WORDS:
            return _WORDS[text]
        if _WHOLE.fullmatch(text):
            return int(text) if len(text) < 20 else text
        if node.tag.endswith(":float"):
            self.note(path, "float", node.start_mark.line + 1)
        return text


__all__ = ["SchemeFile", "SchemeFileInvalid", "parse", "read", "shipped"]
