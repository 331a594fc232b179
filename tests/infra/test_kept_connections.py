"""A kept connection whose server is gone is replaced; a living one is not asked before every request."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import connection, connections

pytestmark = pytest.mark.django_db(transaction=True)
WHO = "SELECT pg_backend_pid()"


@pytest.fixture
def watcher() -> Iterator["psycopg.Connection[Any]"]:
    """A second connection, to look at the first."""
    connection.ensure_connection()
    held = connection.connection.info
    with psycopg.connect(held.dsn, password=held.password, autocommit=True) as made:
        yield made


def _pid() -> int:
    with connection.cursor() as cursor:
        cursor.execute(WHO)
        [pid] = cursor.fetchone()
    return int(pid)


def _end(watcher: "psycopg.Connection[Any]", pid: int) -> None:
    assert watcher.execute("SELECT pg_terminate_backend(%s, 5000)", [pid]).fetchone() == (True,)


def test_living_connection_is_usable_without_a_query(watcher: "psycopg.Connection[Any]") -> None:
    pid = _pid()
    assert connection.is_usable()
    last = watcher.execute("SELECT query FROM pg_stat_activity WHERE pid = %s", [pid])
    assert last.fetchone() == (WHO,)


def test_connection_ended_by_the_server_is_not_usable(watcher: "psycopg.Connection[Any]") -> None:
    _end(watcher, _pid())
    assert not connection.is_usable()
    connection.close()


def test_request_after_the_server_ended_the_connection_gets_a_new_one(
    watcher: "psycopg.Connection[Any]", monkeypatch: pytest.MonkeyPatch
) -> None:
    pid = _pid()
    _end(watcher, pid)
    held = connections["default"]
    monkeypatch.setattr(held, "health_check_enabled", True)
    monkeypatch.setattr(held, "health_check_done", False)  # as a new request begins
    assert _pid() != pid
