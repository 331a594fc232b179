"""`manage.py scheme`: exit codes, places of faults, answers as JSON."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tests.factories import accounts, grants, plans
from vouchers.grants.models import Scheme
from vouchers.grants.rules import files

from . import people

SHIPPED = files.shipped()
TEXT = SHIPPED["qingyang-2024"].read_text(encoding="utf-8")


def run(verb: str, *arguments: Any, **options: Any) -> tuple[str, str, int]:
    """Standard output, errors, and the exit code."""
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("scheme", verb, *map(str, arguments), stdout=out, stderr=err, **options)
    except CommandError as error:
        return out.getvalue(), err.getvalue() + str(error), error.returncode
    return out.getvalue(), err.getvalue(), 0


def written(folder: Path, text: str) -> Path:
    path = folder / "scheme.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_validate_tells_valid_incomplete_and_faulty_apart(tmp_path: Path) -> None:
    valid = run("validate", SHIPPED["qingyang-2024"])
    incomplete = run("validate", SHIPPED["wuxi-2024"])
    faulty = run("validate", written(tmp_path, TEXT.replace("rounding:", "roundng:")))

    assert (valid[2], incomplete[2], faulty[2]) == (0, 3, 1)
    assert "valid" in valid[0]
    assert "missing" in incomplete[0]
    assert "rate" in incomplete[0]
    assert "roundng" in faulty[1]
    assert "rounding" in faulty[1]


@pytest.mark.parametrize(
    ("old", "new", "line_of", "code"),
    [
        ('rate: {value: "30%"', 'rate: {value: 0.3', "rate:", "float"),
        ("id: qingyang-2024", "id: qingyang-2024\nid: twice", "id: twice", "duplicate"),
        ("version: 1\n", "version: &one 1\nissuer: *one\n", "issuer: *one", "alias"),
        ('limit: "2000000"', 'limit: "2 million"', "limit:", "not_an_amount"),
        ("source: report\n    art", "source: reprt\n    art", "source: reprt", "unknown_document"),
        ("mode: {", "mode: [", "mode:", "syntax"),
    ],
)  # fmt: skip
def test_faults_come_with_their_line(
    tmp_path: Path, old: str, new: str, line_of: str, code: str
) -> None:
    text = TEXT.replace(old, new, 1)
    assert text != TEXT
    path = written(tmp_path, text)
    line = next(i for i, each in enumerate(text.split("\n"), start=1) if line_of in each)

    _out, err, exit_code = run("validate", path)

    assert exit_code == 1
    assert f"[{code}]" in err
    if code != "syntax":
        assert f"{path}:{line}:" in err


def test_assess_answers_as_json_and_refuses_floats(tmp_path: Path) -> None:
    case = tmp_path / "case.json"
    case.write_text('{"facts": {"legal_form": "company", "contract_amount": "100000"}}')
    out, _err, code = run("assess", SHIPPED["qingyang-2024"], case=case)
    answer = json.loads(out)
    case.write_text('{"facts": {"legal_form": "company", "contract_amonut": 100000}}')
    wrong = run("assess", SHIPPED["qingyang-2024"], case=case)

    assert code == 0
    assert (answer["amount_fen"], answer["verdict"]) == (3_000_000, "yes")
    assert [check["rule"] for check in answer["checks"]][:2] == ["kind", "applicant"]
    assert {cap["name"]: cap["left_fen"] for cap in answer["caps"]}["firm_year"] == 200_000_000
    assert wrong[2] == 1
    assert "contract_amount" in wrong[1]


@pytest.mark.django_db
def test_load_writes_the_next_version_for_the_bureau() -> None:
    officer = accounts.officer()
    options = {
        "bureau": officer.own().code,
        "officer": officer.user.email,
        "opens": "2024-03-19",
        "closes": "2030-12-31",
    }

    first = run("load", SHIPPED["qingyang-2024"], **options)
    again = run("load", SHIPPED["qingyang-2024"], **options)
    nobody = run("load", SHIPPED["qingyang-2024"], **{**options, "officer": "x@example.org"})

    assert (first[2], again[2], nobody[2]) == (0, 0, 1)
    versions = Scheme.objects.filter(slug="qingyang-2024").order_by("version")
    assert [(each.version, each.status) for each in versions] == [(1, "draft"), (2, "draft")]
    assert versions[0].budget_fen == 10_000_000_000
    assert versions[0].text == TEXT


@pytest.mark.django_db
def test_every_shipped_scheme_can_be_loaded() -> None:
    officer = accounts.officer()

    for name, path in SHIPPED.items():
        code = run(
            "load", path, bureau=officer.own().code, officer=officer.user.email,
            budget="1000000", opens="2026-01-01", closes="2026-12-31",
        )[2]  # fmt: skip
        assert code == 0, name

    assert Scheme.objects.count() == 37
    assert not Scheme.objects.get(slug="wuxi-2024").is_complete


@pytest.mark.django_db
def test_dry_run_tells_how_many_decisions_would_change(tmp_path: Path) -> None:
    cast = people.cast(grants.scheme(rules=plans.BEIJING, slug="bj-dry"))
    asked = people.approved(cast)
    text = json.dumps(
        {**plans.BEIJING, "id": "bj-dry", "rate": {**plans.BEIJING["rate"], "value": "10%"}}
    )

    plain = run("dry-run", written(tmp_path, text))
    machine = json.loads(run("dry-run", written(tmp_path, text), json=True)[0])

    assert "1 of 1 past decisions would change." in plain[0]
    assert (machine["seen"], machine["changed"]) == (1, 1)
    assert machine["changes"][0]["application"] == asked.code
