r"""Reads facts in the one form in which they are sealed and exported: PostgreSQL's COPY text format.

Columns in the order of the table's entry, separated by tabs; a null is \N; tab, line break and backslash inside a
text are escaped by a backslash; moments in UTC; bytes in hexadecimal; JSON as the database writes jsonb.
"""

from collections.abc import Collection, Iterator

from django.db import connection
from psycopg.sql import SQL, Composed, Identifier, Literal

from vouchers.ledger.facts import FactTable

SPELLING = (
    "SET LOCAL timezone = 'UTC'; SET LOCAL datestyle = 'ISO, YMD'; SET LOCAL bytea_output = 'hex'"
)


def lines(table: FactTable, start: int, end: int | None, relation: str = "") -> Iterator[bytes]:
    """The rows of transactions from `start` to before `end` (None: all later), in sealed order, without line ends.

    Inside a transaction: the spelling of values is set for the rest of it. `relation` has the same columns and is
    read in place of the table.
    """
    connection.ensure_connection()
    with connection.connection.cursor() as cursor:
        cursor.execute(SPELLING)
        with cursor.copy(
            SQL("COPY ({}) TO STDOUT").format(
                _select(table, relation or table.relation, start, end)
            )
        ) as rows:
            for row in rows:
                yield bytes(row)[:-1]


def chosen(table: FactTable, keys: Collection[str]) -> Iterator[bytes]:
    """The rows of those keys, in sealed order, without line ends; as `lines`, inside a transaction."""
    connection.ensure_connection()
    columns = ", ".join([table.key_column, "transaction_number", *table.columns.values()])
    kind = "uuid[]" if table.key == "uuid" else "bigint[]"
    statement = SQL(
        "COPY (SELECT {} FROM {} WHERE {} = ANY({}::{}) ORDER BY transaction_number, {}) TO STDOUT"
    ).format(
        SQL(columns), Identifier(table.relation), Identifier(table.key_column),
        Literal(list(keys)), SQL(kind), Identifier(table.key_column),
    )  # fmt: skip
    with connection.connection.cursor() as cursor:
        cursor.execute(SPELLING)
        with cursor.copy(statement) as rows:
            for row in rows:
                yield bytes(row)[:-1]


def split(line: bytes) -> tuple[str, bytes]:
    """Key and content: the content is what is digested, from the transaction number on."""
    key, _tab, content = line.partition(b"\t")
    return key.decode(), content


def count(table: FactTable, start: int, end: int, most: int) -> int:
    """How many rows those transactions wrote, counted no further than `most`."""
    statement = SQL("SELECT count(*) FROM (SELECT FROM {} WHERE {} LIMIT {}) AS counted").format(
        Identifier(table.relation), _within(start, end), Literal(most)
    )
    connection.ensure_connection()
    with connection.connection.cursor() as cursor:
        return int(cursor.execute(statement).fetchone()[0])


def latest(table: FactTable) -> int:
    """The highest transaction number in the table; 0 when it is empty."""
    statement = SQL("SELECT coalesce(max(transaction_number), 0) FROM {}").format(
        Identifier(table.relation)
    )
    connection.ensure_connection()
    with connection.connection.cursor() as cursor:
        return int(cursor.execute(statement).fetchone()[0])


def moved(table: FactTable, keys: Collection[str]) -> set[str]:
    """Those of the keys whose rows were moved into files."""
    if not keys or not table.moved_keys:
        return set()
    statement = SQL("SELECT key::text FROM {} WHERE key = ANY(%s::uuid[])").format(
        Identifier(table.moved_keys)
    )
    connection.ensure_connection()
    with connection.connection.cursor() as cursor:
        return {key for (key,) in cursor.execute(statement, [list(keys)]).fetchall()}


def _select(table: FactTable, relation: str, start: int, end: int | None) -> Composed:
    columns = ", ".join([table.key_column, "transaction_number", *table.columns.values()])
    return SQL("SELECT {} FROM {} WHERE {} ORDER BY transaction_number, {}").format(
        SQL(columns), Identifier(relation), _within(start, end), Identifier(table.key_column)
    )


def _within(start: int, end: int | None) -> Composed:
    later = SQL("transaction_number >= {}").format(Literal(start))
    if end is None:
        return later
    return SQL("{} AND transaction_number < {}").format(later, Literal(end))
