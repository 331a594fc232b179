"""The published JSON Schema agrees with the reader."""

import copy
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from config import env
from tests.factories import plans, usage
from tests.vouchers.grants.rules.test_cases import PATHS
from vouchers.grants.rules import caps, files, parts, refusals, schemes
from vouchers.grants.rules.expressions import BUILDERS
from vouchers.grants.rules.predicates import OPERATORS

SCHEMA = json.loads((Path(env.ROOT) / "docs/schemes.schema.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def test_schema_itself_is_sound() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("name", PATHS)
def test_every_scheme_file_fits_the_schema(name: str) -> None:
    data = files.parse(PATHS[name].read_text(encoding="utf-8")).data

    assert not [error.message for error in VALIDATOR.iter_errors(data)]


@pytest.mark.parametrize(
    "data", [plans.QINGYANG, plans.BEIJING, plans.STORAGE, plans.NETWORK, usage.RULES]
)
def test_drafted_rules_fit_the_schema(data: dict[str, Any]) -> None:
    assert VALIDATOR.is_valid(data)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("surprise", 1),
        ("rounding", {"value": "nearest", "source": "main", "article": "1"}),
        ("rate", {"value": 0.3, "source": "main", "article": "1"}),
        ("rate", {"value": "30%", "article": "1"}),
        ("rate", {"value": {"percent": 30}, "source": "main", "article": "1"}),
        ("caps", [{"id": "x", "source": "main", "article": "1"}]),
        ("rules", [{"id": "x", "must": {"fact": "size"}, "source": "main", "article": "1"}]),
        ("documents", {}),
        ("amount", {"value": "1", "source": "main", "article": "1"}),
        ("transferable", {"value": True, "source": "main", "article": "1"}),
    ],
)
def test_what_the_schema_refuses_the_reader_refuses_too(name: str, value: Any) -> None:
    data = copy.deepcopy(plans.QINGYANG)
    data[name] = value

    assert not VALIDATOR.is_valid(data)
    with pytest.raises(schemes.RulesInvalid):
        schemes.from_json(data)


def test_schema_names_every_form_that_the_reader_knows() -> None:
    forms = {
        key for each in SCHEMA["$defs"]["expression"]["anyOf"] for key in each.get("required", [])
    }
    operators = set(SCHEMA["$defs"]["condition"]["anyOf"][0]["properties"]) - {"fact"}
    cap = SCHEMA["properties"]["caps"]["items"]["properties"]

    assert BUILDERS.keys() <= forms
    assert operators == set(OPERATORS)
    assert set(cap["refuse"]["enum"]) == refusals.REFUSALS.keys()
    assert cap["counts"]["enum"] == list(caps.COUNTERS)
    level = SCHEMA["properties"]["funding"]["items"]["properties"]["level"]
    assert level["enum"] == list(parts.LEVELS)
    assert SCHEMA["properties"].keys() == set(schemes._KEYS)
