"""Unified social credit codes (统一社会信用代码), GB 32100-2015.

18 symbols: registering department, category, six digits of the registering place, nine symbols of
the organization code, check symbol. The alphabet has no I, O, S, V and Z.
"""

import re
import unicodedata

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""31 symbols; a symbol's value is its place (GB 32100-2015, table 3)."""

WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
"""3^(place - 1) modulo 31 for the first seventeen places (GB 32100-2015, table 4)."""

_SHAPE = re.compile(rf"[{ALPHABET}]{{2}}[0-9]{{6}}[{ALPHABET}]{{10}}")
_FLOAT = re.compile(r"[0-9](?:\.[0-9]+)?E\+?[0-9]{1,2}", re.ASCII)


class InvalidUscc(ValueError):
    """Not a code; `reason` is empty, spreadsheet, length, symbols, place or check."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def check_symbol(body: str) -> str:
    """The eighteenth symbol that belongs to seventeen others."""
    total = sum(
        ALPHABET.index(symbol) * weight for symbol, weight in zip(body, WEIGHTS, strict=True)
    )
    return ALPHABET[-total % 31]


def normalize(text: str) -> str:
    """The code in its one spelling; full-width, lower case, spaces and hyphens are accepted.

    Raises InvalidUscc. A code that a spreadsheet turned into a number (9.1E+17) has lost digits
    for good, so it is refused with a reason of its own instead of being guessed.
    """
    code = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", text)).upper()
    if not code:
        raise InvalidUscc("empty")
    if _FLOAT.fullmatch(re.sub(r"[\s]", "", unicodedata.normalize("NFKC", text)).upper()):
        raise InvalidUscc("spreadsheet")
    if len(code) != 18:
        raise InvalidUscc("length")
    if any(symbol not in ALPHABET for symbol in code):
        raise InvalidUscc("symbols")
    if not _SHAPE.fullmatch(code):
        raise InvalidUscc("place")
    if check_symbol(code[:17]) != code[17]:
        raise InvalidUscc("check")
    return code
