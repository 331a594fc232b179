"""Runs invariants, and breaks what they watch, as only the owner of the tables could."""

from typing import Any

from django.db import connection

from vouchers.ledger.actions import invariants

Row = tuple[Any, ...]


def rows(query: invariants.Query) -> list[Row]:
    """What the query of an invariant lists."""
    with connection.cursor() as cursor:
        cursor.execute(query.sql)
        return list(cursor.fetchall())


def broken(name: str) -> list[Row]:
    """The rows that break a named invariant of the ledger."""
    return rows(invariants.QUERIES[name])


def tamper(statement: str, *values: Any, without: tuple[str, str] | None = None) -> None:
    """Run a statement with triggers off; `without` is a (table, constraint) dropped before. Roll back after."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        if without:
            table, constraint = without
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {constraint}")
            cursor.execute(f"DROP INDEX IF EXISTS {constraint}")
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement, values)
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")


def broken_anywhere(*, except_for: tuple[str, ...] = ()) -> list[tuple[str, Row]]:
    """The rows that break an invariant of any wing, by its name."""
    from vouchers.audit.actions import invariants

    return [
        (name, row)
        for name, parts in invariants.queries().items()
        if name not in except_for
        for query in parts
        for row in rows(query)
    ]
