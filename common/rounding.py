"""The one rounding function; free of any framework, so that rules may use it."""

from fractions import Fraction


def round_half_up(value: Fraction | int) -> int:
    """Round an exact number to the nearest integer, halves away from zero.

    The only rounding function of the product; always applied to a cumulative figure.
    """
    exact = Fraction(value)
    magnitude = (2 * abs(exact.numerator) + exact.denominator) // (2 * exact.denominator)
    return magnitude if exact >= 0 else -magnitude
