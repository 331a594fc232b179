"""Test databases: one migrated template for all runs, one quick copy for each worker.

The template's name carries the digest of all migrations and of the lock file, so it is made anew
when any of them changes, and only then.
"""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from psycopg.sql import SQL, Composable, Identifier, Literal

from config import env
from config.local import servers
from tests.servers import worker

TEMPLATE_PREFIX = "template_puhui_"
COPY_PREFIX = "test_puhui_"
KEPT_TABLES = {"django_migrations", "django_content_type", "auth_permission"}
"""What migrating wrote and no test changes."""
BIG_TABLE = 2**20
"""Bytes from which emptying by TRUNCATE is cheaper than leaving dead rows behind."""


def digest() -> str:
    """Fingerprint of everything that shapes the schema."""
    whole = hashlib.sha256((env.ROOT / "requirements.lock").read_bytes())
    for app in apps.get_app_configs():
        for module in sorted((env.ROOT / app.name).glob("migrations/*.py")):
            whole.update(f"{app.name}/{module.name}\n".encode() + module.read_bytes())
    return whole.hexdigest()[:16]


@contextmanager
def _server() -> Iterator[psycopg.Connection]:
    chosen = settings.DATABASES["default"]
    with psycopg.connect(
        dbname="postgres",
        host=chosen["HOST"] or None,
        port=chosen["PORT"] or None,
        user=chosen["USER"] or None,
        password=chosen["PASSWORD"] or None,
        autocommit=True,
    ) as connection:
        yield connection


def _names(connection: psycopg.Connection, prefix: str) -> list[str]:
    rows = connection.execute(
        "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [prefix]
    )
    return [name for (name,) in rows]


def _drop(connection: psycopg.Connection, name: str) -> None:
    connection.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(name)))


def use(name: str) -> None:
    """Point Django's default connection at another database of the same server."""
    connections["default"].close()
    settings.DATABASES["default"]["NAME"] = name
    connections["default"].settings_dict["NAME"] = name


def template() -> str:
    """Name of the migrated template; made when missing, old ones removed."""
    name = TEMPLATE_PREFIX + digest()
    with servers.alone(servers.TEST_RUN, "template"), _server() as connection:
        known = _names(connection, TEMPLATE_PREFIX)
        if name in known:
            return name
        for old in known:
            _drop(connection, old)
        draft = f"draft_puhui_{os.getpid()}"
        connection.execute(SQL("CREATE DATABASE {}").format(Identifier(draft)))
        use(draft)
        call_command("migrate", verbosity=0, interactive=False)
        connections["default"].close()
        connection.execute(
            SQL("ALTER DATABASE {} RENAME TO {}").format(Identifier(draft), Identifier(name))
        )
    return name


@contextmanager
def copy() -> Iterator[str]:
    """A database of this worker's own, dropped afterwards."""
    name = f"{COPY_PREFIX}{os.getpid()}_{worker()}"
    source = template()
    with _server() as connection:
        _clear(connection)
        connection.execute(
            SQL("CREATE DATABASE {} TEMPLATE {}").format(Identifier(name), Identifier(source))
        )
    use(name)
    try:
        yield name
    finally:
        connections["default"].close()
        with _server() as connection:
            _drop(connection, name)


def empty() -> None:
    """Take all rows out after a test that committed; stands in for Django's flush in such tests.

    Flush truncates every table and then writes content types and permissions again, half a second in
    all. Few tables hold rows, so only those are looked for and emptied; big ones are truncated.
    Triggers and foreign keys are off: facts refuse to be deleted.
    """
    names = [
        name
        for name in connections["default"].introspection.table_names()
        if name not in KEPT_TABLES
    ]
    asked = SQL(" UNION ALL ").join(
        SQL("SELECT {}, pg_table_size({}) WHERE EXISTS (SELECT FROM {})").format(
            Literal(name), Literal(name), Identifier(name)
        )
        for name in names
    )
    with connections["default"].cursor() as cursor:
        cursor.execute(asked)
        filled = cursor.fetchall()
        statements: list[Composable] = [SQL("SET session_replication_role = replica")]
        for name, size in filled:
            words = "TRUNCATE {} CASCADE" if size > BIG_TABLE else "DELETE FROM {}"
            statements.append(SQL(words).format(Identifier(name)))
        statements.append(SQL("SET session_replication_role = DEFAULT"))
        cursor.execute(SQL("; ").join(statements))


def _clear(connection: psycopg.Connection) -> None:
    """Drop the copies of runs that were killed: their process is gone."""
    for name in _names(connection, COPY_PREFIX):
        pid = name.removeprefix(COPY_PREFIX).partition("_")[0]
        if pid.isdigit() and not Path(f"/proc/{pid}").exists():
            _drop(connection, name)
