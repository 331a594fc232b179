"""`manage.py match`."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from marketplace.models import Match, Need
from tests.marketplace.orders.test_orders import offered

pytestmark = pytest.mark.django_db


def filed(folder: Path, **changes: Any) -> tuple[str, str]:
    """A file with a need for ten thousand pictures, and the code of the bundle that fits."""
    bundle, need = offered()
    values = {
        "enterprise": need.enterprise.code,
        "scenario": need.scenario.slug,
        "monthly_volume": 10_000,
        "monthly_budget": {"amount": "1000.00", "currency": "CNY"},
        **changes,
    }
    file = folder / "need.json"
    file.write_text(json.dumps(values), encoding="utf-8")
    return str(file), bundle.code


def test_match_answers_as_the_api_and_keeps_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, code = filed(tmp_path)
    before = Need.objects.count()

    call_command("match", need=file, json=True)

    (row,) = json.loads(capsys.readouterr().out)
    assert (row["bundle"], row["rank"], row["price"]["amount"]) == (code, 1, "76.00")
    assert (Need.objects.count(), Match.objects.count()) == (before, 0)


def test_match_in_words_says_why_a_bundle_is_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, code = filed(tmp_path, monthly_budget={"amount": "50.00", "currency": "CNY"})

    call_command("match", need=file)

    told = capsys.readouterr().out
    assert told.startswith(f"-  {code}")
    assert "¥76.00" in told


@pytest.mark.parametrize(
    "changes",
    [{"monthly_volume": -1}, {"scenario": "unknown"}, {"enterprise": "OR-2222-2222"}],
)
def test_match_refuses_a_need_that_makes_no_sense(tmp_path: Path, changes: dict[str, Any]) -> None:
    file, _code = filed(tmp_path, **changes)

    with pytest.raises(CommandError):
        call_command("match", need=file)


def test_match_refuses_a_file_that_is_no_json(tmp_path: Path) -> None:
    file = tmp_path / "need.json"
    file.write_text("{", encoding="utf-8")

    with pytest.raises(CommandError, match="cannot read"):
        call_command("match", need=str(file))
