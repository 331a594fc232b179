"""Fixtures for all tests."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import TransactionTestCase
from hypothesis import HealthCheck, settings
from pytest_django import DjangoDbBlocker

from config import env

# A machine that does other work as well is no fault of a property.
_PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
# The same commit answers the same in each run; `make chaos` looks at examples that no run has seen.
settings.register_profile("steady", _PATIENT, derandomize=True)
settings.register_profile("searching", _PATIENT, derandomize=False)
settings.load_profile("searching" if "PROPERTIES_SEARCH" in os.environ else "steady")


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """Give this worker its own copy of the migrated database (replaces pytest-django's fixture)."""
    from tests import database

    with django_db_blocker.unblock(), database.copy(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _case: database.empty())
        yield


@pytest.fixture(autouse=True)
def fresh_counters() -> None:
    """Limits of one test do not count in the next, though frozen clocks put them in one window."""
    from django.core.cache import cache

    cache.clear()


@pytest.fixture(autouse=True)
def language_of_the_settings() -> None:
    """The language of a request stays with its thread; no test begins with what another one left."""
    from django.utils import translation

    translation.deactivate()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder with the field's real data; tests that need it are skipped by name without it."""
    folder = Path(os.environ.get("SHARED_DATA", env.ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip("needs the shared data: set SHARED_DATA to its folder")
    return folder
