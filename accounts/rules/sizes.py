"""Size of an enterprise by the national SME standard, with the bound that decided.

工信部联企业〔2011〕300号, mapped to GB/T 4754-2017 by 国统字〔2017〕213号. For large, medium and
small in turn: every listed lower bound reached gives that level; else micro. Printed ranges are
never tested. An industry that the standard does not list is not covered: a person decides.
"""

import json
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType

from accounts.rules import industries

CURRENT = "cn-2011-300"
LARGE, MEDIUM, SMALL, MICRO, NOT_COVERED = "large", "medium", "small", "micro", "not_covered"
LEVELS = (LARGE, MEDIUM, SMALL)
FEN_PER_WAN_YUAN = 1_000_000
"""Bounds of money are printed in units of ten thousand yuan."""

_FILES = MappingProxyType({CURRENT: "sme_size_2011.json"})


class MissingIndicator(ValueError):
    """The row needs a figure that is not given; `indicator` is employees, revenue or assets."""

    def __init__(self, indicator: str) -> None:
        super().__init__(indicator)
        self.indicator = indicator


class TooCoarse(ValueError):
    """The major class is split by the standard: three digits are needed (59 and 70)."""


@dataclass(frozen=True, slots=True)
class Bound:
    """One lower bound; `minimum` is persons, or fen for revenue and assets."""

    indicator: str
    minimum: int


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the standard: its industries and the bounds of each level."""

    id: str
    name: str
    name_en: str
    industries: tuple[str, ...]
    bounds: MappingProxyType[str, tuple[Bound, ...]]

    @property
    def indicators(self) -> tuple[str, ...]:
        """What the row looks at, in printed order."""
        return tuple(bound.indicator for bound in self.bounds[SMALL])


@dataclass(frozen=True, slots=True)
class Standard:
    """One edition of the standard."""

    id: str
    effective_from: date
    documents: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """One bound that was looked at, the figure it met, and whether it was reached."""

    level: str
    indicator: str
    minimum: int
    saw: int

    @property
    def is_reached(self) -> bool:
        """Bounds are reached by equality."""
        return self.saw >= self.minimum


@dataclass(frozen=True, slots=True)
class Sizing:
    """The level and every bound looked at, largest level first; `row` is None when not covered."""

    level: str
    standard: str
    row: Row | None
    seen: tuple[Seen, ...]

    @property
    def decided_by(self) -> tuple[Seen, ...]:
        """The bounds that kept the firm out of the next larger level; for large, all it reached."""
        if self.level == LARGE:
            return self.seen
        last = self.seen[-1].level if self.seen else ""
        above = last if self.level == MICRO else _above(self.level)
        return tuple(each for each in self.seen if each.level == above and not each.is_reached)


def _above(level: str) -> str:
    return LEVELS[LEVELS.index(level) - 1] if level in LEVELS[1:] else ""


def _bound(indicator: str, printed: int) -> Bound:
    return Bound(indicator, printed if indicator == "employees" else printed * FEN_PER_WAN_YUAN)


@cache
def standard(standard_id: str = CURRENT) -> Standard:
    """One edition by its id; KeyError for an unknown one."""
    path = Path(__file__).parent / "data" / _FILES[standard_id]
    data = json.loads(path.read_text(encoding="utf-8"))
    rows = tuple(
        Row(
            id=row["id"],
            name=row["name"],
            name_en=row["name_en"],
            industries=tuple(row["industries"]),
            bounds=MappingProxyType(
                {
                    level: tuple(_bound(name, printed) for name, printed in bounds.items())
                    for level, bounds in row["bounds"].items()
                }
            ),
        )
        for row in data["rows"]
    )
    effective_from = date.fromisoformat(data["effective_from"])
    return Standard(data["standard"], effective_from, tuple(data["documents"]), rows)


def row_of(industry: str, standard_id: str = CURRENT) -> Row | None:
    """The row of an industry, by the longest code that matches; None when not covered.

    Raises industries.InvalidIndustry, and TooCoarse where two digits leave the row open.
    """
    digits = industries.normalize(industry)
    if digits in industries.SPLIT:
        raise TooCoarse(digits)
    keys = {industries.section_of(digits).letter, digits[:2], digits[:3]}
    for row in standard(standard_id).rows:
        if keys & set(row.industries):
            return row
    return None


def classify(
    *,
    industry: str,
    employees: int | None,
    revenue_fen: int | None,
    assets_fen: int | None,
    standard_id: str = CURRENT,
) -> Sizing:
    """The level of a firm; exact, money in fen.

    Figures that the row does not look at may be absent. Raises MissingIndicator, TooCoarse,
    industries.InvalidIndustry.
    """
    row = row_of(industry, standard_id)
    if row is None:
        return Sizing(NOT_COVERED, standard_id, None, ())
    figures = {"employees": employees, "revenue": revenue_fen, "assets": assets_fen}
    seen: list[Seen] = []
    for level in LEVELS:
        looked = [_look(level, bound, figures[bound.indicator]) for bound in row.bounds[level]]
        seen += looked
        if all(each.is_reached for each in looked):
            return Sizing(level, standard_id, row, tuple(seen))
    return Sizing(MICRO, standard_id, row, tuple(seen))


def _look(level: str, bound: Bound, saw: int | None) -> Seen:
    if saw is None:
        raise MissingIndicator(bound.indicator)
    return Seen(level, bound.indicator, bound.minimum, saw)
