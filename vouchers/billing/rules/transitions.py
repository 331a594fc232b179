"""The steps of a bill: it runs, closes, and the enterprise confirms or disputes it."""

from collections.abc import Mapping

BILL_TRANSITIONS: Mapping[str, frozenset[str]] = {
    "open": frozenset({"closed"}),
    "closed": frozenset({"confirmed", "disputed"}),
    "disputed": frozenset({"confirmed"}),
}
"""A disputed bill may still be confirmed once the two sides agree."""
