"""The steps of a bill: it runs, closes, and the enterprise confirms or disputes it."""

from collections.abc import Mapping

BILL_TRANSITIONS: Mapping[str, frozenset[str]] = {
    "open": frozenset({"closed"}),
    "closed": frozenset({"confirmed", "disputed"}),
    "confirmed": frozenset({"disputed"}),
    "disputed": frozenset({"confirmed"}),
}
"""Of confirmed bills only those that silence confirmed are disputed later; a dispute ends in a confirmed bill."""
