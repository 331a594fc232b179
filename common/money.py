"""Money: integer fen inside, exact decimal yuan at the edges; see common.rounding."""

import re
import unicodedata
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from common.errors import DomainError

MAX_FEN = 10**15
"""Ten trillion yuan: more is a typing error, and bigint sums stay far from overflow."""

_YUAN = re.compile(r"(?:0|[1-9][0-9]{0,13})(?:\.[0-9]{1,2})?")


class InvalidAmount(DomainError):
    """A text that is not an amount of yuan with at most two decimals."""

    code = "invalid_amount"


def parse_yuan(text: str) -> int:
    """Turn "1,234.56" (yuan; full-width digits and separators allowed) into fen.

    Refuses signs, exponents, NaN, more than two decimals and amounts above MAX_FEN.
    """
    normal = (
        unicodedata.normalize("NFKC", text).strip().lstrip("¥").replace(",", "").replace(" ", "")
    )
    if not _YUAN.fullmatch(normal):
        raise InvalidAmount(
            _("Enter an amount in yuan with at most two decimals, for example 1234.56."),
        )
    fen = int(Decimal(normal) * 100)
    if fen > MAX_FEN:
        raise InvalidAmount(_("The amount is too large. Check the number of digits."))
    return fen


def yuan(fen: int) -> Decimal:
    """Fen as exact yuan with two decimals."""
    return Decimal(fen).scaleb(-2).quantize(Decimal("0.01"))


def yuan_text(fen: int) -> str:
    """Fen as a plain decimal string such as "1234.56", for files and the API."""
    return format(yuan(fen), "f")
