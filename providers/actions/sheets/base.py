"""What all subjects share: columns in words, cells read exactly, rows taken one by one."""

import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from common.errors import DomainError
from providers.actions import registrations
from providers.models import Meter
from providers.rules.tables import Row
from providers.rules.units import sold_unit

Text = str | Promise


class BadCell(DomainError):
    """A cell is missing or says nothing that is understood there; the message names the column."""

    code = "bad_cell"


class RowDiffers(DomainError):
    """What the row names is there already, with other figures that are not changed by file."""

    code = "row_differs"


class UnitMissing(BadCell):
    """A price or a capacity without its unit, or in another one than the meter's."""

    code = "price_without_unit"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name in files, what it holds, and whether every file has it."""

    name: str
    label: Text
    is_required: bool = False


class Subject(ABC):
    """One kind of file for one provider: how its rows are read, taken and written out."""

    name: ClassVar[str]
    title: ClassVar[Text]
    columns: ClassVar[tuple[Column, ...]]
    do_not_call_in_templates: ClassVar = True

    def __init__(self, by: Actor, at: datetime) -> None:
        self.by = by
        self.at = at
        self.provider = registrations.own(by=by)

    @classmethod
    def names(cls) -> list[str]:
        """The columns' names, in order."""
        return [column.name for column in cls.columns]

    @classmethod
    def required(cls) -> list[str]:
        """The columns that no file may leave out."""
        return [column.name for column in cls.columns if column.is_required]

    def group_of(self, row: Row) -> Hashable:
        """Rows with the same answer are taken together; each by itself unless stated."""
        return row.number

    @abstractmethod
    def take(self, rows: Sequence[Row]) -> tuple[str, bool]:
        """Take rows of one group: what they are about, and whether anything changed."""

    @abstractmethod
    def export(self) -> Iterator[Sequence[object]]:
        """Everything of the provider, as rows of the file."""


def text(row: Row, name: str, *, is_required: bool = False, longest: int = 300) -> str:
    """A text; raises BadCell."""
    found = row.cells.get(name, "")
    if is_required and not found:
        _refuse(name, _("Fill in this field."))
    if len(found) > longest:
        _refuse(name, _("The text is too long."))
    return found


def choice(row: Row, name: str, known: Sequence[str]) -> str:
    """One of the known names, in any case; raises BadCell naming them."""
    found = text(row, name, is_required=True).lower()
    if found not in known:
        _refuse(name, _("Enter one of: %(names)s.") % {"names": ", ".join(known)})
    return found


def exact(row: Row, name: str) -> Decimal:
    """An exact, finite number; full-width digits and thousands separators are fine."""
    raw = unicodedata.normalize("NFKC", text(row, name, is_required=True, longest=60))
    try:
        found = Decimal(raw.replace(",", "").lstrip("¥"))
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite():
        _refuse(name, _("Enter a number, for example 2.50."))
    return found


def scaled(row: Row, name: str, factor: int) -> int:
    """A number times a factor, which has to be whole: base units. Raises BadCell."""
    found = exact(row, name) * factor
    if abs(found) >= 2**62 or found != int(found):
        _refuse(name, _("Enter fewer decimals."))
    return int(found)


def whole(row: Row, name: str) -> int:
    """A whole number; 0 where the cell is empty."""
    return scaled(row, name, 1) if row.cells.get(name) else 0


def day(row: Row, name: str) -> date:
    """A civil day, also a month as 2026-10, which is its first day."""
    found = text(row, name, is_required=True, longest=40)
    try:
        return date.fromisoformat(f"{found}-01" if len(found) == len("2026-10") else found)
    except ValueError:
        _refuse(name, _("Enter a date, for example 2026-10-01."))
    raise AssertionError


def meter(row: Row) -> str:
    """A meter with its unit of price lists beside it; a number without a unit says nothing."""
    found = choice(row, "meter", Meter.values)
    unit = sold_unit(found).name
    if text(row, "unit").lower() != unit:
        message = _("State the unit in the column “unit”: %(unit)s.") % {"unit": unit}
        raise UnitMissing(message, errors={"unit": message})
    return found


def _refuse(name: str, message: Text) -> None:
    raise BadCell(f"{name}: {message}", errors={name: message})
