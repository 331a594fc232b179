"""What a quantity costs: an exact fraction of a fen, rounded once on the cumulative quantity.

Quantities are integers in base units; a price is an exact decimal in yuan for each `per_units` of
them.
"""

from decimal import Decimal
from fractions import Fraction

FEN_PER_YUAN = 100


class BadPrice(ValueError):
    """A price or quantity that cannot be rated: negative, not a number, or without a unit."""


def fen_ratio(price_yuan: Decimal, per_units: int) -> tuple[int, int]:
    """Price of one base unit in fen as two integers: numerator and denominator, exact.

    Raises BadPrice for a negative, infinite or NaN price and for `per_units` below one.
    """
    if not price_yuan.is_finite() or price_yuan < 0:
        raise BadPrice("a price is a finite decimal, not below zero")
    if per_units < 1:
        raise BadPrice("a price is stated for at least one unit")
    numerator, denominator = price_yuan.as_integer_ratio()
    return numerator * FEN_PER_YUAN, denominator * per_units


def rounded(numerator: int, denominator: int) -> int:
    """The one rounding of a price (half away from zero) in integers alone, for many at once.

    The same as common.rounding.round_half_up of the fraction, without making one.
    """
    if numerator < 0:
        return -rounded(-numerator, denominator)
    return (2 * numerator + denominator) // (2 * denominator)


def exact_fen(quantity: int, price_yuan: Decimal, per_units: int) -> Fraction:
    """Exact price of a quantity in fen, unrounded.

    A negative quantity (a correction) gives a negative price. Raises BadPrice as fen_ratio does.
    """
    numerator, denominator = fen_ratio(price_yuan, per_units)
    return Fraction(quantity * numerator, denominator)


def amount_fen(quantity: int, price_yuan: Decimal, per_units: int) -> int:
    """Price of a cumulative quantity in fen: rounded half up, once. Raises BadPrice."""
    numerator, denominator = fen_ratio(price_yuan, per_units)
    return rounded(quantity * numerator, denominator)


def delta_fen(before: int, added: int, price_yuan: Decimal, per_units: int) -> int:
    """What `added` units cost on top of `before`: the difference of two rounded cumulative amounts.

    So a million deltas of one unit sum to exactly what one million units cost.
    """
    after = amount_fen(before + added, price_yuan, per_units)
    return after - amount_fen(before, price_yuan, per_units)
