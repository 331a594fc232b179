"""Files of price lists: JSON arrays of entries whose numbers stay exact decimals."""

import json
from decimal import Decimal
from typing import Any

MOST_BYTES = 1_000_000


class Unreadable(ValueError):
    """A text that is no JSON array of objects, or a very long one."""


def read(text: str) -> list[dict[str, Any]]:
    """The entries of a list; binary floats never arise. Raises Unreadable."""
    if len(text.encode()) > MOST_BYTES:
        raise Unreadable("the list is too long")
    try:
        data = json.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        raise Unreadable(str(error)) from error
    if not isinstance(data, list) or not all(isinstance(row, dict) for row in data):
        raise Unreadable("it is not a list of objects")
    return data
