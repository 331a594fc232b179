"""Real cost of a unit against the promised one, in exact fractions of a fen."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Amount:
    """What some base units of a meter cost, in fen before vouchers."""

    units: int
    amount_fen: int


@dataclass(frozen=True, slots=True)
class UnitCost:
    """One meter: billed for what was used, and what the same use would have cost as promised."""

    meter: str
    used: Amount
    promised: Amount

    @property
    def promised_fen(self) -> Fraction:
        """What the use would have cost at the promised cost of a unit."""
        return Fraction(self.promised.amount_fen * self.used.units, self.promised.units)


def compared(used: Mapping[str, Amount], promised: Mapping[str, Amount]) -> tuple[UnitCost, ...]:
    """Meters that were both promised and used, by name. What was never promised has no promise to keep."""
    return tuple(
        UnitCost(meter, used[meter], promised[meter])
        for meter in sorted(used)
        if meter in promised and used[meter].units > 0 and promised[meter].units > 0
    )


def totals(costs: Iterable[UnitCost]) -> tuple[int, int]:
    """Billed and promised for the same use, in fen; the promised sum rounded half up once."""
    rows = list(costs)
    billed = sum(row.used.amount_fen for row in rows)
    promised = sum((row.promised_fen for row in rows), start=Fraction(0))
    return billed, int(promised + Fraction(1, 2))


def per_volume(
    costs: Iterable[UnitCost], coefficients: Mapping[str, int], volume: int
) -> tuple[Fraction, Fraction]:
    """Real and promised fen for so much of the scenario's volume, at its stated coefficients."""
    rows = [row for row in costs if row.meter in coefficients]
    real = (
        Fraction(row.used.amount_fen * coefficients[row.meter] * volume, row.used.units)
        for row in rows
    )
    promised = (
        Fraction(row.promised.amount_fen * coefficients[row.meter] * volume, row.promised.units)
        for row in rows
    )
    return sum(real, start=Fraction(0)), sum(promised, start=Fraction(0))
