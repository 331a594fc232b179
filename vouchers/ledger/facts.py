"""Which tables the seal covers and what of their rows: wings register theirs when the app is ready."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

Key = Literal["integer", "uuid"]


@dataclass(frozen=True, slots=True)
class FactTable:
    """A table of facts. `columns` are what never changes in a row, by name with their SQL.

    `name` stands in blocks and exports for ever; a column may not be added or dropped without a new name.
    Rows may be moved out of the table into files: `moved_keys` is then the relation that has their keys in its
    column `key`, and `archives` tells the files' names and SHA-256.
    """

    name: str
    relation: str
    key_column: str
    key: Key
    columns: dict[str, str]
    moved_keys: str = ""
    archives: Callable[[], Iterable[tuple[str, bytes]]] = tuple

    @property
    def titles(self) -> list[str]:
        """Names of the columns as they stand in an export."""
        return [self.key_column, "transaction_number", *self.columns]


def plain(*names: str) -> dict[str, str]:
    """Columns that are sealed as they are."""
    return {name: name for name in names}


_tables: dict[str, FactTable] = {}


def register(table: FactTable) -> None:
    """Have a table sealed from the next block on."""
    _tables[table.name] = table


def tables() -> tuple[FactTable, ...]:
    """All sealed tables in order of registration, the ledger's first."""
    return tuple(_tables.values())


register(
    FactTable(
        "account",
        "vouchers_account",
        "id",
        "integer",
        plain("kind", "key", "is_guarded"),
    )
)
register(
    FactTable(
        "transfer",
        "vouchers_transfer",
        "id",
        "uuid",
        plain(
            "kind",
            "debit_account_id",
            "credit_account_id",
            "amount_fen",
            "hold_id",
            "reverses_id",
            "reason",
            "reference",
            "at",
            "recorded_at",
        ),
    )
)
