"""The checked-in description of the API is the one that the code gives."""

from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client
from drf_spectacular.drainage import reset_generator_stats

from config import env

FILE = env.ROOT / "docs" / "openapi.yaml"
COMMAND = "manage.py spectacular --lang en --validate --fail-on-warn --file docs/openapi.yaml"


def test_description_is_up_to_date(tmp_path: Path) -> None:
    made = tmp_path / "openapi.yaml"
    reset_generator_stats()

    call_command("spectacular", lang="en", file=str(made), validate=True, fail_on_warn=True)

    same = made.read_text(encoding="utf-8") == FILE.read_text(encoding="utf-8")
    assert same, f"run {COMMAND} and read the difference"


@pytest.mark.django_db
def test_description_is_served_to_everybody() -> None:
    answer = Client().get("/api/v1/schema/", {"format": "json"})

    assert answer.status_code == 200
    assert answer.json()["openapi"].startswith("3.1")
    assert "/api/v1/me/" in answer.json()["paths"]
