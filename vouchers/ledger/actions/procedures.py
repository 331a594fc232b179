"""Calls the database's ledger functions: one round trip, prepared once per connection."""

from collections.abc import Iterable, Sequence
from typing import Any

import psycopg
from django.db import connection

Row = tuple[Any, ...]


def call(sql: str, values: Sequence[Any]) -> list[Row]:
    """Run one statement with server-side parameters and return its rows.

    Outside a transaction the statement is one by itself, without a round trip for its begin and its end. Django's own
    cursor merges values into the text, so that nothing could be prepared. Raises what Django raises.
    """
    connection.validate_no_broken_transaction()
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        return cursor.execute(sql, values, prepare=True).fetchall()


def array(values: Iterable[object]) -> str:
    """An array of numbers, ids or moments, as PostgreSQL spells it; None becomes NULL."""
    spelled = ",".join(["NULL" if value is None else str(value) for value in values])
    return f"{{{spelled}}}"


def texts(values: Iterable[str]) -> str:
    """An array of texts, as PostgreSQL spells it."""
    spelled = ",".join(
        ['"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' for value in values]
    )
    return f"{{{spelled}}}"
