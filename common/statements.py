"""Plain cursors on Django's own connection, for what its own ones make slow."""

from typing import Any

import psycopg
from django.db import connection
from psycopg import pq


def plain_cursor(*, binary: bool = False) -> "psycopg.Cursor[tuple[Any, ...]]":
    """A cursor that sends values apart from the text and raises psycopg's own errors."""
    connection.ensure_connection()
    made = psycopg.Cursor(connection.connection)
    made.format = pq.Format.BINARY if binary else pq.Format.TEXT
    return made
