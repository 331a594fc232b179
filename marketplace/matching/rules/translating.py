"""From what a firm wants done to what it consumes: volume times the scenario's stated coefficients.

Quantities are integers in base units. A fraction of a unit is rounded up, so that what is reserved
never falls short.
"""

from collections.abc import Collection, Mapping
from fractions import Fraction
from math import ceil


class BadCoefficient(ValueError):
    """A coefficient that is not a finite number above or at zero."""


def exact(coefficient: object) -> Fraction:
    """A coefficient as stated, exactly: an integer, or a decimal or fraction written as text.

    A JSON number with decimals is read by its shortest spelling: 0.1 means one tenth. Raises
    BadCoefficient.
    """
    if isinstance(coefficient, bool) or not isinstance(coefficient, int | float | str):
        raise BadCoefficient("a coefficient is a number")
    try:
        value = Fraction(str(coefficient))
    except (ValueError, ZeroDivisionError) as error:
        raise BadCoefficient("a coefficient is a finite number") from error
    if value < 0:
        raise BadCoefficient("a coefficient is not below zero")
    return value


def units_of(coefficients: Mapping[str, object], volume: int) -> dict[str, int]:
    """Base units per meter for a monthly volume; meters that need nothing are left out."""
    units = {meter: ceil(exact(stated) * volume) for meter, stated in sorted(coefficients.items())}
    return {meter: quantity for meter, quantity in units.items() if quantity > 0}


def unserved(units: Mapping[str, int], served: Collection[str]) -> tuple[str, ...]:
    """Meters the scenario needs and no offering of the chain sells: what the bundle lacks."""
    return tuple(sorted(meter for meter in units if meter not in served))
