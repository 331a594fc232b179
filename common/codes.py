"""Public ids: short, speakable, with a check letter (`VC-7KQ4-M2XD`)."""

import random
import secrets
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""32 symbols without 0, 1, I and O."""


_source: ContextVar[random.Random | None] = ContextVar("code_source", default=None)


@contextmanager
def repeatable(seed: int) -> Iterator[None]:
    """Draw codes from a seeded source inside the block: for a repeatable demonstration."""
    token = _source.set(random.Random(seed))  # noqa: S311 - ids of a demonstration, no secret
    try:
        yield
    finally:
        _source.reset(token)


def _check_symbol(body: str) -> str:
    """Weighted sum modulo 31: catches one wrong symbol and one swap of neighbors.

    Weights 1 to 7 and differences below 31 stay non-zero modulo that prime. Bodies never
    hold the alphabet's last symbol, which would share a residue with the first.
    """
    total = sum((position + 1) * ALPHABET.index(symbol) for position, symbol in enumerate(body))
    return ALPHABET[total % 31]


def new_code(prefix: str) -> str:
    """Return a random public id: seven random symbols (31^7 = 27.5 billion) and a check symbol."""
    source = _source.get() or secrets.SystemRandom()
    body = "".join(source.choice(ALPHABET[:31]) for _ in range(7))
    return join_code(prefix, body)


def new_codes(prefix: str, count: int) -> list[str]:
    """Return so many of them: one draw from the source for each."""
    source = _source.get() or secrets.SystemRandom()
    return [join_code(prefix, _body(source.randrange(31**7))) for _ in range(count)]


def _body(number: int) -> str:
    """The number in base 31, seven symbols long."""
    symbols = []
    for _ in range(7):
        number, symbol = divmod(number, 31)
        symbols.append(ALPHABET[symbol])
    return "".join(symbols)


def join_code(prefix: str, body: str) -> str:
    """Format seven symbols and their check symbol behind the prefix."""
    whole = body + _check_symbol(body)
    return f"{prefix}-{whole[:4]}-{whole[4:]}"


def normalize_code(text: str) -> str:
    """Upper-case, half-width, without spaces; accepts what people type."""
    return unicodedata.normalize("NFKC", text).strip().upper().replace(" ", "")


def is_code(text: str, prefix: str) -> bool:
    """Tell whether a normalized text is a well-formed public id with that prefix."""
    parts = text.split("-")
    if len(parts) != 3 or parts[0] != prefix or len(parts[1]) != 4 or len(parts[2]) != 4:
        return False
    body = parts[1] + parts[2]
    if any(symbol not in ALPHABET for symbol in body):
        return False
    return _check_symbol(body[:7]) == body[7]
