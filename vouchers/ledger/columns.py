"""Whole columns as parameters of one statement: joined to text here, split by PostgreSQL.

A text that is split on the server costs a fraction of an array that the driver writes out. The
separator is a control character that no stored text holds; an empty field is NULL.
"""

from collections.abc import Iterable

SEPARATOR = "\x1f"


def joined(values: Iterable[object]) -> str:
    """The values of a column as one parameter; None becomes NULL."""
    return SEPARATOR.join(["" if value is None else str(value) for value in values])


def unnested(**types: str) -> str:
    """A FROM item with one column for each parameter of that name, of the types given."""
    columns = ", ".join(
        f"string_to_array(%({name})s, chr(31), '')::{kind}[]" for name, kind in types.items()
    )
    return f"unnest({columns}) AS given({', '.join(types)})"
