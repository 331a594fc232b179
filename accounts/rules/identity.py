"""One key for one human: a keyed digest of the resident identity number (GB 11643-1999).

Identity numbers have little entropy, so a plain hash could be turned back; the number itself is
never stored.
"""

import hashlib
import hmac
import re
import unicodedata

_SHAPE = re.compile(r"[1-9][0-9]{5}(?:19|20)[0-9]{2}[01][0-9][0-3][0-9][0-9]{3}[0-9X]", re.ASCII)
_WEIGHTS = tuple(pow(2, 17 - place, 11) for place in range(17))
_CHECKS = "10X98765432"


class InvalidIdentityNumber(ValueError):
    """Not a resident identity number."""


def normalize(text: str) -> str:
    """The 18 symbols; full-width spelling and spaces are accepted. Raises InvalidIdentityNumber."""
    number = re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).upper()
    if not _SHAPE.fullmatch(number):
        raise InvalidIdentityNumber
    if check_symbol(number[:17]) != number[17]:
        raise InvalidIdentityNumber
    return number


def check_symbol(body: str) -> str:
    """The eighteenth symbol that belongs to the first seventeen digits."""
    total = sum(int(digit) * weight for digit, weight in zip(body, _WEIGHTS, strict=True))
    return _CHECKS[total % 11]


def person_key(number: str, secret: str) -> str:
    """Equal for equal numbers, useless without the secret; 64 hexadecimal digits."""
    return hmac.new(secret.encode(), normalize(number).encode(), hashlib.sha256).hexdigest()
