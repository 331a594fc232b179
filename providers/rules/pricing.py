"""What a quantity costs: an exact fraction of a fen, rounded once on the cumulative quantity.

Quantities are integers in base units; a price is an exact decimal in yuan for each `per_units` of
them.
"""

from decimal import Decimal
from fractions import Fraction

from common.rounding import round_half_up

FEN_PER_YUAN = 100


class BadPrice(ValueError):
    """A price or quantity that cannot be rated: negative, not a number, or without a unit."""


def exact_fen(quantity: int, price_yuan: Decimal, per_units: int) -> Fraction:
    """Exact price of a quantity in fen, unrounded.

    A negative quantity (a correction) gives a negative price. Raises BadPrice for a negative,
    infinite or NaN price and for `per_units` below one.
    """
    if not price_yuan.is_finite() or price_yuan < 0:
        raise BadPrice("a price is a finite decimal, not below zero")
    if per_units < 1:
        raise BadPrice("a price is stated for at least one unit")
    return Fraction(quantity) * Fraction(price_yuan) * FEN_PER_YUAN / per_units


def amount_fen(quantity: int, price_yuan: Decimal, per_units: int) -> int:
    """Price of a cumulative quantity in fen: rounded half up, once."""
    return round_half_up(exact_fen(quantity, price_yuan, per_units))


def delta_fen(before: int, added: int, price_yuan: Decimal, per_units: int) -> int:
    """What `added` units cost on top of `before`: the difference of two rounded cumulative amounts.

    So a million deltas of one unit sum to exactly what one million units cost.
    """
    after = amount_fen(before + added, price_yuan, per_units)
    return after - amount_fen(before, price_yuan, per_units)
