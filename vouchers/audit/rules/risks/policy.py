"""The policy of a scan: each rule's version, weight, words and thresholds, read from `risks.yaml`.

Thresholds are data so that a bureau's change of mind is a new version of a file, told by every flag.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from vouchers.audit.rules.risks.flags import Evidence, Flag
from vouchers.grants.rules.wording import Words, yuan

SHIPPED = Path(__file__).parent / "risks.yaml"


class PolicyInvalid(ValueError):
    """The file does not say what a policy must."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule's figures. `lead`: a hint for where to look, worth nothing alone."""

    id: str
    version: int
    weight: int
    lead: bool
    title: Words
    reason: Words
    thresholds: Mapping[str, int]

    def __getitem__(self, name: str) -> int:
        return self.thresholds[name]

    def flag(self, subject: str, evidence: tuple[Evidence, ...] = (), **values: int | str) -> Flag:
        """A flag of this rule on a redemption."""
        return Flag(self.id, self.version, subject, self.weight, values, evidence)


@dataclass(frozen=True, slots=True)
class Policy:
    """All rules by id; `version` is the file's own."""

    version: int
    rules: Mapping[str, Rule]

    def words(self, flag: Flag) -> Words:
        """Why, in both languages; amounts as yuan."""
        said = {
            name: yuan(value) if name.endswith("_fen") and isinstance(value, int) else value
            for name, value in flag.values.items()
        }
        return self.rules[flag.rule].reason.filled(**said)


def shipped() -> Policy:
    """The policy that the product ships."""
    return read(SHIPPED.read_text(encoding="utf-8"))


def read(text: str) -> Policy:
    """A policy from YAML. Raises PolicyInvalid and names what is wrong."""
    try:
        data = yaml.safe_load(text)
        return Policy(
            _whole(data["version"], "version"),
            {name: _rule(str(name), row) for name, row in data["rules"].items()},
        )
    except (yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
        raise PolicyInvalid(f"not a risk policy: {error!r}") from error


def _rule(name: str, row: dict[str, Any]) -> Rule:
    weight = _whole(row["weight"], f"{name}/weight")
    if not 1 <= weight <= 99:
        raise PolicyInvalid(f"{name}/weight is percent from 1 to 99: {weight}")
    return Rule(
        name,
        _whole(row["version"], f"{name}/version"),
        weight,
        bool(row.get("lead", False)),
        Words(**row["title"]),
        Words(**row["reason"]),
        {
            key: _whole(value, f"{name}/thresholds/{key}")
            for key, value in row["thresholds"].items()
        },
    )


def _whole(value: Any, where: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise PolicyInvalid(f"{where} is a whole number, not {value!r}")
    return value
